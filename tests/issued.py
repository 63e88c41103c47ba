"""Paid orders with their tickets, without a gateway in between."""

from datetime import datetime

from tests.factories import NOW, make_checkout
from webapp.database import db
from webapp.domain import orders, tickets
from webapp.models import EmailMessage, Order, OrderStatus, Outbox, Ticket, TicketStatus, Tier
from webapp.transaction import transaction

TRACE = "0" * 32


def make_issued_order(
    *lines: tuple[Tier, int], now: datetime = NOW, email: str = "guest@example.com"
) -> Order:
    """An order that was bought at ``now``; its confirmation is forgotten."""
    checkout = make_checkout(*lines, now=now, email=email)
    with transaction():
        order = orders.place_order(checkout=checkout, order=None, trace_id=TRACE, now=now)
        orders.move_order(order, OrderStatus.PAID, actor="test", now=now, trace_id=TRACE)
        tickets.issue_tickets(order_id=order.id, now=now, trace_id=TRACE)
    db.session.query(EmailMessage).filter_by(order_id=order.id).delete()
    db.session.query(Outbox).delete()
    db.session.commit()
    return order


def refund(order: Order, *, now: datetime) -> None:
    """Every ticket is void, as after a refund."""
    with transaction():
        for ticket in tickets_of(order):
            ticket.status = TicketStatus.VOID
            ticket.voided_at = now
        orders.move_order(order, OrderStatus.REFUNDED, actor="test", now=now, trace_id=TRACE)


def give_away(ticket: Ticket, email: str, *, name: str = "Bo") -> None:
    """The ticket belongs to another mailbox and has another name, as after a transfer."""
    ticket.holder_no += 1
    ticket.revision += 1
    ticket.attendee_name = name
    ticket.holder_email = email
    db.session.commit()


def tickets_of(order: Order) -> list[Ticket]:
    return orders.list_tickets(order_id=order.id)
