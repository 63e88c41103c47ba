"""Changes of time: seen, waited out until they have settled, and told to who holds tickets."""

from datetime import datetime, timedelta

from sqlalchemy import TextClause, bindparam, func, or_, select, text
from sqlalchemy.orm import selectinload

from webapp.database import UtcDateTime, db
from webapp.domain.event_mails import write_event_mails
from webapp.domain.push_messages import write_pushes
from webapp.domain.ticket_grants import GRANTS
from webapp.models import AnnouncedSchedule, EmailMessage, Event, EventStatus

SCHEDULE_CHANGED = "schedule_changed"
# Who changes a time often changes it again, or the next one: one mail tells of all.
SETTLED_AFTER = timedelta(minutes=10)
# A full house is told within this: who was told twice knows it well, who was not told stands
# before a closed door.
TOLD_WITHIN = timedelta(days=1)
_EVENT = "event"

# Tickets whose tier opens something that moved, or that open no part of an event whose own
# start moved. Who bought, or was given, one since then has seen the new time.
_AFFECTED = """
    SELECT announced_schedules.event_id, announced_schedules.moved_version,
           coalesce(parts.starts_at, events.starts_at) AS starts_at, events.ends_at,
           tickets.id AS ticket_id, tickets.holder_no,
           coalesce(nullif(tickets.holder_email, ''), orders.contact_email) AS recipient
    FROM announced_schedules
    JOIN events ON events.id = announced_schedules.event_id
     AND events.status = 'published' AND events.ends_at > :now
    JOIN tickets ON tickets.event_id = events.id AND tickets.status = 'valid'
     AND tickets.issued_at < announced_schedules.moved_at
     AND NOT EXISTS (
         SELECT FROM transfers
         JOIN transfer_claims ON transfer_claims.transfer_id = transfers.id
         WHERE transfers.ticket_id = tickets.id
           AND transfers.from_holder_no = tickets.holder_no - 1
           AND transfer_claims.accepted_at >= announced_schedules.moved_at
     )
    JOIN orders ON orders.id = tickets.order_id
     AND orders.status IN ('paid', 'partially_refunded')
    CROSS JOIN LATERAL (
        SELECT count(*) AS opened,
               min(occurrences.starts_at) FILTER (
                   WHERE jsonb_exists(announced_schedules.moved, occurrences.id::text)
               ) AS starts_at
        FROM tier_occurrences
        JOIN occurrences ON occurrences.id = tier_occurrences.occurrence_id
        WHERE tier_occurrences.tier_id = tickets.tier_id
    ) AS parts
    WHERE announced_schedules.moved_at <= :settled_at
      AND (parts.starts_at IS NOT NULL
           OR parts.opened = 0 AND jsonb_exists(announced_schedules.moved, 'event'))
"""
_MAILS = text(
    "SELECT DISTINCT ON (event_id, lower(recipient)) event_id, 'schedule_changed' AS kind,"  # noqa: S608 - constants
    " moved_version AS sequence, recipient, starts_at"
    f" FROM ({_AFFECTED}) AS affected WHERE recipient <> ''"
    " ORDER BY event_id, lower(recipient), starts_at"
)
_PUSHES = text(
    "SELECT push_subscriptions.id AS subscription_id, 'schedule_changed' AS kind,"  # noqa: S608
    " 'schedule/' || event_id || '/' || moved_version AS subject,"
    " min(affected.ticket_id) AS ticket_id, min(starts_at) AS moment, ends_at AS expires_at"
    f" FROM ({_AFFECTED}) AS affected"
    f" JOIN ({GRANTS}) AS grants ON grants.ticket_id = affected.ticket_id"
    " AND grants.holder_no = affected.holder_no"
    " JOIN wallet_copies ON wallet_copies.wallet_id = grants.wallet_id"
    " JOIN push_subscriptions ON push_subscriptions.wallet_copy_id = wallet_copies.id"
    " GROUP BY push_subscriptions.id, event_id, moved_version, ends_at"
)


def note_moved_starts(*, now: datetime, limit: int) -> int:
    """Compare events to come with what was last known of them; say how many have moved.

    An event that is seen for the first time has not moved. A further change begins
    the wait anew and adds to what has to be told. Safe to repeat and to do twice at
    once: the event's row is locked.
    """
    query = (
        select(Event)
        .outerjoin(AnnouncedSchedule, AnnouncedSchedule.event_id == Event.id)
        .where(
            Event.status == EventStatus.PUBLISHED,
            Event.ends_at > now,
            or_(
                AnnouncedSchedule.event_id.is_(None),
                AnnouncedSchedule.schedule_version != Event.schedule_version,
            ),
        )
        .order_by(Event.id)
        .limit(limit)
        .with_for_update(of=Event)
        .options(selectinload(Event.occurrences))
        .execution_options(populate_existing=True)
    )
    return sum(_note(event, now=now) for event in db.session.scalars(query).all())


def write_changes(*, now: datetime, trace_id: str, limit: int, spacing: timedelta) -> int:
    """Write at most ``limit`` mails about settled changes, once a mailbox and version."""
    return write_event_mails(
        _bound(_MAILS, now=now), now=now, trace_id=trace_id, limit=limit, spacing=spacing
    )


def write_change_pushes(*, now: datetime, trace_id: str, limit: int, spacing: timedelta) -> int:
    """Write at most ``limit`` messages to phones about the same, once a phone and version."""
    return write_pushes(
        _bound(_PUSHES, now=now), now=now, trace_id=trace_id, limit=limit, spacing=spacing
    )


def is_superseded(email: EmailMessage) -> bool:
    """Whether a later mail tells the same mailbox of a later change."""
    query = select(EmailMessage.id).where(
        EmailMessage.event_id == email.event_id,
        EmailMessage.kind == SCHEDULE_CHANGED,
        EmailMessage.sequence > email.sequence,
        func.lower(EmailMessage.recipient) == email.recipient.lower(),
    )
    return db.session.scalar(query.limit(1)) is not None


def _note(event: Event, *, now: datetime) -> bool:
    known = db.session.get(AnnouncedSchedule, event.id, populate_existing=True)
    starts = _starts(event)
    if known is None:
        known = AnnouncedSchedule(event_id=event.id, moved={}, moved_version=0, moved_at=None)
        known.starts = starts
        known.schedule_version = event.schedule_version
        db.session.add(known)
        return False
    was = {key: start for key, start in known.starts.items() if starts.get(key, start) != start}
    known.starts = starts
    known.schedule_version = event.schedule_version
    if not was:
        return False
    if known.moved_at is not None and known.moved_at > now - TOLD_WITHIN:
        was |= known.moved
    if known.moved_at is None or known.moved_at > now - SETTLED_AFTER:
        # Nobody was told yet: what is back where it was has not moved.
        was = {key: start for key, start in was.items() if starts.get(key) != start}
    known.moved = was
    known.moved_version = event.schedule_version
    known.moved_at = now if was else None
    return bool(was)


def _starts(event: Event) -> dict[str, str]:
    parts = {str(each.id): each.starts_at for each in event.occurrences}
    return {key: start.isoformat() for key, start in ({_EVENT: event.starts_at} | parts).items()}


def _bound(query: TextClause, *, now: datetime) -> TextClause:
    return query.bindparams(
        bindparam("now", now, UtcDateTime()),
        bindparam("settled_at", now - SETTLED_AFTER, UtcDateTime()),
    )
