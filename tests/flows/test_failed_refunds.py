"""A refund may fail days after it succeeded: nobody loses money and tickets in silence."""

import logging

import pytest

from jobs.runtime import perform
from tests.factories import make_checkout
from tests.flows.outcomes import (
    issue,
    late_payment,
    mail_kinds,
    run_refunds,
    sync,
    the_order,
)
from tests.purchases import counters, work_of
from webapp.database import db
from webapp.domain import money_back, orders, outbox
from webapp.domain.money_back import MoneyBack
from webapp.domain.verification import verify_order
from webapp.flows.payments import withdraw_payment
from webapp.flows.reconciliation import reconcile
from webapp.models import AuditEntry, Order, OrderStatus, Refund, RefundStatus, TicketStatus
from webapp.observability.ledger import render_ledger_metrics

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def refunded(checkout, gateway, payment_id, ports) -> Order:
    """An order that staff refunded in full."""
    gateway.refund_at_gateway(payment_id, the_order(checkout).total_cents)
    order = sync(checkout, ports)
    assert order.status is OrderStatus.REFUNDED
    return order


@pytest.fixture
def late(checkout, gateway, buyer, clock, ports, tier) -> Order:
    """An order whose money came when its seats were gone."""
    order = late_payment(checkout, gateway, buyer, clock, ports)
    make_checkout((tier, 3), now=clock())
    sync(checkout, ports)
    return order


def audited() -> list[str]:
    entries = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)).all()
    return [f"{entry.subject} {entry.action}" for entry in entries]


def test_staff_refund_that_fails_later_waits_for_a_person(
    checkout, gateway, refunded, clock, ports, pool, caplog
):
    gateway.settle_refund("re_1", "failed")

    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            order = sync(checkout, ports)

    assert (order.status, order.review_reason) == (OrderStatus.NEEDS_REVIEW, "refund_failed")
    assert db.session.scalars(db.select(Refund)).one().status is RefundStatus.FAILED
    assert {t.status for t in orders.list_tickets(order_id=order.id)} == {TicketStatus.VOID}
    assert counters(pool) == (0, 0)
    assert audited() == ["refund succeeded", "refund failed"]
    warnings = [record for record in caplog.records if record.message == "refund failed"]
    assert [record.order_number for record in warnings] == [order.number]
    assert b"orders_needing_review 1.0" in render_ledger_metrics(now=clock())


def test_part_that_fails_to_go_back_waits_for_a_person(checkout, gateway, payment_id, ports):
    gateway.refund_at_gateway(payment_id, 1000)
    assert sync(checkout, ports).status is OrderStatus.PARTIALLY_REFUNDED

    gateway.settle_refund("re_1", "canceled")

    order = sync(checkout, ports)
    assert order.status is OrderStatus.NEEDS_REVIEW
    assert {t.status for t in orders.list_tickets(order_id=order.id)} == {TicketStatus.VALID}


def test_automatic_refund_that_fails_later_waits_for_a_person(checkout, gateway, late, ports):
    run_refunds(ports)
    assert the_order(checkout).status is OrderStatus.REFUNDED

    gateway.settle_refund("re_1", "failed")

    assert sync(checkout, ports).status is OrderStatus.NEEDS_REVIEW
    assert mail_kinds() == ["late_payment_refunded"]


def test_late_money_is_told_of_until_its_refund_fails(checkout, gateway, late, ports):
    gateway.refund_status = "pending"
    told = [money_back.tell_money_back(order=the_order(checkout))]
    run_refunds(ports)
    told.append(money_back.tell_money_back(order=the_order(checkout)))
    assert the_order(checkout).status is OrderStatus.EXPIRED

    gateway.settle_refund("re_1", "failed")
    run_refunds(ports)

    order = the_order(checkout)
    assert (order.status, order.review_reason) == (OrderStatus.NEEDS_REVIEW, "refund_failed")
    told.append(money_back.tell_money_back(order=order))
    assert told == [MoneyBack.COMING, MoneyBack.COMING, MoneyBack.STUCK]


def test_order_without_money_hears_of_none(checkout, buyer, clock, ports):
    buyer.session_of(checkout)
    clock.advance(minutes=37)

    order = sync(checkout, ports)

    assert order.status is OrderStatus.EXPIRED
    assert money_back.tell_money_back(order=order) is MoneyBack.NOTHING


def test_lost_notice_of_a_failed_refund_is_made_good(checkout, gateway, refunded, clock, ports):
    gateway.settle_refund("re_1", "failed")
    clock.advance(days=3)

    assert reconcile(ports=ports)["refunds_settled"] == 1
    perform(work_of(outbox.SYNC_PAYMENT).id)

    assert the_order(checkout).status is OrderStatus.NEEDS_REVIEW


def test_settled_refund_is_looked_at_now_and_then_and_for_some_days(refunded, clock, ports):
    def looks(**later: float) -> int:
        clock.advance(**later)
        return reconcile(ports=ports)["refunds_settled"]

    assert [looks(), looks(minutes=11), looks(minutes=1)] == [0, 1, 0]
    perform(work_of(outbox.SYNC_PAYMENT).id)
    assert [looks(hours=1), looks(hours=6)] == [0, 1]
    perform(work_of(outbox.SYNC_PAYMENT).id)
    assert looks(days=10) == 0


@pytest.mark.parametrize("is_automatic", [False, True])
def test_second_refund_that_works_ends_the_review_with_a_mail_of_its_own(
    checkout, gateway, ports, request, is_automatic
):
    order = request.getfixturevalue("late" if is_automatic else "refunded")
    run_refunds(ports)
    before = mail_kinds()
    gateway.settle_refund("re_1", "failed")
    sync(checkout, ports)

    gateway.refund_at_gateway(gateway.refunds["re_1"].payment_id, order.total_cents)
    for _ in range(2):
        sync(checkout, ports)

    assert the_order(checkout).status is OrderStatus.REFUNDED
    assert mail_kinds() == sorted([*before, "order_refunded"])
    assert gateway.kept_cents() == 0


def test_older_look_does_not_undo_a_failure(checkout, gateway, refunded, ports):
    gateway.settle_refund("re_1", "failed")
    sync(checkout, ports)

    gateway.settle_refund("re_1", "succeeded")

    assert sync(checkout, ports).status is OrderStatus.NEEDS_REVIEW


def test_failed_refund_is_found_by_the_checklist(checkout, gateway, refunded, ports):
    gateway.settle_refund("re_1", "failed")
    order = sync(checkout, ports)

    wrong = {point.name: point.finding for point in verify_order(number=order.number)}

    assert "A refund failed" in wrong["amounts"]


def test_failed_refund_of_a_second_payment_is_told_of_though_the_tickets_stay(
    checkout, gateway, buyer, ports, caplog
):
    first = buyer.session_of(checkout)
    withdraw_payment(reference=checkout.reference, ports=ports)
    gateway.pay(buyer.session_of(checkout))
    issue(sync(checkout, ports))
    gateway._change(first, status="complete", payment_status="paid", payment_id="pi_first")
    sync(checkout, ports)
    run_refunds(ports)

    gateway.settle_refund("re_1", "failed")
    with caplog.at_level(logging.WARNING):
        order = sync(checkout, ports)

    assert order.status is OrderStatus.PAID
    assert "refund failed" in caplog.messages
    wrong = {point.name: point.finding for point in verify_order(number=order.number)}
    assert "A refund failed" in wrong["amounts"]
