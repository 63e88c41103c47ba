"""Going to pay: saved first, one session whatever repeats, the hold kept."""

from datetime import timedelta

import pytest

from tests.factories import make_checkout, make_event, make_tier
from tests.flows.outcomes import sync, the_order
from tests.purchases import counters
from webapp.database import db
from webapp.domain import checkout_closing, checkouts
from webapp.domain.baskets import BasketLine
from webapp.domain.hold_caps import NO_CAPS
from webapp.errors import (
    HoldExpired,
    HoldLimitReached,
    InsufficientInventory,
    InvalidRequest,
    SalesClosed,
)
from webapp.flows.checkouts import change_basket
from webapp.flows.payments import withdraw_payment
from webapp.models import (
    EventStatus,
    OrderStatus,
    Payment,
    PaymentStatus,
)
from webapp.payment_refusals import EmailMissing, PaymentPending, PaymentUnavailable
from webapp.ports import GatewayFailed, GatewayRefused
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")


def test_order_attempt_and_key_are_saved_before_the_gateway_is_called(checkout, gateway, buyer):
    gateway.is_down = True

    with pytest.raises(PaymentUnavailable):
        buyer.start(checkout)

    payment = db.session.scalars(db.select(Payment)).one()
    assert the_order(checkout).status is OrderStatus.PENDING
    assert (payment.status, payment.session_id) == (PaymentStatus.CREATED, None)
    assert payment.idempotency_key == f"order-{the_order(checkout).number}-1"


def test_buyer_is_sent_to_a_session_over_the_whole_price(checkout, gateway, buyer):
    session_id = buyer.session_of(checkout)

    request = gateway.requests[session_id]
    lines = [(line.quantity, line.unit_amount_cents) for line in request.lines]
    assert lines == [(2, 3000), (1, 615)]
    assert gateway.sessions[session_id].amount_cents == checkout.total_cents == 6615
    assert request.metadata == {
        "order_number": the_order(checkout).number,
        "trace_id": the_order(checkout).trace_id,
    }


def test_second_click_leads_to_the_same_session(checkout, gateway, buyer):
    first, second = buyer.start(checkout), buyer.start(checkout)

    assert first.url == second.url
    assert len(gateway.sessions) == 1


def test_lost_answer_of_the_gateway_never_makes_a_second_session(checkout, gateway, buyer):
    gateway.loses_answers = True
    with pytest.raises(PaymentUnavailable):
        buyer.start(checkout)
    gateway.loses_answers = False

    buyer.start(checkout)

    assert len(gateway.sessions) == 1


def test_attempt_whose_end_has_come_too_near_is_replaced(checkout, gateway, buyer, clock):
    gateway.is_down = True
    with pytest.raises(PaymentUnavailable):
        buyer.start(checkout)
    gateway.is_down = False
    clock.advance(minutes=5)

    session_id = buyer.session_of(checkout)

    assert gateway.expires_at[session_id] == clock() + timedelta(minutes=31)
    statuses = db.session.scalars(db.select(Payment.status).order_by(Payment.attempt)).all()
    assert statuses == [PaymentStatus.FAILED, PaymentStatus.OPEN]


def test_empty_bucket_keeps_the_hold_and_asks_to_try_again(checkout, bucket, buyer, pool):
    bucket.is_empty = True

    with pytest.raises(PaymentUnavailable):
        buyer.start(checkout)

    assert counters(pool) == (2, 0)


def test_no_payment_without_an_address_for_the_tickets(tier, buyer):
    with pytest.raises(EmailMissing):
        buyer.start(make_checkout((tier, 1), email=""))


def test_no_payment_after_the_hold_ran_out(checkout, buyer, clock):
    clock.advance(minutes=15)

    with pytest.raises(HoldExpired):
        buyer.start(checkout)


def test_free_order_never_meets_a_gateway(gateway, buyer):
    free = make_tier(make_event(), price_cents=0)
    checkout = make_checkout((free, 2))

    start = buyer.start(checkout)
    again = buyer.start(checkout)

    assert (start.is_converted, start.url) == (True, None)
    assert again == start
    assert the_order(checkout).status is OrderStatus.PAID
    assert gateway.calls == []


def test_going_to_pay_keeps_the_seats_until_after_the_session(checkout, buyer, clock, tier):
    buyer.start(checkout)
    clock.advance(minutes=35)

    with transaction():
        expired = checkout_closing.expire_lapsed(now=clock(), limit=10)
    with pytest.raises(InsufficientInventory):
        make_checkout((tier, 3), now=clock())

    assert expired == 0


def test_withdrawn_payment_lets_the_basket_change_and_be_paid(
    checkout, gateway, buyer, clock, ports, tier
):
    first = buyer.session_of(checkout)

    withdraw_payment(reference=checkout.reference, ports=ports)
    with transaction():
        checkouts.change_items(
            reference=checkout.reference, lines=[BasketLine(tier.id, 1)], now=clock()
        )
    second = buyer.session_of(checkout)

    assert gateway.sessions[first].status == "expired"
    assert gateway.sessions[second].amount_cents == 3417
    gateway.pay(second)
    assert sync(checkout, ports).status is OrderStatus.PAID


