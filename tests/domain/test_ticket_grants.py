"""Whoever sees a ticket is told of it, and nobody else, however it came or went."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories import NOW, make_event, make_tier
from tests.issued import TRACE, give_away, make_issued_order, tickets_of
from tests.phones import keep_on_phone, subscribe
from webapp.database import db
from webapp.domain import push_messages, ticket_access
from webapp.domain.ticket_access import SeenStatus
from webapp.models import AddOnCheckout, Order, PushMessage, Ticket, WalletCopy
from webapp.transaction import transaction


def seen_as_own(copy: WalletCopy) -> set[int]:
    found = ticket_access.list_wallet_tickets(
        wallet_id=copy.wallet_id, ended_after=NOW - timedelta(days=30)
    )
    return {each.ticket.id for each in found if each.status is SeenStatus.VALID}


def told_of(endpoint: str) -> set[int]:
    """The tickets whose present holder's phones are told, as far as this one is."""
    with transaction():
        for ticket in db.session.scalars(db.select(Ticket)).all():
            push_messages.queue_push(
                kind=push_messages.TICKET_RECEIVED,
                ticket_id=ticket.id,
                holder_no=ticket.holder_no,
                now=NOW,
                trace_id=TRACE,
            )
    rows = db.session.query(PushMessage)
    return {row.ticket_id for row in rows if row.subscription.endpoint == endpoint}


def _kept(order: Order, copy: WalletCopy) -> None:
    """Nothing happens to it."""


def _given_away(order: Order, copy: WalletCopy) -> None:
    give_away(tickets_of(order)[0], "friend@example.com")


def _given_back(order: Order, copy: WalletCopy) -> None:
    ticket = tickets_of(order)[0]
    give_away(ticket, "friend@example.com")
    give_away(ticket, order.contact_email)
    keep_on_phone(ticket, copy=copy)


def _links_revoked(order: Order, copy: WalletCopy) -> None:
    order.link_version += 1
    db.session.commit()


def _revoked_where_one_came_by_itself(order: Order, copy: WalletCopy) -> None:
    keep_on_phone(tickets_of(order)[0], copy=copy)
    _links_revoked(order, copy)


def _revoked_after_one_came_back(order: Order, copy: WalletCopy) -> None:
    _given_back(order, copy)
    _links_revoked(order, copy)


def _added_to(order: Order, copy: WalletCopy) -> None:
    further = make_issued_order((make_tier(order.event), 1), email=order.contact_email)
    db.session.add(AddOnCheckout(checkout_id=further.checkout_id, order_id=order.id))
    db.session.commit()


STORIES: dict[Callable[[Order, WalletCopy], None], int] = {
    _kept: 2,
    _given_away: 1,
    _given_back: 2,
    _links_revoked: 0,
    _revoked_where_one_came_by_itself: 0,
    _revoked_after_one_came_back: 1,
    _added_to: 2,
}


@pytest.mark.parametrize(
    ("happen", "count"), STORIES.items(), ids=lambda each: getattr(each, "__name__", None)
)
def test_who_sees_a_ticket_as_their_own_is_told_of_it(app, happen, count):
    order = make_issued_order((make_tier(make_event()), 2))
    copy = keep_on_phone(order)
    endpoint = subscribe(copy)
    # Somebody else's, who sees and hears nothing of all this.
    stranger = keep_on_phone(make_issued_order((make_tier(make_event()), 1), email="z@example.com"))
    strangers = subscribe(stranger)
    happen(order, copy)

    own = seen_as_own(copy)

    assert len(own) == count
    assert told_of(endpoint) == own
    assert told_of(strangers) == seen_as_own(stranger)
    assert not own & seen_as_own(stranger)
