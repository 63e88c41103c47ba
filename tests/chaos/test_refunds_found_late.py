"""A refund that the gateway made before we could note it is ours, and stays one refund."""

from dataclasses import replace

import pytest

from tests.concurrency.invariants import broken_rules
from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.purchases import LINKS
from webapp.database import db
from webapp.domain import money_back, refunds
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.flows.refunds import run_refund
from webapp.models import EmailMessage, Order, OrderStatus, Payment, Refund, RefundStatus
from webapp.ports import GatewayKeyRefused, GatewayRefused, GatewayUnavailable
from webapp.transaction import transaction


@pytest.fixture
def amount_cents() -> int | None:
    return None


@pytest.fixture
def refund(app, ports, gateway, amount_cents) -> Refund:
    """Requested by us; the answer to the call that made it at the gateway got lost.

    All of the money, or ``amount_cents`` of it.
    """
    checkout = make_checkout((make_tier(make_event()), 2))
    start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    gateway.pay("cs_test_1")
    order = db.session.query(Order).one()
    sync_order_payment(order_id=order.id, ports=ports)
    with transaction():
        refund = refunds.request_refund(
            payment=db.session.query(Payment).one(),
            reason=money_back.LATE_PAYMENT,
            now=NOW,
            trace_id="t",
        )
        refund.amount_cents = amount_cents or refund.amount_cents
    gateway.loses_answers = True
    with pytest.raises(GatewayUnavailable):
        run_refund(refund_id=refund.id, ports=ports)
    gateway.loses_answers = False
    return refund


def test_a_notice_that_is_faster_than_our_own_note_makes_no_second_refund(refund, gateway, ports):
    sync_order_payment(order_id=refund.order_id, ports=ports)
    run_refund(refund_id=refund.id, ports=ports)
    run_refund(refund_id=refund.id, ports=ports)

    db.session.rollback()
    kept = db.session.query(Refund).one()
    assert (kept.status, kept.provider_refund_id) == (RefundStatus.SUCCEEDED, "re_1")
    assert db.session.query(Order).one().status is OrderStatus.REFUNDED
    kinds = {mail.kind for mail in db.session.query(EmailMessage)}
    assert "late_payment_refunded" in kinds
    assert gateway.kept_cents() == 0
    assert broken_rules() == []


# A part that could go back a second time.
a_part = pytest.mark.parametrize("amount_cents", [1000])


@a_part
@pytest.mark.parametrize("hours", [1, 22, 23, 24, 25, 24 * 40])
def test_money_goes_back_once_however_late_it_is_asked_for_again(
    refund, gateway, ports, clock, hours
):
    clock.advance(hours=hours)

    for _ in range(2):
        run_refund(refund_id=refund.id, ports=ports)

    db.session.rollback()
    kept = db.session.query(Refund).one()
    assert (kept.status, kept.provider_refund_id) == (RefundStatus.SUCCEEDED, "re_1")
    assert [made.amount_cents for made in gateway.refunds.values()] == [1000]


@a_part
def test_refund_that_failed_unseen_is_not_asked_for_again(refund, gateway, ports, clock):
    gateway.settle_refund("re_1", "failed")
    clock.advance(hours=25)

    run_refund(refund_id=refund.id, ports=ports)

    db.session.rollback()
    assert db.session.query(Refund).one().status is RefundStatus.FAILED
    assert list(gateway.refunds) == ["re_1"]


@a_part
def test_refund_of_another_key_is_not_taken_for_ours(refund, gateway, ports, clock):
    gateway.refunds["re_1"] = replace(gateway.refunds["re_1"], key="another")
    clock.advance(hours=25)

    run_refund(refund_id=refund.id, ports=ports)

    assert sorted(made.key for made in gateway.refunds.values()) == [
        "another",
        refund.idempotency_key,
    ]


@a_part
def test_old_refund_that_was_never_made_is_made(refund, gateway, ports, clock):
    gateway.refunds.clear()
    clock.advance(hours=25)

    run_refund(refund_id=refund.id, ports=ports)

    assert [made.amount_cents for made in gateway.refunds.values()] == [1000]


@a_part
def test_nothing_is_asked_for_again_while_nobody_can_look(refund, gateway, ports, clock):
    clock.advance(hours=25)
    gateway.faults = {"list_refunds": GatewayUnavailable()}

    with pytest.raises(GatewayUnavailable):
        run_refund(refund_id=refund.id, ports=ports)

    assert list(gateway.refunds) == ["re_1"]


@pytest.mark.parametrize("key", ["", None], ids=["older release or staff", "ours"])
def test_refund_that_the_gateway_made_is_found_when_it_refuses_to_make_it(
    refund, gateway, ports, key
):
    made = gateway.refunds["re_1"]
    gateway.refunds["re_1"] = replace(made, key=made.key if key is None else key)
    gateway.faults = {"refund_payment": GatewayRefused()}
    finished = []

    run_refund(refund_id=refund.id, ports=ports, finish=lambda: finished.append(1))

    db.session.rollback()
    kept = db.session.query(Refund).one()
    assert (kept.status, kept.provider_refund_id) == (RefundStatus.SUCCEEDED, "re_1")
    assert db.session.query(Order).one().status is OrderStatus.REFUNDED
    assert (finished, gateway.kept_cents()) == ([1], 0)


@pytest.mark.parametrize("fault", [GatewayRefused(), GatewayKeyRefused()])
def test_refund_that_is_refused_and_was_never_made_stays_due(refund, gateway, ports, fault):
    gateway.refunds.clear()
    gateway.faults = {"refund_payment": fault}
    finished = []

    with pytest.raises(type(fault)):
        run_refund(refund_id=refund.id, ports=ports, finish=lambda: finished.append(1))

    db.session.rollback()
    assert db.session.query(Refund).one().status is RefundStatus.REQUESTED
    assert finished == []
