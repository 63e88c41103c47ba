"""Every change of a ticket reaches its passes: at once where it is said, by the sweep where not."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from jobs.runtime import perform
from tests.blueprints.statements import count_queries
from tests.factories import NOW
from tests.issued import make_order
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import orders, outbox, pass_updates, passes
from webapp.flows.payments import sync_order_payment
from webapp.models import (
    Event,
    Occurrence,
    Order,
    OrderItem,
    Outbox,
    SigningKey,
    Ticket,
    TicketStatus,
    WalletPass,
)
from webapp.models.event import tier_occurrences
from webapp.transaction import transaction

TRACE = "0" * 32


def take(ticket, now) -> WalletPass:
    with transaction():
        return passes.take_pass(ticket=ticket, now=now, trace_id=TRACE)


def register(wallet_pass, now, phone: str = "phone-0001") -> None:
    with transaction():
        passes.register_phone(
            wallet_pass=wallet_pass, phone=phone, push_token="ab" * 32, now=now, trace_id=TRACE
        )


def sweep(now, limit: int = 100) -> int:
    with transaction():
        return pass_updates.sweep_passes(now=now, trace_id=TRACE, limit=limit)


def fresh(wallet_pass) -> WalletPass:
    db.session.expire_all()
    return db.session.get_one(WalletPass, wallet_pass.id)


@pytest.fixture
def wallet_pass(app, clock) -> WalletPass:
    taken = take(orders.list_tickets(order_id=make_order(clock).id)[0], clock())
    register(taken, clock())
    clock.advance(minutes=5)
    return taken


def change(model, **values) -> None:
    db.session.query(model).update(values)
    db.session.commit()


CHANGES = {
    "void": lambda: change(Ticket, status=TicketStatus.VOID),
    "re-issued": lambda: change(Ticket, revision=2),
    "renamed": lambda: change(Ticket, attendee_name="Grace Example"),
    "other code": lambda: change(Ticket, code=Ticket.code + "X"),
    "passed on": lambda: change(Ticket, holder_no=2),
    "other tier name": lambda: change(OrderItem, name="Balcony"),
    "title": lambda: change(Event, title="Another evening"),
    "moved in time": lambda: change(Event, starts_at=NOW + timedelta(days=29)),
    "moved in place": lambda: change(Event, venue_address="2 Example Street"),
    "directions": lambda: change(Event, venue_note="Ring three times"),
    "colour": lambda: change(Event, colour="#123456"),
    "language": lambda: change(Order, locale="de"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_sweep_finds_what_nobody_said(wallet_pass, clock, name):
    before = wallet_pass.changed_at
    assert sweep(clock()) == 0

    CHANGES[name]()

    assert [sweep(clock()), sweep(clock())] == [1, 0]
    assert fresh(wallet_pass).changed_at > before
    assert work_of(outbox.WAKE_PHONES).subject_id == wallet_pass.id


def test_new_part_of_the_programme_is_found(wallet_pass, clock):
    event = wallet_pass.ticket.order.event
    part = Occurrence(
        event_id=event.id,
        name="Encore",
        starts_at=event.ends_at,
        ends_at=event.ends_at + timedelta(1),
    )
    db.session.add(part)
    db.session.flush()
    db.session.execute(
        insert(tier_occurrences).values(tier_id=wallet_pass.ticket.tier_id, occurrence_id=part.id)
    )
    db.session.commit()

    assert sweep(clock()) == 1


def add_key(key_no: int, clock) -> None:
    db.session.add(
        SigningKey(
            key_no=key_no,
            public_key=bytes(32),
            sealed_seed=b"sealed",
            created_at=clock(),
        )
    )
    db.session.commit()


def test_new_key_changes_no_pass_and_a_retired_one_does(wallet_pass, clock):
    # The first key was made with the ticket.
    assert wallet_pass.ticket.key_no == 1
    add_key(2, clock)
    after_new_key = sweep(clock())
    db.session.query(SigningKey).filter_by(key_no=1).update({"retired_at": clock()})
    db.session.commit()

    assert (after_new_key, sweep(clock())) == (0, 1)


def test_said_at_once_and_undone_with_its_transaction(wallet_pass, clock):
    shown = wallet_pass.shown
    with pytest.raises(RuntimeError), transaction():
        db.session.query(Ticket).update({"revision": 2})
        assert (
            pass_updates.note_tickets_changed(
                ticket_ids=[wallet_pass.ticket_id], now=clock(), trace_id=TRACE
            )
            == 1
        )
        raise RuntimeError

    assert fresh(wallet_pass).shown == shown
    assert db.session.query(Outbox).filter_by(kind=outbox.WAKE_PHONES).count() == 0


def test_tag_grows_by_a_second_at_least_with_every_change(wallet_pass, clock):
    tags = []
    for number in range(3):
        change(Ticket, attendee_name=f"Name {number}")
        sweep(clock())
        tags.append(fresh(wallet_pass).changed_at)

    assert tags[1] - tags[0] == tags[2] - tags[1] == timedelta(seconds=1)


def test_pass_that_is_on_no_phone_wakes_nobody(app, clock):
    take(orders.list_tickets(order_id=make_order(clock).id)[0], clock())
    clock.advance(minutes=5)
    change(Ticket, revision=2)

    assert sweep(clock()) == 1
    assert db.session.query(Outbox).filter_by(kind=outbox.WAKE_PHONES).count() == 0


def test_former_holder_is_not_woken_for_what_the_new_one_does(wallet_pass, clock):
    change(Ticket, holder_no=2)
    sweep(clock())
    change(Ticket, attendee_name="Grace Example", revision=9)

    assert sweep(clock()) == 0


def test_passes_of_events_long_over_are_left_alone(wallet_pass, clock):
    change(Ticket, revision=2)
    clock.now = wallet_pass.ticket.order.event.ends_at + pass_updates.KEPT_AFTER_EVENT

    assert sweep(clock()) == 0


def test_sweep_takes_so_many_and_comes_back_for_the_rest(wallet_pass, clock):
    take(orders.list_tickets(order_id=wallet_pass.ticket.order_id)[1], clock())
    clock.advance(minutes=5)
    change(Ticket, revision=2)

    assert [sweep(clock(), limit=1) for _ in range(3)] == [1, 1, 0]


def test_sweep_that_finds_nothing_asks_one_question_for_any_number(wallet_pass, clock):
    one = count_queries(lambda: sweep(clock()))
    for ticket in orders.list_tickets(order_id=make_order(clock).id):
        register(take(ticket, clock()), clock())

    assert count_queries(lambda: sweep(clock())) == one


def test_refund_of_everything_ends_the_passes_with_the_tickets(paid_order, ports, gateway, clock):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    taken = take(orders.list_tickets(order_id=paid_order.id)[0], clock())
    register(taken, clock())
    clock.advance(minutes=5)
    payment_id = next(iter(gateway.sessions.values())).payment_id
    gateway.refund_at_gateway(payment_id, paid_order.total_cents)

    sync_order_payment(order_id=paid_order.id, ports=ports)

    assert fresh(taken).changed_at == clock().replace(microsecond=0)
    assert work_of(outbox.WAKE_PHONES).subject_id == taken.id
