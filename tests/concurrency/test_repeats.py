"""The same thing twice at the same moment has its effect once; without its guard, twice."""

from functools import partial
from threading import Barrier

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import insert, select, text

from tests.concurrency.crowd import call_at_once
from tests.concurrency.invariants import broken_rules
from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.fakes import OneAtATimeGateway
from tests.notices import make_notice
from tests.purchases import LINKS
from webapp.database import db
from webapp.domain import outbox, stock, tickets, webhooks
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.models import (
    Checkout,
    Order,
    OrderStatus,
    Outbox,
    Payment,
    PaymentStatus,
    Ticket,
    WebhookEvent,
)
from webapp.transaction import transaction

AT_ONCE = 8
NOTICE = make_notice("evt_1", "checkout.session.completed", "cs_test_1")


@pytest.fixture
def gateway(clock):
    return OneAtATimeGateway(clock)


@pytest.fixture
def tier(app):
    return make_tier(make_event(), capacity=20)


@pytest.fixture
def checkout(tier) -> Checkout:
    return make_checkout((tier, 2))


@pytest.fixture
def paid(checkout, gateway, ports) -> Order:
    """Paid at the gateway; we have not looked yet."""
    start = start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    gateway.pay("cs_test_1")
    return db.session.query(Order).filter_by(number=start.order_number).one()


@pytest.fixture
def settled(paid, ports) -> Order:
    sync_order_payment(order_id=paid.id, ports=ports)
    return paid


def count(model) -> int:
    db.session.rollback()
    return db.session.query(model).count()


def deliver() -> bool:
    with transaction():
        return webhooks.record_notice(provider="stripe", notice=NOTICE, now=NOW, trace_id="t")


def deliver_after_a_look(everybody: Barrier) -> bool:
    """The negative control: a look beforehand instead of the unique (provider, event id)."""
    with transaction():
        query = select(WebhookEvent.id).where(WebhookEvent.event_id == NOTICE.event_id)
        is_known = db.session.scalar(query) is not None
        everybody.wait()
        if is_known:
            return False
        event = WebhookEvent(
            provider="stripe",
            event_id=NOTICE.event_id,
            type=NOTICE.type,
            object_id=NOTICE.object_id,
            livemode=False,
            payload={},
            received_at=NOW,
        )
        db.session.add(event)
        db.session.flush()
        outbox.add_work(
            kind=outbox.PROCESS_WEBHOOK_EVENT,
            subject_id=event.id,
            key=str(event.id),
            now=NOW,
            trace_id="t",
        )
        return True


def test_one_event_delivered_at_the_same_moment_is_one_piece_of_work(crowd):
    outcomes = call_at_once(crowd, [deliver] * AT_ONCE)

    assert sorted(outcomes.answers) == [False] * (AT_ONCE - 1) + [True]
    assert (count(WebhookEvent), count(Outbox)) == (1, 1)


def test_control_without_the_unique_event_id_the_work_is_doubled(unguarded):
    crowd, everybody = unguarded("webhook_events"), Barrier(2, timeout=30)

    outcomes = call_at_once(crowd, [partial(deliver_after_a_look, everybody)] * 2)

    assert outcomes.answers == [True, True]
    assert count(Outbox) == 2


def test_looks_at_the_same_moment_sell_the_seats_once(crowd, paid, ports):
    look = partial(sync_order_payment, order_id=paid.id, ports=ports)

    outcomes = call_at_once(crowd, [look] * AT_ONCE)

    assert outcomes.refusals == []
    db.session.refresh(paid)
    assert paid.status is OrderStatus.PAID
    assert [row.to_status for row in paid.transitions].count(OrderStatus.PAID) == 1
    assert broken_rules() == []


def sell_after_a_look(order_id: int, pool_id: int, everybody: Barrier) -> None:
    """The negative control: :func:`payments.sync_payment` without the row locks."""
    with transaction():
        payment = db.session.query(Payment).filter_by(order_id=order_id).one()
        is_settled = payment.status is PaymentStatus.SUCCEEDED
        everybody.wait()
        if not is_settled:
            payment.status = PaymentStatus.SUCCEEDED
            stock.sell_held({pool_id: 2})


def test_control_without_the_row_lock_the_seats_are_sold_twice(unguarded, tier, paid):
    crowd, everybody = unguarded("pools"), Barrier(2, timeout=30)
    pool_id = tier.pools[0].id

    call_at_once(crowd, [partial(sell_after_a_look, paid.id, pool_id, everybody)] * 2)

    counters = text("SELECT held, sold FROM unguarded.pools WHERE id = :id")
    assert db.session.execute(counters, {"id": pool_id}).one() == (-2, 4)


def issue(order_id: int) -> None:
    with transaction():
        tickets.issue_tickets(order_id=order_id, now=NOW, trace_id="t")


def issue_after_a_look(order_id: int, everybody: Barrier) -> None:
    """The negative control: :func:`tickets.issue_tickets` without the order's lock."""
    with transaction():
        order = db.session.get_one(Order, order_id)
        is_fulfilled = order.fulfilled_at is not None
        everybody.wait()
        if is_fulfilled:
            return
        last = tickets._take_serials(event_id=order.event_id, count=2)
        for unit_no in (1, 2):
            facts = {
                "order_id": order.id,
                "order_item_id": order.items[0].id,
                "unit_no": unit_no,
                "event_id": order.event_id,
                "tier_id": order.items[0].tier_id,
                "code": tickets.new_ticket_code(),
                "serial_number": f"EVE{last - 2 + unit_no:03d}",
                "status": "valid",
                "issued_at": NOW,
            }
            db.session.execute(insert(Ticket).values(**facts, attendee_name=""))
        order.fulfilled_at = NOW


def test_issuing_at_the_same_moment_makes_one_ticket_a_unit(crowd, settled):
    outcomes = call_at_once(crowd, [partial(issue, settled.id)] * AT_ONCE)

    assert outcomes.refusals == []
    assert count(Ticket) == 2
    assert broken_rules() == []


def test_control_without_the_orders_lock_the_unique_unit_stops_the_second_ticket(crowd, settled):
    everybody = Barrier(2, timeout=30)

    outcomes = call_at_once(crowd, [partial(issue_after_a_look, settled.id, everybody)] * 2)

    assert [type(fault.orig) for fault in outcomes.refusals] == [UniqueViolation]
    assert count(Ticket) == 2


def test_control_without_lock_and_unique_unit_tickets_are_doubled(unguarded, settled):
    crowd, everybody = unguarded("tickets"), Barrier(2, timeout=30)

    call_at_once(crowd, [partial(issue_after_a_look, settled.id, everybody)] * 2)

    assert db.session.scalar(text("SELECT count(*) FROM unguarded.tickets")) == 4
