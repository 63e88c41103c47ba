"""What one mailbox holds at one event: the tickets it bought, and those it was given."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from webapp.database import db
from webapp.domain import transfers
from webapp.models import Event, Order, Ticket, TicketStatus
from webapp.models.order import PAID_FOR


@dataclass(frozen=True, slots=True)
class Holding:
    """Valid tickets of one mailbox, and what opens them: its own orders, single tickets else.

    ``locale`` is the language of its last purchase, or in which it accepted a ticket.
    """

    event: Event
    tickets: tuple[Ticket, ...]
    orders: tuple[Order, ...]
    given: tuple[Ticket, ...]
    locale: str


def find_holding(*, event_id: int, mailbox: str) -> Holding | None:
    """What ``mailbox`` holds now, however its address is spelt; None when that is nothing."""
    address = mailbox.lower()
    query = (
        select(Ticket)
        .join(Ticket.order)
        .where(
            Ticket.event_id == event_id,
            Ticket.status == TicketStatus.VALID,
            Order.status.in_(PAID_FOR),
            or_(
                (Ticket.holder_email == "") & (func.lower(Order.contact_email) == address),
                func.lower(Ticket.holder_email) == address,
            ),
        )
        .order_by(Ticket.order_id, Ticket.order_item_id, Ticket.unit_no)
        .options(joinedload(Ticket.order).joinedload(Order.event))
        .execution_options(populate_existing=True)
    )
    tickets = tuple(db.session.scalars(query))
    if not tickets:
        return None
    orders = {ticket.order_id: ticket.order for ticket in tickets if not ticket.holder_email}
    return Holding(
        event=tickets[0].order.event,
        tickets=tickets,
        orders=tuple(orders.values()),
        given=tuple(ticket for ticket in tickets if ticket.holder_email),
        locale=_locale(tuple(orders.values()), tickets),
    )


def _locale(orders: tuple[Order, ...], tickets: tuple[Ticket, ...]) -> str:
    if orders:
        return max(orders, key=lambda order: order.id).locale
    claim = transfers.find_present_claim(ticket=tickets[-1])
    return claim.locale if claim else tickets[-1].order.locale
