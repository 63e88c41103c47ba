"""A refund that the gateway made before we could note it is ours, and stays one refund."""

import pytest

from tests.concurrency.invariants import broken_rules
from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.purchases import LINKS
from webapp.database import db
from webapp.domain import refunds
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.flows.refunds import run_refund
from webapp.models import EmailMessage, Order, OrderStatus, Payment, Refund, RefundStatus
from webapp.ports import GatewayUnavailable
from webapp.transaction import transaction


@pytest.fixture
def refund(app, ports, gateway) -> Refund:
    """Requested by us; the answer to the call that made it at the gateway got lost."""
    checkout = make_checkout((make_tier(make_event()), 2))
    start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    gateway.pay("cs_test_1")
    order = db.session.query(Order).one()
    sync_order_payment(order_id=order.id, ports=ports)
    with transaction():
        refund = refunds.request_refund(
            payment=db.session.query(Payment).one(),
            reason=refunds.LATE_PAYMENT,
            now=NOW,
            trace_id="t",
        )
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


def test_a_key_that_the_gateway_has_forgotten_makes_no_second_refund(refund, gateway, ports, clock):
    # The outage went on for longer than keys are remembered.
    clock.advance(hours=25)
    gateway.refund_of_key.clear()

    run_refund(refund_id=refund.id, ports=ports)

    db.session.rollback()
    kept = db.session.query(Refund).one()
    assert (kept.status, kept.provider_refund_id) == (RefundStatus.SUCCEEDED, "re_1")
    assert db.session.query(Order).one().status is OrderStatus.REFUNDED
    assert list(gateway.refunds) == ["re_1"]


def test_a_refund_that_never_reached_the_gateway_is_made_however_late(
    refund, gateway, ports, clock
):
    gateway.refunds.clear()
    gateway.refund_of_key.clear()
    clock.advance(hours=25)

    for _ in range(2):
        run_refund(refund_id=refund.id, ports=ports)

    db.session.rollback()
    assert db.session.query(Refund).one().status is RefundStatus.SUCCEEDED
    assert list(gateway.refunds) == ["re_1"]
