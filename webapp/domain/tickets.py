"""Tickets: issued once for every person that a paid order admits."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from webapp.database import db, table_of
from webapp.domain import attendees, emails, orders
from webapp.domain.attendees import Unit
from webapp.errors import NotFound
from webapp.models import (
    Event,
    Order,
    OrderItem,
    Ticket,
    TicketStatus,
    TierKind,
)

# Crockford's base 32: no I, L, O or U, so nothing is misread or misheard.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16
# The shortest number printed; it grows by itself past 999.
SERIAL_WIDTH = 3

# Built once: every order runs it.
_events = table_of(Event)
_TAKE_SERIALS = (
    update(_events)
    .where(_events.c.id == bindparam("event_id"))
    .values(next_serial=_events.c.next_serial + bindparam("count"))
    .returning(_events.c.next_serial)
)


def issue_tickets(
    *, order_id: int, now: datetime, trace_id: str, key_no: int | None = None
) -> None:
    """Issue the tickets of a paid order, once, and make its confirmation mail due.

    Gateways and queues deliver at least once: a repeat is a no-op, and the
    unique (order item, unit) stops even a repeat that runs at the same moment.
    The mail is its own piece of work: an outage there undoes nothing here. What
    admits nobody, a donation or an add-on such as a parking place, is fulfilled
    without a ticket: the order's page and mail list it. ``key_no`` is the key that
    signs them; without one it is the oldest that there will be.
    """
    order = orders.lock_order(order_id=order_id)
    # Part of the money may have gone back before this ran: the rest was paid for.
    if not order.is_paid_for or order.fulfilled_at is not None:
        return
    units = [
        (item, unit_no)
        for item in order.items
        if item.kind is TierKind.TICKET
        for unit_no in range(1, item.quantity + 1)
    ]
    if units:
        # Where nobody was named, everything is in the buyer's name.
        names = attendees.resolve_names(order.checkout) or {}
        # The counter is the last lock taken: every issuing of the event waits for it.
        last = _take_serials(event_id=order.event_id, count=len(units))
        first = last - len(units) + 1
        db.session.execute(
            insert(table_of(Ticket)),
            [
                {
                    "order_id": order.id,
                    "order_item_id": item.id,
                    "unit_no": unit_no,
                    "event_id": order.event_id,
                    "tier_id": item.tier_id,
                    "code": new_ticket_code(),
                    "serial_number": format_serial(order, first + index),
                    "attendee_name": _holder(item, unit_no, names, order.contact_name),
                    "status": TicketStatus.VALID,
                    "issued_at": now,
                    "key_no": key_no,
                }
                for index, (item, unit_no) in enumerate(units)
            ],
        )
    order.fulfilled_at = now
    emails.queue_email(
        order_id=order.id, kind=emails.ORDER_CONFIRMATION, now=now, trace_id=trace_id
    )


def lock_ticket(*, order_id: int, serial_number: str) -> Ticket:
    """One ticket of an order, fresh and locked. Raises :class:`NotFound`."""
    query = (
        select(Ticket)
        .where(Ticket.order_id == order_id, Ticket.serial_number == serial_number)
        .with_for_update(of=Ticket)
        .execution_options(populate_existing=True)
    )
    ticket = db.session.scalars(query).one_or_none()
    if ticket is None:
        raise NotFound
    return ticket


def new_ticket_code() -> str:
    """Sixteen random characters, 80 bits, from an alphabet that is hard to misread."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def format_serial(order: Order, number: int) -> str:
    """The event's prefix and a number, such as ``ALB007``."""
    return f"{order.event.order_prefix}{number:0{SERIAL_WIDTH}d}"


def _holder(item: OrderItem, unit_no: int, names: Mapping[Unit, str], buyer: str) -> str:
    """Whose ticket it is; what admits nobody, such as a parking place, is the buyer's."""
    if not names or item.kind is not TierKind.TICKET:
        return buyer
    return names.get((item.tier_id, unit_no), "")


def _take_serials(*, event_id: int, count: int) -> int:
    """Take ``count`` numbers of the event and answer the last; nothing is ever counted."""
    taken = db.session.scalars(_TAKE_SERIALS, {"event_id": event_id, "count": count})
    return int(taken.one())
