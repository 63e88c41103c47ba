"""Tickets of an order that is paid for no more."""

from datetime import datetime

from sqlalchemy import update

from webapp.database import db
from webapp.domain import pass_updates, stock, transfer_mails, transfers
from webapp.models import Hold, HoldStatus, Order, Ticket, TicketStatus


def void_tickets(order: Order, *, now: datetime, trace_id: str) -> None:
    """No money, no entry, whoever holds them: void the tickets and sell their places again.

    Safe to repeat. The caller holds the locks of checkout and order.
    """
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
