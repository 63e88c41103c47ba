"""What becomes of an order whose money goes back: its status, its tickets, its mails."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from webapp.database import db
from webapp.domain import (
    emails,
    holds,
    money_back,
    orders,
    pass_updates,
    stock,
    transfer_mails,
    transfers,
)
from webapp.models import (
    NEXT_STATUSES,
    Hold,
    HoldStatus,
    Order,
    OrderStatus,
    OrderTransition,
    Refund,
    Ticket,
    TicketStatus,
)


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
    is_lost = money_back.is_refund_lost(order=order)
    if is_lost and OrderStatus.NEEDS_REVIEW in NEXT_STATUSES[order.status]:
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
        _conclude_refunded(order, is_second_try=is_lost, now=now, trace_id=trace_id)
    elif order.status is OrderStatus.PAID and kept < order.total_cents:
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


def _conclude_refunded(order: Order, *, is_second_try: bool, now: datetime, trace_id: str) -> None:
    """All money is back: the tickets end, and the buyer hears of it."""
    was_paid = order.is_paid_for
    orders.move_order(order, OrderStatus.REFUNDED, actor="gateway", now=now, trace_id=trace_id)
    _void_tickets(order, now=now, trace_id=trace_id)
    holds.release_holds(checkout_ids=[order.checkout_id])
    if was_paid or is_second_try:
        emails.queue_email(
            order_id=order.id,
            kind=emails.ORDER_REFUNDED,
            sequence=_count_refunded(order),
            now=now,
            trace_id=trace_id,
        )


def _count_refunded(order: Order) -> int:
    """How often the order became refunded: more than once when a refund had failed."""
    db.session.flush()
    query = select(func.count()).where(
        OrderTransition.order_id == order.id,
        OrderTransition.to_status == OrderStatus.REFUNDED.value,
    )
    return int(db.session.scalar(query) or 0)


def _void_tickets(order: Order, *, now: datetime, trace_id: str) -> None:
    """No money, no entry, whoever holds them: void the tickets and sell their places again."""
    voided = (
        update(Ticket)
        .where(Ticket.order_id == order.id, Ticket.status == TicketStatus.VALID)
        .values(status=TicketStatus.VOID, voided_at=now)
        .returning(Ticket.id)
    )
    ticket_ids = db.session.scalars(voided).all()
    pass_updates.note_tickets_changed(ticket_ids=ticket_ids, now=now, trace_id=trace_id)
    transfers.lapse_transfers(order_id=order.id, now=now, trace_id=trace_id)
    transfer_mails.tell_voided(order_id=order.id, now=now, trace_id=trace_id)
    returned = db.session.execute(
        update(Hold)
        .where(Hold.checkout_id == order.checkout_id, Hold.status == HoldStatus.SOLD)
        .values(status=HoldStatus.RELEASED)
        .returning(Hold.pool_id, Hold.quantity)
    )
    stock.return_sold(dict(returned.all()))