def test_basket_cannot_change_under_an_open_session(checkout, buyer, clock, tier):
    buyer.start(checkout)

    with pytest.raises(PaymentPending), transaction():
        checkouts.change_items(
            reference=checkout.reference, lines=[BasketLine(tier.id, 1)], now=clock()
        )


def test_money_that_was_faster_than_the_withdrawal_wins(checkout, gateway, buyer, ports, pool):
    gateway.pay(buyer.session_of(checkout))

    with pytest.raises(PaymentPending):
        withdraw_payment(reference=checkout.reference, ports=ports)

    assert the_order(checkout).status is OrderStatus.PAID
    assert counters(pool) == (0, 2)


def test_payment_that_was_never_answered_does_not_lock_the_basket(
    checkout, gateway, buyer, clock, ports, tier
):
    gateway.is_down = True
    with pytest.raises(PaymentUnavailable):
        buyer.start(checkout)
    gateway.is_down = False

    withdraw_payment(reference=checkout.reference, ports=ports)
    with transaction():
        checkouts.change_items(
            reference=checkout.reference, lines=[BasketLine(tier.id, 1)], now=clock()
        )

    gateway.pay(buyer.session_of(checkout))
    assert sync(checkout, ports).status is OrderStatus.PAID


def test_session_that_comes_after_its_withdrawal_is_closed_and_nobody_is_sent_there(
    checkout, gateway, buyer, ports
):
    gateway.after_create = lambda: withdraw_payment(reference=checkout.reference, ports=ports)

    with pytest.raises(PaymentUnavailable):
        buyer.start(checkout)

    assert [s.status for s in gateway.sessions.values()] == ["expired"]


def test_going_to_pay_and_back_does_not_keep_the_seats_for_ever(checkout, buyer, clock, ports):
    opened_at = clock()

    with pytest.raises((HoldExpired, HoldLimitReached)):
        for minute in range(0, 300, 4):
            clock.now = opened_at + timedelta(minutes=minute)
            buyer.start(checkout)
            withdraw_payment(reference=checkout.reference, ports=ports)

    assert clock() <= opened_at + timedelta(minutes=70)


@pytest.mark.parametrize("fault", [GatewayFailed(), GatewayRefused()])
def test_gateway_that_says_no_keeps_the_hold_and_the_next_click_has_a_key_of_its_own(
    checkout, gateway, buyer, pool, fault
):
    gateway.create_fault = fault
    with pytest.raises(PaymentUnavailable):
        buyer.start(checkout)
    assert counters(pool) == (2, 0)
    gateway.create_fault = None

    buyer.start(checkout)

    keys = db.session.scalars(db.select(Payment.idempotency_key)).all()
    assert len(set(keys)) == len(keys) > 1
    assert len(gateway.sessions) == 1


@pytest.mark.parametrize("fault", [GatewayFailed(), GatewayRefused()])
def test_seats_of_a_buyer_who_gave_up_on_a_failing_gateway_come_back(
    checkout, gateway, buyer, pool, clock, fault
):
    gateway.create_fault = fault
    with pytest.raises(PaymentUnavailable):
        buyer.start(checkout)
    clock.advance(minutes=16)

    with transaction():
        checkout_closing.expire_lapsed(now=clock(), limit=10)

    assert counters(pool) == (0, 0)
    assert the_order(checkout).status is OrderStatus.EXPIRED


def test_gateways_own_notice_of_a_withdrawn_session_does_not_end_the_basket(
    checkout, gateway, buyer, clock, ports, tier, pool
):
    session_id = buyer.session_of(checkout)
    gateway.after_expire = lambda: sync(checkout, ports)

    withdraw_payment(reference=checkout.reference, ports=ports)
    with transaction():
        checkouts.change_items(
            reference=checkout.reference, lines=[BasketLine(tier.id, 1)], now=clock()
        )

    assert gateway.sessions[session_id].status == "expired"
    assert the_order(checkout).status is OrderStatus.PENDING
    assert counters(pool) == (1, 0)


def test_refused_basket_leaves_the_open_payment_page_open(checkout, gateway, buyer, ports, tier):
    session_id = buyer.session_of(checkout)

    with pytest.raises(InvalidRequest):
        change_basket(
            reference=checkout.reference,
            lines=[BasketLine(tier.id, 99)],
            caps=NO_CAPS,
            ports=ports,
        )

    assert gateway.sessions[session_id].status == "open"


def test_event_that_was_called_off_meanwhile_takes_no_money(checkout, gateway, buyer):
    checkout.event.status = EventStatus.CANCELLED
    db.session.commit()

    with pytest.raises(SalesClosed):
        buyer.start(checkout)
    assert gateway.calls == []
