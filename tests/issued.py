"""Orders with their tickets, without a gateway in between."""

from datetime import datetime

from tests.factories import NOW, make_checkout, make_event, make_tier
from webapp.database import db
from webapp.domain import orders, signing_keys, tickets
from webapp.extensions import key_seal
from webapp.models import (
    EmailMessage,
    Order,
    OrderStatus,
    Outbox,
    Payment,
    PaymentStatus,
    Ticket,
    TicketStatus,
    Tier,
)
from webapp.transaction import transaction

TRACE = "0" * 32
WAYS = {
    OrderStatus.PENDING: (),
    OrderStatus.PROCESSING: (OrderStatus.PROCESSING,),
    OrderStatus.PAID: (OrderStatus.PAID,),
    OrderStatus.FAILED: (OrderStatus.FAILED,),
    OrderStatus.EXPIRED: (OrderStatus.EXPIRED,),
    OrderStatus.CANCELLED: (OrderStatus.CANCELLED,),
    OrderStatus.PARTIALLY_REFUNDED: (OrderStatus.PAID, OrderStatus.PARTIALLY_REFUNDED),
    OrderStatus.REFUNDED: (OrderStatus.PAID, OrderStatus.REFUNDED),
    OrderStatus.NEEDS_REVIEW: (OrderStatus.NEEDS_REVIEW,),
}


def make_order(clock, status=OrderStatus.PAID, **event_fields) -> Order:
    """An order of two tickets that went the whole way to ``status``."""
    event = make_event(**event_fields)
    checkout = make_checkout((make_tier(event, name="Floor", price_cents=3000), 2))
    with transaction():
        order = orders.place_order(checkout=checkout, order=None, trace_id=TRACE, now=clock())
        for step in WAYS[status]:
            orders.move_order(order, step, actor="test", now=clock(), trace_id=TRACE)
            if step is OrderStatus.PAID:
                key = signing_keys.get_current_key(seal=key_seal(), now=clock(), trace_id=TRACE)
                tickets.issue_tickets(
                    order_id=order.id, key_no=key.key_no, now=clock(), trace_id=TRACE
                )
    return order


def add_captured_payment(order, *, now) -> None:
    db.session.add(
        Payment(
            order_id=order.id,
            attempt=1,
            provider="stripe",
            status=PaymentStatus.SUCCEEDED,
            amount_cents=order.total_cents,
            currency=order.currency,
            idempotency_key=f"order-{order.number}-1",
            session_id="cs_1",
            provider_payment_id="pi_1",
            expires_at=now,
            created_at=now,
        )
    )
    db.session.commit()


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


def first_ticket(order: Order) -> Ticket:
    """As the database has it now."""
    db.session.expire_all()
    return tickets_of(order)[0]
