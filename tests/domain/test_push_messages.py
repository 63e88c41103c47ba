"""Messages to phones: to wallets that hold the ticket now, once, and in time."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_event, make_tier
from tests.issued import TRACE, give_away, make_issued_order, refund, tickets_of
from tests.phones import keep_on_phone, subscribe
from webapp.database import db
from webapp.domain import outbox, push_messages
from webapp.models import EventStatus, Occurrence, Outbox, PushMessage
from webapp.transaction import transaction

STARTS = NOW + timedelta(days=30)
SOON = STARTS - timedelta(hours=1)


@pytest.fixture
def event(app):
    return make_event()


@pytest.fixture
def order(event):
    return make_issued_order((make_tier(event, occurrences=list(event.occurrences)), 2))


def tell(now=SOON, limit: int = 100) -> list[str]:
    """Addresses that a turn at ``now`` writes messages for."""
    before = set(db.session.scalars(db.select(PushMessage.id)))
    with transaction():
        push_messages.write_beginning(
            now=now, trace_id=TRACE, limit=limit, spacing=timedelta(seconds=1)
        )
    rows = db.session.query(PushMessage).order_by(PushMessage.id)
    return [row.subscription.endpoint for row in rows if row.id not in before]


def push(kind: str, ticket, holder_no: int) -> int:
    with transaction():
        return push_messages.queue_push(
            kind=kind, ticket_id=ticket.id, holder_no=holder_no, now=NOW, trace_id=TRACE
        )


def test_a_phone_is_told_an_hour_before_once_for_all_its_tickets(order):
    endpoint = subscribe(keep_on_phone(order))

    assert tell(SOON - timedelta(seconds=1)) == []
    assert tell(SOON) == [endpoint]
    assert tell(SOON + timedelta(minutes=5)) == []
    message = db.session.query(PushMessage).one()
    assert message.kind == push_messages.DOORS_OPEN
    assert message.ticket_id == tickets_of(order)[0].id
    assert message.moment == message.expires_at == STARTS
    work = db.session.query(Outbox).one()
    assert (work.kind, work.subject_id) == (outbox.SEND_PUSH, message.id)


def test_a_late_turn_tells_until_the_start_and_never_after(order):
    subscribe(keep_on_phone(order))

    assert tell(STARTS) == []
    assert len(tell(STARTS - timedelta(minutes=1))) == 1


def test_every_phone_of_a_wallet_is_told_that_asked_for_it(order):
    first, _silent = keep_on_phone(order), keep_on_phone(order)
    other = keep_on_phone(order)
    told = {subscribe(first), subscribe(other)}

    assert set(tell()) == told


def test_each_part_that_begins_is_told_of_on_its_own_to_who_may_enter(event, app):
    event.ends_at = STARTS + timedelta(days=2)
    sunday = Occurrence(
        name="Sunday", starts_at=STARTS + timedelta(days=1), ends_at=STARTS + timedelta(days=2)
    )
    event.occurrences.append(sunday)
    friday_only = make_issued_order((make_tier(event, occurrences=[event.occurrences[0]]), 1))
    both_days = make_issued_order(
        (make_tier(event, occurrences=[event.occurrences[0], sunday]), 1), email="b@example.com"
    )
    one, two = subscribe(keep_on_phone(friday_only)), subscribe(keep_on_phone(both_days))

    assert set(tell()) == {one, two}
    assert tell(SOON + timedelta(days=1)) == [two]


def test_a_tier_that_opens_no_part_begins_with_its_event(event, app):
    endpoint = subscribe(keep_on_phone(make_issued_order((make_tier(event), 1))))

    assert tell() == [endpoint]


def test_a_ticket_that_was_given_away_is_the_new_holders_news(order):
    buyer, friend = keep_on_phone(order), None
    subscribe(buyer)
    for ticket in tickets_of(order):
        give_away(ticket, "friend@example.com")
        friend = keep_on_phone(ticket, copy=friend)
    friends = subscribe(friend)

    assert tell() == [friends]


@pytest.mark.parametrize("change", ["refunded", "cancelled", "revoked", "removed"])
def test_who_holds_nothing_any_more_is_told_nothing(change, event, order):
    copy = keep_on_phone(order)
    subscribe(copy)
    if change == "refunded":
        refund(order, now=NOW)
    elif change == "cancelled":
        event.status = EventStatus.CANCELLED
    elif change == "revoked":
        order.link_version += 1
    else:
        db.session.delete(copy)
    db.session.commit()

    assert tell() == []


def test_a_batch_is_spread_over_time_and_the_rest_comes_next(order):
    for _ in range(3):
        subscribe(keep_on_phone(order))

    assert len(tell(limit=2)) == 2
    assert [row.due_at for row in db.session.query(Outbox).order_by(Outbox.id)] == [
        SOON,
        SOON + timedelta(seconds=1),
    ]
    assert len(tell(limit=2)) == 1


def test_a_transfer_tells_the_giver_and_the_taker_once_each(order):
    ticket = tickets_of(order)[0]
    givers = subscribe(keep_on_phone(order))
    give_away(ticket, "friend@example.com")
    takers = subscribe(keep_on_phone(ticket))

    told = [
        push(push_messages.TICKET_GIVEN, ticket, 1),
        push(push_messages.TICKET_RECEIVED, ticket, 2),
        push(push_messages.TICKET_GIVEN, ticket, 1),
        push(push_messages.TICKET_RECEIVED, ticket, 2),
    ]

    assert told == [1, 1, 0, 0]
    rows = db.session.query(PushMessage).order_by(PushMessage.id)
    assert [(row.kind, row.subscription.endpoint) for row in rows] == [
        (push_messages.TICKET_GIVEN, givers),
        (push_messages.TICKET_RECEIVED, takers),
    ]
