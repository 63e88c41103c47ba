"""Which notices make us look at the gateway: all but one that repeats what we know."""

import pytest

from tests.factories import NOW
from tests.flows.outcomes import sync, the_order
from tests.notices import make_notice
from webapp.database import db
from webapp.domain import webhooks
from webapp.flows.payments import process_webhook_event
from webapp.models import OrderStatus, Outbox, WebhookEvent
from webapp.ports import GatewayKeyRefused
from webapp.tracing import new_trace_id, tracing
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")


def receive(kind: str, object_id: str, ports) -> WebhookEvent:
    """Keep a notice and do its work."""
    notice = make_notice(f"evt_{kind}", kind, object_id)
    with transaction():
        webhooks.record_notice(provider="stripe", notice=notice, now=NOW, trace_id="t")
    event = db.session.query(WebhookEvent).filter_by(event_id=notice.event_id).one()
    process_webhook_event(webhook_event_id=event.id, ports=ports)
    db.session.refresh(event)
    return event


@pytest.mark.parametrize("kind", ["checkout.session.completed", "payment_intent.succeeded"])
def test_a_success_that_is_noted_already_is_not_looked_at_again(
    checkout, gateway, buyer, ports, kind
):
    session_id = buyer.session_of(checkout)
    gateway.pay(session_id)
    sync(checkout, ports)
    gateway.calls.clear()
    object_id = (
        session_id if kind.startswith("checkout") else gateway.sessions[session_id].payment_id
    )

    event = receive(kind, object_id, ports)

    assert gateway.calls == []
    assert event.processed_at == NOW


def test_the_first_word_of_a_success_is_looked_at(checkout, gateway, buyer, ports):
    session_id = buyer.session_of(checkout)
    gateway.pay(session_id)

    event = receive("checkout.session.completed", session_id, ports)

    assert the_order(checkout).status is OrderStatus.PAID
    assert event.processed_at == NOW


def test_a_success_of_a_delayed_payment_is_looked_at(checkout, gateway, buyer, ports):
    session_id = buyer.session_of(checkout)
    gateway.start_delayed(session_id)
    receive("checkout.session.completed", session_id, ports)
    assert the_order(checkout).status is OrderStatus.PROCESSING
    gateway.settle_delayed(session_id, succeeds=True)

    receive("checkout.session.async_payment_succeeded", session_id, ports)

    assert the_order(checkout).status is OrderStatus.PAID


@pytest.mark.parametrize(
    "kind",
    [
        "charge.dispute.created",
        "charge.refunded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "payment_intent.payment_failed",
        "refund.updated",
    ],
)
def test_any_other_notice_about_a_paid_order_is_looked_at(checkout, gateway, buyer, ports, kind):
    session_id = buyer.session_of(checkout)
    gateway.pay(session_id)
    sync(checkout, ports)
    gateway.calls.clear()

    event = receive(kind, session_id, ports)

    assert "look_up_session" in gateway.calls
    assert event.processed_at == NOW


def test_a_refund_is_seen_though_its_success_was_noted(checkout, gateway, buyer, ports):
    session_id = buyer.session_of(checkout)
    gateway.pay(session_id)
    order = sync(checkout, ports)
    gateway.refund_at_gateway(gateway.sessions[session_id].payment_id, order.total_cents)

    receive("charge.refunded", session_id, ports)

    assert the_order(checkout).status is OrderStatus.REFUNDED


def test_a_notice_that_only_the_gateway_can_place_waits_for_a_key_that_it_takes(
    checkout, gateway, buyer, ports, payment_id
):
    gateway.refund_at_gateway(payment_id, the_order(checkout).total_cents)
    gateway.refuses_key = True
    with pytest.raises(GatewayKeyRefused):
        receive("refund.created", "re_1", ports)
    event = db.session.query(WebhookEvent).one()
    assert event.processed_at is None
    gateway.refuses_key = False

    process_webhook_event(webhook_event_id=event.id, ports=ports)

    assert the_order(checkout).status is OrderStatus.REFUNDED


def test_what_a_notice_leads_to_carries_the_trace_of_the_purchase(checkout, gateway, buyer, ports):
    """A thin notice names no trace id, and so does a look of the return page: the order does."""
    with tracing(new_trace_id()) as trace_id:
        session_id = buyer.session_of(checkout)
    gateway.pay(session_id)

    with tracing(new_trace_id()):
        receive("payment_intent.succeeded", gateway.sessions[session_id].payment_id, ports)

    paid = the_order(checkout).transitions[-1]
    assert (paid.to_status, paid.trace_id) == ("paid", trace_id)
    issuing = db.session.query(Outbox).filter_by(kind="issue_tickets").one()
    assert issuing.trace_id == trace_id
