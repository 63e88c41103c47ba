"""The real adapters under the real flows: from the basket to the mail, over HTTP."""

from dataclasses import replace
from datetime import timedelta

import pytest
import stripe

from jobs.runtime import perform
from tests.factories import make_checkout, make_event, make_tier
from tests.purchases import LINKS, find_order
from tests.sandbox import GOOD_CARD
from webapp.clock import utc_now
from webapp.database import db
from webapp.domain import outbox, refunds
from webapp.domain.verification import verify_order
from webapp.flows import reconciliation
from webapp.flows.payment_start import start_payment
from webapp.flows.refunds import run_refund
from webapp.flows.reviews import decide_review
from webapp.gateways.resend_mail import ResendMailer
from webapp.gateways.stripe_payments import StripePayments
from webapp.models import Order, OrderStatus, Outbox, Payment
from webapp.notice_types import NOTICE_TYPES
from webapp.ports import GatewayUnavailable, Ports
from webapp.tracing import new_trace_id, tracing
from webapp.transaction import transaction


@pytest.fixture
def ports(payments: StripePayments, mailer: ResendMailer, doorbell, bucket, control) -> Ports:
    """Everything as in production but the doorbell: tests do the work themselves."""
    stripe.StripeClient(
        "sk_test_sandbox", base_addresses={"api": control.url}
    ).v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/webhooks/stripe", "enabled_events": list(NOTICE_TYPES)}
    )
    control.post("deliveries", mode="manual")
    return Ports(
        utc_now=utc_now,
        payments=payments,
        mailer=mailer,
        doorbell=doorbell,
        session_bucket=bucket,
        ping_redis=lambda: True,
    )


def do_all_work() -> None:
    for queue in ("orders", "mail"):
        while ready := ready_work(queue):
            for outbox_id in ready:
                perform(outbox_id)


def ready_work(queue: str) -> list[int]:
    with transaction():
        return outbox.list_ready_work(queue=queue, now=utc_now(), limit=50)


def buy(ports: Ports, control, card: str = GOOD_CARD) -> str:
    """Pay for two tickets and a lost notice; the order's number."""
    now = utc_now()
    checkout = make_checkout((make_tier(make_event(now=now)), 2), now=now)
    start = start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    assert start.url is not None
    control.pay(start.url.rsplit("/", 1)[1], card=card)
    return start.order_number


def test_a_purchase_whose_notices_were_lost_is_whole_after_one_reconciliation(app, ports, control):
    number = buy(ports, control)

    reconciliation.fetch_missed_notices(ports=ports)
    do_all_work()

    assert [point.finding for point in verify_order(number=number) if not point.is_ok] == []
    (mail,) = control.get("mail")
    assert mail["to"] == ["guest@example.com"]
    assert number in mail["subject"]


def test_everything_that_became_of_a_click_carries_its_trace_id(app, ports, control):
    with tracing(new_trace_id()) as trace_id:
        number = buy(ports, control)

    with tracing(new_trace_id()):
        reconciliation.fetch_missed_notices(ports=ports)
        do_all_work()

    order = find_order(number)
    assert [(row.to_status, row.trace_id) for row in order.transitions] == [
        ("pending", trace_id),
        ("paid", trace_id),
    ]
    work = db.session.query(Outbox.kind, Outbox.trace_id).order_by(Outbox.kind).distinct().all()
    assert [tuple(row) for row in work] == [
        ("issue_tickets", trace_id),
        ("process_webhook_event", trace_id),
        ("send_email", trace_id),
    ]


def test_a_refund_by_staff_ends_in_a_refunded_order_and_one_mail(app, ports, control):
    number = buy(ports, control)
    reconciliation.fetch_missed_notices(ports=ports)
    do_all_work()
    db.session.expire_all()
    order = db.session.query(Order).filter_by(number=number).one()
    (payment,) = control.get("ledger")["payments"]

    control.post("refund", payment_intent=payment["payment_intent"])
    for _ in range(2):
        reconciliation.fetch_missed_notices(ports=ports)
        do_all_work()

    db.session.expire_all()
    assert db.session.get_one(Order, order.id).status is OrderStatus.REFUNDED
    assert len(control.get("mail")) == 2


@pytest.fixture
def failed(app, ports, control) -> str:
    """An order whose refund succeeded, and came back from the buyer's bank."""
    number = buy(ports, control, card="4000000000005126")
    reconciliation.fetch_missed_notices(ports=ports)
    do_all_work()
    (payment,) = control.get("ledger")["payments"]
    control.post("refund", payment_intent=payment["payment_intent"])
    reconciliation.fetch_missed_notices(ports=ports)
    do_all_work()
    assert find_order(number).status is OrderStatus.REFUNDED

    control.post("clock", advance_s=61)
    reconciliation.fetch_missed_notices(ports=ports)
    do_all_work()

    return number


def decide(number: str, verdict: OrderStatus, ports: Ports) -> None:
    decide_review(number=number, verdict=verdict, who="Robin", why="Agreed.", ports=ports)
    do_all_work()
    reconciliation.fetch_missed_notices(ports=ports)
    do_all_work()
    db.session.expire_all()


def test_a_refund_that_fails_after_it_succeeded_waits_for_a_person(failed):
    order = find_order(failed)

    assert (order.status, order.review_reason) == (OrderStatus.NEEDS_REVIEW, "refund_failed")


def test_a_refund_whose_answer_was_lost_is_found_after_its_key_is_forgotten(app, ports, control):
    number = buy(ports, control)
    reconciliation.fetch_missed_notices(ports=ports)
    do_all_work()
    with transaction():
        payment = db.session.query(Payment).one()
        refund = refunds.request_refund(
            payment=payment, reason="late_payment", now=utc_now(), trace_id="t"
        )
        refund.amount_cents = 1000
    control.fail("drop", path="/v1/refunds", when="after")
    with pytest.raises(GatewayUnavailable):
        run_refund(refund_id=refund.id, ports=ports)
    control.post("faults", [])
    control.post("clock", advance_s=25 * 3600)

    later = replace(ports, utc_now=lambda: utc_now() + timedelta(hours=25))
    run_refund(refund_id=refund.id, ports=later)

    (paid,) = control.get("ledger")["payments"]
    assert (paid["captured"] - 5615, paid["refunded"]) == (1000, 1000)
    assert find_order(number).status is OrderStatus.PARTIALLY_REFUNDED


def test_money_that_staff_send_another_way_ends_the_review_for_good(failed, ports, control):
    decide(failed, OrderStatus.REFUNDED, ports)

    assert find_order(failed).status is OrderStatus.REFUNDED
    (payment,) = control.get("ledger")["payments"]
    assert payment["refunded"] == 0


def test_cancelling_gives_all_back_that_the_gateway_took(app, ports, control):
    now = utc_now()
    checkout = make_checkout((make_tier(make_event(now=now)), 2), now=now)
    start = start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    assert start.url is not None
    # As if we had asked for a cent less than the gateway's page did.
    db.session.execute(db.update(Payment).values(amount_cents=Payment.amount_cents - 1))
    db.session.commit()
    control.pay(start.url.rsplit("/", 1)[1], card=GOOD_CARD)
    reconciliation.fetch_missed_notices(ports=ports)
    do_all_work()
    assert find_order(start.order_number).review_reason == "amount_differs"

    decide(start.order_number, OrderStatus.CANCELLED, ports)

    assert find_order(start.order_number).status is OrderStatus.REFUNDED
    (payment,) = control.get("ledger")["payments"]
    assert payment["refunded"] == payment["captured"] == 6615
