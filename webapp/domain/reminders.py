"""Reminders: one mail three days and one a day before, to each mailbox that holds tickets."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, text

from webapp.database import UtcDateTime
from webapp.domain.event_mails import write_event_mails

REMINDER_3_DAYS = "reminder_3_days"
REMINDER_24_HOURS = "reminder_24_hours"
# How late a reminder may still go out, before the start, when nobody was there to send it.
LATEST_3_DAYS = timedelta(hours=48)
LATEST_24_HOURS = timedelta(hours=2)
_LATEST = {REMINDER_3_DAYS: LATEST_3_DAYS, REMINDER_24_HOURS: LATEST_24_HOURS}
# Beyond this no reminder can be due: a calendar day more than three, at the end of the world.
WINDOW = timedelta(days=5)

# A ticket begins with the first part of the event that its tier opens. The first moment
# is at ten in the morning where the event is, three days of the calendar before, the
# second exactly 24 hours before, whatever the clocks do in between. Who bought, or was
# given, a ticket after a moment has just got a mail about it. Who holds several tickets
# is reminded of the first. What was said long before a moment counts no more: the event
# was put off since.
_DUE = text(
    """
    WITH starts AS (
        SELECT tiers.id AS tier_id, tiers.event_id, events.time_zone,
               coalesce(min(occurrences.starts_at), events.starts_at) AS starts_at
        FROM events
        JOIN tiers ON tiers.event_id = events.id
        LEFT JOIN tier_occurrences ON tier_occurrences.tier_id = tiers.id
        LEFT JOIN occurrences ON occurrences.id = tier_occurrences.occurrence_id
        WHERE events.status = 'published' AND events.ends_at > :now
          AND events.starts_at < :window_ends_at
        GROUP BY tiers.id, events.id
    ), held AS (
        SELECT DISTINCT ON (starts.event_id, lower(holders.recipient))
               starts.event_id, starts.time_zone, starts.starts_at,
               holders.recipient, holders.held_since
        FROM starts
        JOIN tickets ON tickets.tier_id = starts.tier_id AND tickets.status = 'valid'
        JOIN orders ON orders.id = tickets.order_id
         AND orders.status IN ('paid', 'partially_refunded')
        CROSS JOIN LATERAL (
            SELECT coalesce(nullif(tickets.holder_email, ''), orders.contact_email) AS recipient,
                   coalesce(
                       (SELECT transfer_claims.accepted_at
                        FROM transfers
                        JOIN transfer_claims ON transfer_claims.transfer_id = transfers.id
                        WHERE transfers.ticket_id = tickets.id
                          AND transfers.from_holder_no = tickets.holder_no - 1
                          AND transfer_claims.accepted_at IS NOT NULL),
                       tickets.issued_at
                   ) AS held_since
        ) AS holders
        WHERE starts.starts_at > :now AND starts.starts_at < :window_ends_at
          AND holders.recipient <> ''
        ORDER BY starts.event_id, lower(holders.recipient), starts.starts_at, holders.held_since
    ), moments AS (
        SELECT held.*, 'reminder_3_days' AS kind,
               ((starts_at AT TIME ZONE time_zone)::date - 3 + time '10:00')
                   AT TIME ZONE time_zone AS due_at,
               starts_at - :latest_3_days AS latest_at
        FROM held
        UNION ALL
        SELECT held.*, 'reminder_24_hours', starts_at - interval '24 hours',
               starts_at - :latest_24_hours
        FROM held
    )
    SELECT event_id, kind,
           1 + (SELECT count(*) FROM email_messages
                WHERE email_messages.event_id = moments.event_id
                  AND email_messages.kind = moments.kind
                  AND lower(email_messages.recipient) = lower(moments.recipient)
                  AND email_messages.created_at < due_at - :window) AS sequence,
           recipient, starts_at
    FROM moments
    WHERE due_at <= :now AND :now <= latest_at AND held_since <= due_at
    """
)


def write_due_reminders(*, now: datetime, trace_id: str, limit: int, spacing: timedelta) -> int:
    """Write at most ``limit`` reminders that are due with their work; say how many.

    Safe to repeat and to do twice at once. Everything is read as it is now:
    tickets that were refunded, transferred or bought meanwhile, events that
    were moved or called off.
    """
    due = _DUE.bindparams(
        bindparam("now", now, UtcDateTime()),
        bindparam("window_ends_at", now + WINDOW, UtcDateTime()),
        window=WINDOW,
        latest_3_days=LATEST_3_DAYS,
        latest_24_hours=LATEST_24_HOURS,
    )
    return write_event_mails(due, now=now, trace_id=trace_id, limit=limit, spacing=spacing)


def is_too_late(*, kind: str, starts_at: datetime, now: datetime) -> bool:
    """Whether a reminder waited too long, in an outage, to be sent; no other mail ever does."""
    return now > starts_at - _LATEST.get(kind, timedelta(0))
