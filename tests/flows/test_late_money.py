"""Money that comes when nobody waits for it: seats again, or back it goes, once."""

import pytest

from tests.factories import make_checkout
from tests.flows.outcomes import (
    assert_all_went_back,
    issue,
    late_payment,
    run_refunds,
    sync,
    the_order,
)
from tests.purchases import counters
from webapp.database import db
from webapp.domain import orders, stock
from webapp.flows.payments import withdraw_payment
from webapp.models import (
    OrderStatus,
    Refund,
    RefundStatus,
    TicketStatus,
)
from webapp.ports import GatewayUnavailable

pytestmark = pytest.mark.usefixtures("app")


def test_late_money_takes_the_seats_again_when_they_are_left(
    checkout, gateway, buyer, clock, ports, pool
):
    late_payment(checkout, gateway, buyer, clock, ports)

    order = sync(checkout, ports)

    assert order.status is OrderStatus.PAID
    assert counters(pool) == (0, 2)


def test_late_money_without_seats_goes_back_once_with_one_apology(
    checkout, gateway, buyer, clock, ports, pool, tier
):
    late_payment(checkout, gateway, buyer, clock, ports)
    make_checkout((tier, 3), now=clock())

    for _ in range(3):
        sync(checkout, ports)
        run_refunds(ports)

    assert_all_went_back(the_order(checkout), gateway)
    assert counters(pool) == (3, 0)
    assert stock.count_mismatches() == []


def test_lost_answer_of_a_refund_gives_the_money_back_once(
    checkout, gateway, buyer, clock, ports, tier
):
    late_payment(checkout, gateway, buyer, clock, ports)
    make_checkout((tier, 3), now=clock())
    sync(checkout, ports)
    gateway.loses_answers = True
    with pytest.raises(GatewayUnavailable):
        run_refunds(ports)
    gateway.loses_answers = False

    run_refunds(ports)

    assert list(gateway.refunds) == ["re_1"]
    assert the_order(checkout).status is OrderStatus.REFUNDED


def test_second_payment_of_one_order_goes_back_and_the_tickets_stay(
    checkout, gateway, buyer, ports
):
    first = buyer.session_of(checkout)
    withdraw_payment(reference=checkout.reference, ports=ports)
    second = buyer.session_of(checkout)
    gateway.pay(second)
    order = sync(checkout, ports)
    issue(order)
    gateway._change(first, status="complete", payment_status="paid", payment_id="pi_first")

    sync(checkout, ports)
    run_refunds(ports)

    refund = db.session.scalars(db.select(Refund)).one()
    assert (refund.reason, refund.status) == ("duplicate_payment", RefundStatus.SUCCEEDED)
    assert the_order(checkout).status is OrderStatus.PAID
    assert {t.status for t in orders.list_tickets(order_id=order.id)} == {TicketStatus.VALID}
    assert gateway.kept_cents() == order.total_cents
