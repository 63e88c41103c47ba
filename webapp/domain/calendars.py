"""When the holder of tickets has to be where: what a calendar should show."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, select

from webapp.database import db
from webapp.models import Event, EventStatus, Occurrence, Order, Ticket, TicketStatus
from webapp.models.event import tier_occurrences
from webapp.models.ticket import FIRST_HOLDER

# Built once: every order runs them.
_ADMISSIONS = select(Ticket.tier_id, Ticket.status, Ticket.holder_no).where(
    Ticket.order_id == bindparam("order_id")
)
_OPENED = (
    select(Occurrence)
    .join(tier_occurrences, tier_occurrences.c.occurrence_id == Occurrence.id)
    .where(tier_occurrences.c.tier_id.in_(bindparam("tier_ids", expanding=True)))
    .distinct()
    .order_by(Occurrence.starts_at, Occurrence.id)
)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One thing to go to, or that was and is no longer.

    ``key`` is stable for the order; an empty name is the event's own.
    """

    key: str
    name: str
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class OrderSchedule:
    """All entries of an order, or of one ticket. ``version`` only grows."""

    entries: tuple[CalendarEntry, ...]
    version: int

    @property
    def is_cancelled(self) -> bool:
        """Whether there is nothing to go to any more."""
        return all(entry.is_cancelled for entry in self.entries)

    @property
    def takes_back(self) -> bool:
        """Whether something that may be in a calendar has to leave it."""
        return any(entry.is_cancelled for entry in self.entries)

    def sequence_of(self, entry: CalendarEntry) -> int:
        """What calendars compare: they replace what is older.

        One that is taken back is above what was handed out before; the version
        rises with every other change.
        """
        return self.version + entry.is_cancelled


def find_schedule(*, order: Order) -> OrderSchedule | None:
    """What the order's tickets open; None for an order without tickets.

    What only tickets opened that are void or given away by now, and everything
    once the event was called off, stays among the entries and is taken back: it
    may be in a calendar.
    """
    admissions = db.session.execute(_ADMISSIONS, {"order_id": order.id}).all()
    if not admissions:
        return None
    valid = {
        tier_id
        for tier_id, status, holder_no in admissions
        if status is TicketStatus.VALID and holder_no == FIRST_HOLDER
    }
    return _schedule(order.event, valid=valid, all_of_them={row.tier_id for row in admissions})


def get_ticket_schedule(*, ticket: Ticket, is_held: bool = True) -> OrderSchedule:
    """What one ticket opens, for whoever holds it; all taken back for whoever gave it away."""
    own = {ticket.tier_id}
    valid = own if is_held and ticket.status is TicketStatus.VALID else set()
    return _schedule(ticket.order.event, valid=valid, all_of_them=own)


def list_entries(*, event: Event, tickets: Sequence[Ticket]) -> tuple[CalendarEntry, ...]:
    """What ``tickets`` of ``event`` open, in the order of time; at least one entry."""
    return _entries(event, {ticket.tier_id for ticket in tickets})


def list_moments(*, tier_id: int, event: Event) -> Sequence[tuple[datetime, datetime]]:
    """From when to when a ticket of the tier opens a door, first to last; never empty."""
    return [(each.starts_at, each.ends_at) for each in _entries(event, {tier_id})]


def _schedule(
    event: Event, *, valid: Collection[int], all_of_them: Collection[int]
) -> OrderSchedule:
    is_on = event.status is not EventStatus.CANCELLED
    kept = _entries(event, valid) if valid and is_on else ()
    if kept and len(valid) == len(all_of_them):
        return OrderSchedule(entries=kept, version=event.schedule_version)
    keys = {entry.key for entry in kept}
    gone = [
        replace(entry, is_cancelled=True)
        for entry in _entries(event, all_of_them)
        if entry.key not in keys
    ]
    entries = sorted([*kept, *gone], key=lambda entry: (entry.starts_at, entry.key))
    return OrderSchedule(entries=tuple(entries), version=event.schedule_version)


def _entries(event: Event, tier_ids: Collection[int]) -> tuple[CalendarEntry, ...]:
    opened = list(db.session.scalars(_OPENED, {"tier_ids": sorted(tier_ids)}))
    if not opened:
        return (CalendarEntry("event", "", event.starts_at, event.ends_at),)
    is_only = len(opened) == 1 and opened[0].starts_at == event.starts_at
    return tuple(
        CalendarEntry(str(each.id), "" if is_only else each.name, each.starts_at, each.ends_at)
        for each in opened
    )
