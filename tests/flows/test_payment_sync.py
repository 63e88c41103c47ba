"""Money in: one paid order with its seats and tickets, however often one looks."""

import pytest

from tests.factories import NOW, make_checkout
from tests.flows.outcomes import issue, mail_kinds, sync, the_order
from tests.purchases import counters
from webapp.database import db
from webapp.domain import checkouts, orders, outbox
from webapp.domain.payments import list_overdue_orders
from webapp.models import (
    CheckoutStatus,
    OrderStatus,
    Outbox,
)
from webapp.payment_refusals import PaymentUnavailable
from webapp.ports import GatewayUnavailable

pytestmark = pytest.mark.usefixtures("app")


def test_paid_session_makes_a_paid_order_with_sold_seats(checkout, gateway, buyer, ports, pool):
    gateway.pay(buyer.session_of(checkout))

    order = sync(checkout, ports)

    assert (order.status, order.paid_at) == (OrderStatus.PAID, NOW)
    assert counters(pool) == (0, 2)
    assert checkouts.get_checkout(reference=checkout.reference).status is CheckoutStatus.CONVERTED
    assert [t.to_status for t in order.transitions] == ["pending", "paid"]


def test_looking_again_changes_nothing(checkout, gateway, buyer, ports, pool):
    gateway.pay(buyer.session_of(checkout))

    for _ in range(5):
        order = sync(checkout, ports)
        issue(order)

    assert counters(pool) == (0, 2)
    assert len(orders.list_tickets(order_id=order.id)) == 2
    assert mail_kinds() == ["order_confirmation"]
    assert len(order.transitions) == 2


def test_tickets_are_numbered_in_a_row_and_carry_codes_of_their_own(tier, gateway, buyer, ports):
    tickets = []
    for _ in range(2):
        checkout = make_checkout((tier, 2))
        gateway.pay(buyer.session_of(checkout))
        order = sync(checkout, ports)
        issue(order)
        tickets += orders.list_tickets(order_id=order.id)

    assert [t.serial_number for t in tickets] == ["EVE001", "EVE002", "EVE003", "EVE004"]
    assert len({t.code for t in tickets}) == 4
    assert {len(t.code) for t in tickets} == {16}


def test_seats_go_back_only_after_the_gateways_word(checkout, gateway, buyer, clock, ports, pool):
    buyer.start(checkout)
    clock.advance(minutes=40)
    gateway.is_down = True
    with pytest.raises(GatewayUnavailable):
        sync(checkout, ports)
    assert counters(pool) == (2, 0)
    gateway.is_down = False

    order = sync(checkout, ports)

    assert order.status is OrderStatus.EXPIRED
    assert counters(pool) == (0, 0)


def test_overdue_attempts_are_found_for_the_gateways_word(checkout, buyer, clock, ports):
    buyer.start(checkout)
    clock.advance(minutes=1)
    assert list_overdue_orders(now=clock(), limit=10) == []
    clock.advance(minutes=31)

    assert list_overdue_orders(now=clock(), limit=10) == [the_order(checkout).id]
    sync(checkout, ports)
    assert list_overdue_orders(now=clock(), limit=10) == []


def test_attempt_that_nobody_was_sent_to_is_closed_after_its_time(
    checkout, gateway, buyer, clock, ports, pool
):
    gateway.is_down = True
    with pytest.raises(PaymentUnavailable):
        buyer.start(checkout)
    gateway.is_down = False
    clock.advance(minutes=37)

    order = sync(checkout, ports)

    assert order.status is OrderStatus.EXPIRED
    assert counters(pool) == (0, 0)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ({"amount_cents": 1}, "amount_differs"),
        ({"currency": "EUR"}, "currency_differs"),
        ({"livemode": True}, "livemode_differs"),
    ],
)
def test_money_that_was_not_asked_for_like_that_goes_to_a_person(
    checkout, gateway, buyer, ports, pool, seen, reason
):
    gateway.pay(buyer.session_of(checkout), **seen)

    order = sync(checkout, ports)

    assert (order.status, order.review_reason) == (OrderStatus.NEEDS_REVIEW, reason)
    assert orders.list_tickets(order_id=order.id) == []
    assert counters(pool) == (2, 0)


def test_bank_that_takes_days_is_asked_about_now_and_then(checkout, gateway, buyer, ports, clock):
    gateway.start_delayed(buyer.session_of(checkout))
    sync(checkout, ports)
    clock.advance(days=1)
    sync(checkout, ports)

    clock.advance(seconds=119)
    assert list_overdue_orders(now=clock(), limit=10) == []
    clock.advance(seconds=1)
    assert list_overdue_orders(now=clock(), limit=10) == [the_order(checkout).id]


def test_delayed_method_gives_tickets_when_the_money_is_there(
    checkout, gateway, buyer, ports, pool, clock
):
    session_id = buyer.session_of(checkout)
    gateway.start_delayed(session_id)
    assert sync(checkout, ports).status is OrderStatus.PROCESSING
    clock.advance(days=3)
    assert counters(pool) == (2, 0)

    gateway.settle_delayed(session_id, succeeds=True)

    assert sync(checkout, ports).status is OrderStatus.PAID
    assert counters(pool) == (0, 2)


def test_delayed_method_that_fails_gives_the_seats_back(checkout, gateway, buyer, ports, pool):
    session_id = buyer.session_of(checkout)
    gateway.start_delayed(session_id)
    sync(checkout, ports)

    gateway.settle_delayed(session_id, succeeds=False)
    for _ in range(2):
        order = sync(checkout, ports)

    assert order.status is OrderStatus.FAILED
    assert counters(pool) == (0, 0)
    assert mail_kinds() == ["payment_failed"]


def test_refused_arrow_is_our_bug(checkout, gateway, buyer, ports):
    gateway.pay(buyer.session_of(checkout))
    order = sync(checkout, ports)

    with pytest.raises(ValueError, match="not allowed"):
        orders.move_order(order, OrderStatus.PENDING, actor="test", now=NOW, trace_id="t")
    db.session.rollback()


def test_history_refuses_to_be_rewritten(checkout, buyer):
    buyer.start(checkout)

    with pytest.raises(Exception, match="append-only"):
        db.session.execute(db.text("UPDATE order_transitions SET actor = 'me'"))
    db.session.rollback()


def test_paid_order_makes_issuing_due_in_the_same_commit(checkout, gateway, buyer, ports, doorbell):
    gateway.pay(buyer.session_of(checkout))
    order = sync(checkout, ports)

    work = db.session.scalars(db.select(Outbox)).one()
    assert (work.kind, work.subject_id) == (outbox.ISSUE_TICKETS, order.id)
    assert doorbell.rings == [("orders", work.id)]
    assert doorbell.urgent == [work.id]
