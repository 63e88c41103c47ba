"""Stories that the random ones found, told short."""

import pytest

from tests.concurrency.invariants import broken_rules
from tests.factories import make_checkout, make_event, make_tier
from tests.flows.outcomes import run_refunds, sync, the_order
from tests.properties.wilful_gateway import WilfulGateway
from tests.purchases import LINKS
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import withdraw_payment
from webapp.models import OrderStatus
from webapp.payment_refusals import PaymentPending


@pytest.fixture
def gateway(clock):
    return WilfulGateway(clock)


@pytest.fixture
def checkout(app):
    return make_checkout((make_tier(make_event(), capacity=4), 2))


def go_to_pay(checkout, ports) -> None:
    start_payment(reference=checkout.reference, links=LINKS, ports=ports)


def test_nobody_is_asked_for_money_again_while_a_person_looks_at_the_first(
    checkout, gateway, ports
):
    go_to_pay(checkout, ports)
    gateway.pay("cs_test_1", amount_cents=1)
    sync(checkout, ports)

    with pytest.raises(PaymentPending):
        go_to_pay(checkout, ports)

    assert list(gateway.sessions) == ["cs_test_1"]


def test_more_money_during_a_review_goes_to_the_same_person(checkout, gateway, ports):
    go_to_pay(checkout, ports)
    withdraw_payment(reference=checkout.reference, ports=ports)
    go_to_pay(checkout, ports)
    gateway.pay("cs_test_2", amount_cents=1)
    sync(checkout, ports)
    gateway.pay_after_the_end("cs_test_1")

    order = sync(checkout, ports)

    assert (order.status, order.review_reason) == (OrderStatus.NEEDS_REVIEW, "amount_differs")
    assert broken_rules() == []


def test_late_money_without_seats_ends_an_order_that_no_sweep_has_closed_yet(
    checkout, gateway, ports, clock
):
    go_to_pay(checkout, ports)
    withdraw_payment(reference=checkout.reference, ports=ports)
    clock.advance(hours=1)
    make_checkout((checkout.items[0].tier, 4), now=clock())
    gateway.pay_after_the_end("cs_test_1")
    sync(checkout, ports)

    run_refunds(ports)

    order = the_order(checkout)
    assert order.status is OrderStatus.REFUNDED
    assert gateway.kept_cents() == 0
    assert broken_rules() == []
