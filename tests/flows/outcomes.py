"""What became of a checkout, and the steps that a worker would take."""

import pytest

from tests.factories import NOW
from webapp.database import db
from webapp.domain import orders
from webapp.domain.tickets import issue_tickets
from webapp.domain.verdicts import CannotDecide, Obstacle
from webapp.flows.payments import (
    sync_order_payment,
)
from webapp.flows.refunds import run_refund
from webapp.models import (
    AuditEntry,
    EmailMessage,
    Order,
    OrderStatus,
    Refund,
)
from webapp.transaction import transaction


def the_order(checkout) -> Order:
    order = orders.find_order_by_checkout(checkout_id=checkout.id)
    assert order is not None
    db.session.refresh(order)
    return order


def sync(checkout, ports) -> Order:
    sync_order_payment(order_id=the_order(checkout).id, ports=ports)
    return the_order(checkout)


def issue(order: Order) -> None:
    with transaction():
        issue_tickets(order_id=order.id, now=NOW, trace_id="t")


def run_refunds(ports) -> None:
    for refund_id in db.session.scalars(db.select(Refund.id)).all():
        run_refund(refund_id=refund_id, ports=ports)


def mail_kinds() -> list[str]:
    return sorted(db.session.scalars(db.select(EmailMessage.kind)).all())


def late_payment(checkout, gateway, buyer, clock, ports) -> Order:
    """The gateway says expired, the seats go back, and then there is money after all."""
    session_id = buyer.session_of(checkout)
    clock.advance(minutes=37)
    assert sync(checkout, ports).status is OrderStatus.EXPIRED
    gateway._change(
        session_id,
        status="complete",
        payment_status="paid",
        payment_id=session_id.replace("cs_", "pi_"),
    )
    return the_order(checkout)


def assert_all_went_back(order: Order, gateway) -> None:
    """No ticket, all of the money in one refund, and one mail that says sorry."""
    assert order.status is OrderStatus.REFUNDED
    assert orders.list_tickets(order_id=order.id) == []
    assert gateway.kept_cents() == 0
    assert list(gateway.refunds) == ["re_1"]
    assert mail_kinds() == ["late_payment_refunded"]


def obstacle(decide, verdict: OrderStatus) -> Obstacle:
    with pytest.raises(CannotDecide) as refusal:
        decide(verdict)
    return refusal.value.obstacle


def decisions() -> list[dict[str, object]]:
    rows = db.session.query(AuditEntry).filter_by(action="review_decided").order_by(AuditEntry.id)
    return [entry.details for entry in rows]
