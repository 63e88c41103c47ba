"""Codes on the way to the money: the price that was shown is the price that is paid, once."""

import pytest

from tests.factories import make_checkout, make_code, make_event, make_tier
from tests.purchases import LINKS, find_order
from webapp.database import db
from webapp.domain import code_uses, money_back, stock
from webapp.errors import CodeRefused
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment, withdraw_payment
from webapp.flows.reconciliation import close_lapsed
from webapp.models import Code, OrderStatus, Payment, Refund
from webapp.payment_refusals import TotalTooSmall
from webapp.ports import SessionLine
from webapp.transaction import transaction
from webapp.wording import Amount


@pytest.fixture
def tier(app):
    return make_tier(make_event(), price_cents=3000, capacity=20)


@pytest.fixture
def code(tier):
    return make_code(tier.event, percent_basis_points=3333, max_uses=1)


def counters(code: Code) -> tuple[int, int, int]:
    db.session.rollback()
    db.session.refresh(code)
    assert (code_uses.count_mismatches(), stock.count_mismatches()) == ([], [])
    return code.held, code.used, code.overused


def go_to_pay(checkout, ports):
    return start_payment(reference=checkout.reference, links=LINKS, ports=ports)


def look(start, ports):
    sync_order_payment(order_id=find_order(start.order_number).id, ports=ports)
    return find_order(start.order_number)


def test_gateways_lines_add_up_to_the_orders_total(tier, code, gateway, ports):
    checkout = make_checkout((tier, 3), code=code)

    start = go_to_pay(checkout, ports)

    order = find_order(start.order_number)
    lines = gateway.requests["cs_test_1"].lines
    assert (order.discount_cents, order.items[0].discount_cents) == (3000, 3000)
    assert lines == [
        SessionLine(tier.name, 3, 2000),
        SessionLine("Fees", 1, order.fees_cents),
    ]
    assert gateway.sessions["cs_test_1"].amount_cents == order.total_cents == 6615


def test_total_that_the_gateway_never_charges_is_refused_before_an_attempt(app, gateway, ports):
    event = make_event(fee_basis_points=0, fee_fixed_cents=0)
    tier = make_tier(event, price_cents=3000)
    almost = make_code(event, percent_basis_points=9900)
    checkout = make_checkout((tier, 1), code=almost)

    with pytest.raises(TotalTooSmall) as refusal:
        go_to_pay(checkout, ports)

    assert checkout.total_cents == 30
    assert refusal.value.params == {"least": Amount(50, "USD")}
    assert gateway.calls == []
    assert db.session.query(Payment).all() == []
    go_to_pay(make_checkout((tier, 2), code=almost), ports)
    assert gateway.sessions["cs_test_1"].amount_cents == 60


def test_a_cent_that_does_not_divide_makes_one_unit_dearer(tier, gateway, ports):
    code = make_code(tier.event, kind="amount", percent_basis_points=0, amount_cents=1000)

    go_to_pay(make_checkout((tier, 3), code=code), ports)

    assert [
        (line.quantity, line.unit_amount_cents) for line in gateway.requests["cs_test_1"].lines
    ][:2] == [
        (2, 2667),
        (1, 2666),
    ]


def test_paid_order_has_used_its_code_once(tier, code, gateway, ports):
    start = go_to_pay(make_checkout((tier, 1), code=code), ports)
    gateway.pay("cs_test_1")

    for _ in range(3):
        order = look(start, ports)

    assert (order.status, counters(code)) == (OrderStatus.PAID, (0, 1, 0))


def test_free_order_needs_no_gateway_and_uses_its_code(tier, gateway, ports):
    code = make_code(tier.event, percent_basis_points=10_000, max_uses=1)

    start = go_to_pay(make_checkout((tier, 2), code=code), ports)

    order = find_order(start.order_number)
    assert (start.is_converted, gateway.sessions) == (True, {})
    assert (order.total_cents, order.fees_cents, order.discount_cents) == (0, 0, 6000)
    assert (order.status, counters(code)) == (OrderStatus.PAID, (0, 1, 0))


