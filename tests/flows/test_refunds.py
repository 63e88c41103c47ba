"""Refunds that staff make at the gateway are followed here."""

import pytest

from tests.flows.outcomes import issue, sync
from tests.purchases import counters
from webapp.database import db
from webapp.domain import orders
from webapp.models import (
    OrderStatus,
    Refund,
    TicketStatus,
)

pytestmark = pytest.mark.usefixtures("app")


def test_refund_made_at_the_gateway_voids_the_tickets_and_frees_the_seats(
    checkout, gateway, buyer, ports, pool
):
    session_id = buyer.session_of(checkout)
    gateway.pay(session_id)
    order = sync(checkout, ports)
    issue(order)

    gateway.refund_at_gateway(session_id.replace("cs_", "pi_"), order.total_cents)
    for _ in range(2):
        order = sync(checkout, ports)

    assert order.status is OrderStatus.REFUNDED
    assert {t.status for t in orders.list_tickets(order_id=order.id)} == {TicketStatus.VOID}
    assert counters(pool) == (0, 0)


def test_partial_refund_at_the_gateway_is_counted_once_and_may_be_completed(
    checkout, gateway, buyer, ports
):
    session_id = buyer.session_of(checkout)
    gateway.pay(session_id)
    issue(sync(checkout, ports))
    payment_id = session_id.replace("cs_", "pi_")

    gateway.refund_at_gateway(payment_id, 1000)
    for _ in range(2):
        order = sync(checkout, ports)
    assert order.status is OrderStatus.PARTIALLY_REFUNDED
    gateway.refund_at_gateway(payment_id, order.total_cents - 1000)

    assert sync(checkout, ports).status is OrderStatus.REFUNDED
    assert len(db.session.scalars(db.select(Refund)).all()) == 2


def test_pending_refund_is_counted_when_it_has_succeeded(checkout, gateway, buyer, ports):
    session_id = buyer.session_of(checkout)
    gateway.pay(session_id)
    order = sync(checkout, ports)
    gateway.refund_status = "pending"
    gateway.refund_at_gateway(session_id.replace("cs_", "pi_"), order.total_cents)
    assert sync(checkout, ports).status is OrderStatus.PAID

    gateway.settle_refund("re_1", "succeeded")

    assert sync(checkout, ports).status is OrderStatus.REFUNDED


def test_tickets_come_although_a_part_was_refunded_before_they_were_made(
    checkout, gateway, buyer, ports
):
    session_id = buyer.session_of(checkout)
    gateway.pay(session_id)
    sync(checkout, ports)
    gateway.refund_at_gateway(session_id.replace("cs_", "pi_"), 100)
    order = sync(checkout, ports)

    issue(order)

    assert len(orders.list_tickets(order_id=order.id)) == 2
