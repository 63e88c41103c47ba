"""Going to pay again where a payment was begun: never to a page that takes no money any more."""

import pytest

from tests.flows.outcomes import sync, the_order
from webapp.database import db
from webapp.errors import HoldExpired
from webapp.flows.payments import withdraw_payment
from webapp.models import OrderStatus, Payment, PaymentStatus
from webapp.payment_refusals import PaymentPending, PaymentUnavailable
from webapp.ports import GatewayKeyRefused, GatewayUnavailable

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize("fault", [GatewayUnavailable(), GatewayKeyRefused()])
def test_gateway_that_kept_nothing_is_asked_the_same_again(checkout, gateway, buyer, fault):
    gateway.create_fault = fault
    with pytest.raises(PaymentUnavailable):
        buyer.start(checkout)
    gateway.create_fault = None

    buyer.start(checkout)

    assert db.session.query(Payment).count() == 1
    assert gateway.calls.count("create_session") == 2


def test_payment_that_a_bank_confirms_is_not_begun_again(checkout, gateway, buyer, ports):
    gateway.start_delayed(buyer.session_of(checkout))
    sync(checkout, ports)
    gateway.calls.clear()

    with pytest.raises(PaymentPending):
        buyer.start(checkout)
    assert gateway.calls == []


def test_payment_of_the_last_second_is_found(checkout, gateway, buyer, clock):
    gateway.pay(buyer.session_of(checkout))
    clock.advance(minutes=32)

    start = buyer.start(checkout)

    assert (start.is_converted, start.url) == (True, None)
    assert the_order(checkout).status is OrderStatus.PAID


def test_delayed_payment_of_the_last_second_is_under_way(checkout, gateway, buyer, clock):
    gateway.start_delayed(buyer.session_of(checkout))
    clock.advance(minutes=32)

    with pytest.raises(PaymentPending):
        buyer.start(checkout)
    assert the_order(checkout).status is OrderStatus.PROCESSING


def test_page_that_ended_unpaid_is_over(checkout, buyer, clock):
    buyer.start(checkout)
    clock.advance(minutes=32)

    with pytest.raises(HoldExpired):
        buyer.start(checkout)
    assert db.session.query(Payment).one().status is PaymentStatus.EXPIRED


@pytest.mark.parametrize("fault", [GatewayUnavailable(), GatewayKeyRefused()])
def test_page_that_ended_is_waited_for_while_the_gateway_says_nothing(
    checkout, gateway, buyer, clock, fault
):
    gateway.pay(buyer.session_of(checkout))
    clock.advance(minutes=32)
    gateway.faults = {"look_up_session": fault}

    with pytest.raises(PaymentPending):
        buyer.start(checkout)
    assert db.session.query(Payment).one().status is PaymentStatus.OPEN


def test_page_that_was_closed_though_the_answer_was_lost_is_opened_anew(
    checkout, gateway, buyer, ports
):
    first = buyer.start(checkout)

    def lose_the_answer() -> None:
        raise GatewayUnavailable

    gateway.after_expire = lose_the_answer
    with pytest.raises(PaymentUnavailable):
        withdraw_payment(reference=checkout.reference, ports=ports)

    again = buyer.start(checkout)

    assert (first.url, again.url) == (
        "https://gateway.test/cs_test_1",
        "https://gateway.test/cs_test_2",
    )


def test_page_that_could_not_be_closed_is_used_on(checkout, gateway, buyer, ports):
    first = buyer.start(checkout)
    gateway.faults = {"expire_session": GatewayUnavailable()}
    with pytest.raises(PaymentUnavailable):
        withdraw_payment(reference=checkout.reference, ports=ports)

    assert buyer.start(checkout) == first
