"""Passes that are taken, registered and changed by many at the same moment."""

import pytest
from sqlalchemy import update

from tests.concurrency.crowd import call_at_once
from tests.factories import NOW
from tests.issued import make_order
from webapp.database import db
from webapp.domain import orders, pass_updates, passes
from webapp.models import Outbox, PassRegistration, Ticket, WalletPass
from webapp.transaction import transaction

AT_ONCE = 8
TRACE = "0" * 32


def take(ticket_id: int) -> int:
    with transaction():
        ticket = db.session.get_one(Ticket, ticket_id)
        return passes.take_pass(ticket=ticket, now=NOW, trace_id=TRACE).id


def register(pass_id: int, phone: str = "phone-0001") -> bool | None:
    with transaction():
        return passes.register_phone(
            wallet_pass=db.session.get_one(WalletPass, pass_id),
            phone=phone,
            push_token="ab" * 32,
            now=NOW,
            trace_id=TRACE,
        )


def revise(ticket_id: int) -> int:
    with transaction():
        db.session.execute(
            update(Ticket).where(Ticket.id == ticket_id).values(revision=Ticket.revision + 1)
        )
        return pass_updates.note_tickets_changed(ticket_ids=[ticket_id], now=NOW, trace_id=TRACE)


def sweep() -> int:
    with transaction():
        return pass_updates.sweep_passes(now=NOW, trace_id=TRACE, limit=100)


@pytest.fixture
def ticket_ids(app, clock) -> list[int]:
    return [ticket.id for ticket in orders.list_tickets(order_id=make_order(clock).id)]


def test_one_ticket_taken_by_many_at_once_is_one_pass(crowd, ticket_ids):
    outcomes = call_at_once(crowd, [lambda: take(ticket_ids[0])] * AT_ONCE)

    assert outcomes.refusals == []
    assert len(set(outcomes.answers)) == 1
    assert db.session.query(WalletPass).count() == 1


def test_one_phone_that_registers_many_times_at_once_is_new_once(crowd, ticket_ids):
    pass_id = take(ticket_ids[0])

    outcomes = call_at_once(crowd, [lambda: register(pass_id)] * AT_ONCE)

    assert sorted(outcomes.answers) == [False] * (AT_ONCE - 1) + [True]
    assert db.session.query(PassRegistration).count() == 1


def test_changes_and_sweeps_at_once_end_with_every_pass_right(crowd, ticket_ids):
    for ticket_id in ticket_ids:
        register(take(ticket_id))
    changes = [lambda ticket_id=each: revise(ticket_id) for each in ticket_ids * AT_ONCE]

    outcomes = call_at_once(crowd, [*changes, *[sweep] * AT_ONCE])

    assert outcomes.refusals == []
    # Nothing is left to find: every pass shows its ticket's last revision.
    assert sweep() == 0
    assert db.session.query(Outbox).filter_by(kind="wake_phones").count() == len(ticket_ids)
