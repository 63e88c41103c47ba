"""What becomes of an order whose money goes back: its status, its tickets, its mails."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func, select

from webapp.database import db
from webapp.domain import emails, holds, money_back, orders, voiding
from webapp.models import NEXT_STATUSES, Order, OrderStatus, OrderTransition, Refund


def conclude_refunds(
    *, order: Order, part_ids: Sequence[int], now: datetime, trace_id: str
) -> None:
    """Move the order when its money is back, or has not come back as it should have.

    The caller holds the order's lock and has flushed its refunds. ``part_ids``
    name those that staff made and that succeeded just now: the buyer hears of each
    while a part of the money is kept. Safe to repeat.
    """
    _move(order, now=now, trace_id=trace_id)
    if order.status is OrderStatus.PARTIALLY_REFUNDED:
        _tell_of_parts(order, part_ids, now=now, trace_id=trace_id)


def _move(order: Order, *, now: datetime, trace_id: str) -> None:
    can_be_reviewed = OrderStatus.NEEDS_REVIEW in NEXT_STATUSES[order.status]
    if can_be_reviewed and money_back.is_refund_lost(order=order):
        orders.move_order(
            order,
            OrderStatus.NEEDS_REVIEW,
            actor="gateway",
            reason=money_back.REFUND_FAILED,
            now=now,
            trace_id=trace_id,
        )
    captured = money_back.captured_cents(order_id=order.id)
    returned = money_back.returned_cents(order_id=order.id)
    if captured == 0 or returned == 0 or order.status is OrderStatus.REFUNDED:
        return
    kept = captured - returned
    if kept <= 0:
        _conclude_refunded(order, now=now, trace_id=trace_id)
    elif order.status is OrderStatus.PAID and kept < money_back.price_taken_cents(order=order):
        orders.move_order(
            order, OrderStatus.PARTIALLY_REFUNDED, actor="gateway", now=now, trace_id=trace_id
        )


def _tell_of_parts(
    order: Order, refund_ids: Sequence[int], *, now: datetime, trace_id: str
) -> None:
    """One mail for each part of the money that staff gave back: an amount ends no ticket."""
    every_id = db.session.scalars(
        select(Refund.id).where(Refund.order_id == order.id).order_by(Refund.id)
    ).all()
    for number, refund_id in enumerate(every_id, start=1):
        if refund_id in refund_ids:
            emails.queue_email(
                order_id=order.id,
                kind=emails.ORDER_PARTIALLY_REFUNDED,
                sequence=number,
                now=now,
                trace_id=trace_id,
            )


def _conclude_refunded(order: Order, *, now: datetime, trace_id: str) -> None:
    """All money is back: the tickets end, and the buyer hears of it."""
    is_told = order.is_paid_for or _was_reviewed(order)
    orders.move_order(order, OrderStatus.REFUNDED, actor="gateway", now=now, trace_id=trace_id)
    voiding.void_tickets(order, now=now, trace_id=trace_id)
    holds.release_holds(checkout_ids=[order.checkout_id])
    if is_told:
        emails.queue_email(
            order_id=order.id,
            kind=emails.ORDER_REFUNDED,
            sequence=_count_refunded(order),
            now=now,
            trace_id=trace_id,
        )


def _was_reviewed(order: Order) -> bool:
    """Whether a person had to look at it: the buyer was told that we would write."""
    query = select(
        exists().where(
            OrderTransition.order_id == order.id,
            OrderTransition.to_status == OrderStatus.NEEDS_REVIEW.value,
        )
    )
    return bool(db.session.scalar(query))


def _count_refunded(order: Order) -> int:
    """How often the order became refunded: more than once when a refund had failed."""
    db.session.flush()
    query = select(func.count()).where(
        OrderTransition.order_id == order.id,
        OrderTransition.to_status == OrderStatus.REFUNDED.value,
    )
    return int(db.session.scalar(query) or 0)