def test_payment_page_keeps_the_use_though_the_hold_would_have_lapsed(
    tier, code, gateway, ports, clock
):
    start = go_to_pay(make_checkout((tier, 1), code=code), ports)
    clock.advance(minutes=20)

    with pytest.raises(CodeRefused):
        make_checkout((tier, 1), code=code, now=clock())
    gateway.pay("cs_test_1")

    assert look(start, ports).status is OrderStatus.PAID
    assert counters(code) == (0, 1, 0)


def test_expired_payment_page_gives_the_use_back(tier, code, ports, clock):
    start = go_to_pay(make_checkout((tier, 1), code=code), ports)
    clock.advance(minutes=40)

    assert look(start, ports).status is OrderStatus.EXPIRED
    assert counters(code) == (0, 0, 0)


def test_withdrawn_payment_keeps_the_use_as_long_as_the_hold(tier, code, ports, clock):
    checkout = make_checkout((tier, 1), code=code)
    go_to_pay(checkout, ports)

    withdraw_payment(reference=checkout.reference, ports=ports)
    assert counters(code) == (1, 0, 0)
    clock.advance(minutes=30)
    close_lapsed(ports=ports)

    assert counters(code) == (0, 0, 0)


def pay_late(checkout, gateway, ports, clock):
    """The money comes after the gateway itself had closed the page."""
    start = go_to_pay(checkout, ports)
    clock.advance(minutes=40)
    assert look(start, ports).status is OrderStatus.EXPIRED
    gateway._change("cs_test_1", status="complete", payment_status="paid", payment_id="pi_test_1")
    return start


def test_late_money_takes_its_use_again(tier, code, gateway, ports, clock):
    checkout = make_checkout((tier, 1), code=code)

    start = pay_late(checkout, gateway, ports, clock)

    assert look(start, ports).status is OrderStatus.PAID
    assert counters(code) == (0, 1, 0)


def test_late_money_keeps_its_price_though_the_code_is_used_up(tier, code, gateway, ports, clock):
    checkout = make_checkout((tier, 1), code=code)
    start = pay_late(checkout, gateway, ports, clock)
    make_checkout((tier, 1), code=code, now=clock())

    for _ in range(2):
        order = look(start, ports)

    assert (order.status, order.discount_cents) == (OrderStatus.PAID, 1000)
    assert counters(code) == (1, 0, 1)


def test_late_money_without_seats_goes_back_and_uses_nothing(app, gateway, ports, clock):
    tier = make_tier(make_event(), capacity=1)
    code = make_code(tier.event, max_uses=1)
    start = pay_late(make_checkout((tier, 1), code=code), gateway, ports, clock)
    make_checkout((tier, 1), now=clock())

    look(start, ports)

    refund = db.session.query(Refund).one()
    assert (refund.reason, counters(code)) == (money_back.LATE_PAYMENT, (0, 0, 0))


def test_refund_does_not_give_a_use_back(tier, code, gateway, ports):
    start = go_to_pay(make_checkout((tier, 1), code=code), ports)
    gateway.pay("cs_test_1")
    look(start, ports)
    payment = db.session.query(Payment).one()

    gateway.refund_at_gateway("pi_test_1", payment.amount_cents)
    order = look(start, ports)

    assert (order.status, counters(code)) == (OrderStatus.REFUNDED, (0, 1, 0))


def test_use_that_went_to_somebody_else_is_missed_before_money_is_asked_for(
    tier, code, ports, clock, gateway
):
    checkout = make_checkout((tier, 1), code=code)
    clock.advance(minutes=16)
    with transaction():
        code_uses.release_lapsed_uses(code_id=code.id, now=clock())
    make_checkout((tier, 1), code=code, now=clock())
    # Another process's clock is behind: to it the hold still stands.
    clock.advance(minutes=-10)

    with pytest.raises(CodeRefused):
        go_to_pay(checkout, ports)

    assert (gateway.sessions, counters(code)) == ({}, (1, 0, 0))
