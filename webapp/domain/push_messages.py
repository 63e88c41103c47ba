"""What browsers are told of: each thing once, to wallets that hold the ticket it is about."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    String,
    TextClause,
    bindparam,
    column,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from webapp.database import UtcDateTime, db
from webapp.domain import outbox
from webapp.domain.outbox_batches import add_work_for
from webapp.domain.ticket_grants import GRANTS
from webapp.models import Order, PushMessage, PushSubscription, Ticket

DOORS_OPEN = "doors_open"
SCHEDULE_CHANGED = "schedule_changed"
TICKET_RECEIVED = "ticket_received"
TICKET_GIVEN = "ticket_given"

# Events have no time of doors of their own: an hour before the start people are on their way.
BEFORE_START = timedelta(hours=1)
# News of a ticket is news for this long.
LIFETIME = timedelta(days=2)
# So long after its time a message is remembered, so that nothing is told twice.
KEPT_FOR = timedelta(days=14)

# One message for each subscription and part that begins, about its first ticket for it.
_BEGINNING = text(
    """
    WITH beginning AS (
        SELECT 'occurrence/' || occurrences.id AS subject, occurrences.starts_at,
               tiers.id AS tier_id
        FROM occurrences
        JOIN events ON events.id = occurrences.event_id AND events.status = 'published'
        JOIN tier_occurrences ON tier_occurrences.occurrence_id = occurrences.id
        JOIN tiers ON tiers.id = tier_occurrences.tier_id
        WHERE occurrences.starts_at > :now AND occurrences.starts_at <= :soon
        UNION ALL
        SELECT 'event/' || events.id, events.starts_at, tiers.id
        FROM events
        JOIN tiers ON tiers.event_id = events.id
        WHERE events.status = 'published' AND events.starts_at > :now AND events.starts_at <= :soon
          AND NOT EXISTS (SELECT FROM tier_occurrences WHERE tier_occurrences.tier_id = tiers.id)
    )
    SELECT push_subscriptions.id AS subscription_id, 'doors_open' AS kind, beginning.subject,
           min(tickets.id) AS ticket_id, beginning.starts_at AS moment,
           beginning.starts_at AS expires_at
    FROM beginning
    JOIN tickets ON tickets.tier_id = beginning.tier_id AND tickets.status = 'valid'
    JOIN ("""  # noqa: S608 - constants, all of it
    + GRANTS
    + """) AS grants ON grants.ticket_id = tickets.id AND grants.holder_no = tickets.holder_no
    JOIN wallet_copies ON wallet_copies.wallet_id = grants.wallet_id
    JOIN push_subscriptions ON push_subscriptions.wallet_copy_id = wallet_copies.id
    GROUP BY push_subscriptions.id, beginning.subject, beginning.starts_at
    """
)

# Everybody whose wallet was given one ticket for one holder.
_ABOUT_TICKET = text(
    """
    SELECT DISTINCT push_subscriptions.id AS subscription_id, CAST(:kind AS text) AS kind,
           CAST(:subject AS text) AS subject, grants.ticket_id AS ticket_id,
           CAST(:now AS timestamptz) AS moment, CAST(:expires_at AS timestamptz) AS expires_at
    FROM ("""  # noqa: S608 - constants, all of it
    + GRANTS
    + """) AS grants
    JOIN wallet_copies ON wallet_copies.wallet_id = grants.wallet_id
    JOIN push_subscriptions ON push_subscriptions.wallet_copy_id = wallet_copies.id
    WHERE grants.ticket_id = :ticket_id AND grants.holder_no = :holder_no
      AND wallet_copies.id <> :but_copy_id
    """
)


def queue_push(
    *,
    kind: str,
    ticket_id: int,
    holder_no: int,
    but_copy_id: int = 0,
    now: datetime,
    trace_id: str,
) -> int:
    """Tell every browser that keeps the ticket for ``holder_no`` what became of it, once.

    But one: ``but_copy_id`` is of the browser whose person did it.

    After a transfer that is the former number for ``ticket_given`` and the new
    one for ``ticket_received``. Answers how many are told; a repeat tells nobody.
    """
    due = _bind(
        _ABOUT_TICKET,
        now=now,
        moments={"expires_at": now + LIFETIME},
        values={
            "kind": kind,
            "subject": f"ticket/{ticket_id}/{holder_no}",
            "ticket_id": ticket_id,
            "holder_no": holder_no,
            "but_copy_id": but_copy_id,
        },
    )
    return write_pushes(due, now=now, trace_id=trace_id, limit=1000, spacing=timedelta(0))


def write_beginning(*, now: datetime, trace_id: str, limit: int, spacing: timedelta) -> int:
    """Write at most ``limit`` messages of what begins within the hour with their work.

    Safe to repeat and to do twice at once; says how many.
    """
    due = _bind(_BEGINNING, now=now, moments={"soon": now + BEFORE_START}, values={})
    return write_pushes(due, now=now, trace_id=trace_id, limit=limit, spacing=spacing)


def write_pushes(
    due: TextClause, *, now: datetime, trace_id: str, limit: int, spacing: timedelta
) -> int:
    """Write at most ``limit`` of the ``due`` messages with their work; say how many.

    ``due`` has the columns of :func:`_bind`. One statement; the unique index decides.
    """
    rows = due.columns(
        column("subscription_id", BigInteger()),
        column("kind", String()),
        column("subject", String()),
        column("ticket_id", BigInteger()),
        column("moment", UtcDateTime()),
        column("expires_at", UtcDateTime()),
    ).cte("due")
    is_written = (
        select(PushMessage.id)
        .where(
            PushMessage.subscription_id == rows.c.subscription_id,
            PushMessage.kind == rows.c.kind,
            PushMessage.subject == rows.c.subject,
        )
        .exists()
    )
    fresh = (
        select(rows)
        .join(PushSubscription, PushSubscription.id == rows.c.subscription_id)
        .where(~is_written)
        .order_by(rows.c.moment, rows.c.subscription_id, rows.c.kind, rows.c.subject)
        .limit(limit)
        # One that is being switched off just now is passed over: nobody waits for it, and
        # whoever changed the ticket must not fail because of it.
        .with_for_update(of=PushSubscription, read=True, key_share=True, skip_locked=True)
        .cte("fresh")
    )
    names = [each.name for each in fresh.c]
    written = (
        insert(PushMessage)
        .from_select([*names, "created_at"], select(fresh, literal(now, UtcDateTime())))
        .on_conflict_do_nothing()
        .returning(PushMessage.id)
        .cte("written")
    )
    work = add_work_for(written, kind=outbox.SEND_PUSH, now=now, trace_id=trace_id, spacing=spacing)
    return len(db.session.execute(work).all())


def claim_push(*, push_message_id: int, now: datetime) -> PushMessage | None:
    """The message to send, with what it is about; None when there is nothing to send any more.

    That is so when it was sent, when its time is over, and when its browser is gone.
    """
    query = (
        select(PushMessage)
        .where(PushMessage.id == push_message_id)
        .with_for_update(of=PushMessage)
        .options(joinedload(PushMessage.subscription, innerjoin=True))
        .execution_options(populate_existing=True)
    )
    message = db.session.scalars(query).one_or_none()
    if message is None or message.sent_at is not None or message.expires_at <= now:
        return None
    return message


def get_ticket_for_push(message: PushMessage) -> Ticket:
    """The ticket that a message opens, with its event."""
    query = (
        select(Ticket)
        .where(Ticket.id == message.ticket_id)
        .options(joinedload(Ticket.order).joinedload(Order.event))
    )
    return db.session.scalars(query).one()


def mark_sent(*, push_message_id: int, now: datetime) -> None:
    """Note that the push service has the message. Safe to repeat."""
    message = db.session.get(PushMessage, push_message_id, with_for_update=True)
    if message is not None and message.sent_at is None:
        message.sent_at = now
        message.subscription.failed_at = None


def mark_failed(*, push_message_id: int, now: datetime) -> None:
    """Note that the push service failed, for whoever looks at the subscription."""
    message = db.session.get(PushMessage, push_message_id)
    if message is not None:
        message.subscription.failed_at = now


def _bind(
    query: TextClause,
    *,
    now: datetime,
    moments: Mapping[str, datetime],
    values: Mapping[str, object],
) -> TextClause:
    bound = [bindparam(name, moment, UtcDateTime()) for name, moment in moments.items()]
    return query.bindparams(bindparam("now", now, UtcDateTime()), *bound, **values)
