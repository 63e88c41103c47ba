"""When the holder of an order's tickets has to be where: what a calendar should show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.database import db
from webapp.domain import orders
from webapp.models import Event, EventStatus, Occurrence, Order, Ticket, TicketStatus
from webapp.models.event import tier_occurrences


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One thing to go to. ``key`` is stable for the order; an empty name is the event's own."""

    key: str
    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OrderSchedule:
    """All entries of an order, or of one ticket.

    ``sequence`` only grows: calendars replace what is older.
    """

    entries: tuple[CalendarEntry, ...]
    is_cancelled: bool
    sequence: int


def find_schedule(*, order: Order) -> OrderSchedule | None:
    """What the order's tickets open; None for an order without tickets.

    An order whose tickets are all void or given away, or whose event was called
    off, keeps its entries and takes them back.
    """
    tickets = orders.list_tickets(order_id=order.id)
    if not tickets:
        return None
    own = [ticket for ticket in tickets if not ticket.is_given]
    return _schedule(order.event, tickets=tickets, own=own)


def find_ticket_schedule(*, ticket: Ticket) -> OrderSchedule:
    """What one ticket opens, for whoever holds it."""
    return _schedule(ticket.order.event, tickets=[ticket], own=[ticket])


def list_entries(*, event: Event, tickets: Sequence[Ticket]) -> tuple[CalendarEntry, ...]:
    """What ``tickets`` of ``event`` open, in the order of time; at least one entry."""
    return _entries(event, tickets)


def _schedule(event: Event, *, tickets: Sequence[Ticket], own: Sequence[Ticket]) -> OrderSchedule:
    valid = [ticket for ticket in own if ticket.status is TicketStatus.VALID]
    is_cancelled = not valid or event.status is EventStatus.CANCELLED
    return OrderSchedule(
        entries=_entries(event, valid or tickets),
        is_cancelled=is_cancelled,
        # Above what was handed out before; the version rises with every other change.
        sequence=event.schedule_version + is_cancelled,
    )


def _entries(event: Event, tickets: Sequence[Ticket]) -> tuple[CalendarEntry, ...]:
    query = (
        select(Occurrence)
        .join(tier_occurrences, tier_occurrences.c.occurrence_id == Occurrence.id)
        .where(tier_occurrences.c.tier_id.in_({ticket.tier_id for ticket in tickets}))
        .distinct()
        .order_by(Occurrence.starts_at, Occurrence.id)
    )
    opened = list(db.session.scalars(query))
    if not opened:
        return (CalendarEntry("event", "", event.starts_at, event.ends_at),)
    is_only = len(opened) == 1 and opened[0].starts_at == event.starts_at
    return tuple(
        CalendarEntry(str(each.id), "" if is_only else each.name, each.starts_at, each.ends_at)
        for each in opened
    )
