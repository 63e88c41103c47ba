"""A part of the money: no ticket ends, and mail, order page and trail say how much it was."""

import pytest

from tests.flows.outcomes import mail_kinds, sync
from webapp.database import db
from webapp.documents.order_mail import compose_mail
from webapp.domain import emails, money_back, orders
from webapp.models import AuditEntry, EmailMessage, Order, OrderStatus, TicketStatus

pytestmark = pytest.mark.usefixtures("app")


def mails() -> list[str]:
    """The texts of all mails about a part, in the order in which they were written."""
    rows = db.session.query(EmailMessage).filter_by(kind=emails.ORDER_PARTIALLY_REFUNDED)
    return [compose_mail(mail).text for mail in rows.order_by(EmailMessage.id)]


def trail() -> list[tuple[str, object]]:
    rows = db.session.query(AuditEntry).filter_by(subject="refund").order_by(AuditEntry.id)
    return [(entry.action, entry.details["amount_cents"]) for entry in rows]


def refunded(order: Order) -> int:
    return money_back.order_refunded_cents(order=order)


def test_each_part_is_told_of_once_with_its_own_amount(checkout, gateway, ports, payment_id):
    for amount in (1000, 1500):
        gateway.refund_at_gateway(payment_id, amount)
        for _ in range(2):
            order = sync(checkout, ports)

    first, second = mails()
    assert "We have refunded $10.00 of the $66.15 that you paid" in first
    assert "We have refunded $15.00 of the $66.15 that you paid" in second
    assert "http://localhost:8000/o/" in first
    assert trail() == [("succeeded", 1000), ("succeeded", 1500)]
    assert (order.status, refunded(order)) == (OrderStatus.PARTIALLY_REFUNDED, 2500)
    tickets = orders.list_tickets(order_id=order.id)
    assert [ticket.status for ticket in tickets] == [TicketStatus.VALID] * 2


def test_last_part_is_told_of_as_the_end_of_the_order(checkout, gateway, ports, payment_id):
    gateway.refund_at_gateway(payment_id, 1000)
    sync(checkout, ports)
    gateway.refund_at_gateway(payment_id, 5615)
    order = sync(checkout, ports)

    assert len(mails()) == 1
    assert mail_kinds() == ["order_confirmation", "order_partially_refunded", "order_refunded"]
    assert (order.status, refunded(order)) == (OrderStatus.REFUNDED, 6615)


def test_part_is_told_of_when_it_has_succeeded(checkout, gateway, ports, payment_id):
    gateway.refund_status = "pending"
    gateway.refund_at_gateway(payment_id, 1000)
    order = sync(checkout, ports)
    assert (mails(), trail(), refunded(order)) == ([], [], 0)

    gateway.settle_refund("re_1", "succeeded")
    order = sync(checkout, ports)

    assert (len(mails()), trail(), refunded(order)) == (1, [("succeeded", 1000)], 1000)


def test_part_that_fails_is_told_to_staff_and_not_to_the_buyer(
    checkout, gateway, ports, payment_id
):
    gateway.refund_status = "pending"
    gateway.refund_at_gateway(payment_id, 1000)
    sync(checkout, ports)
    gateway.settle_refund("re_1", "failed")
    order = sync(checkout, ports)

    assert (mails(), trail(), refunded(order)) == ([], [("failed", 1000)], 0)
