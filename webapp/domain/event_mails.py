"""Mails about an event to everybody who holds its tickets: written set by set, once a mailbox."""

from datetime import datetime, timedelta

from sqlalchemy import (
    CTE,
    BigInteger,
    String,
    TextClause,
    column,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from webapp.database import UtcDateTime, db
from webapp.domain import outbox
from webapp.domain.outbox_batches import add_work_for
from webapp.models import EmailMessage, EmailStatus


def write_event_mails(
    query: TextClause, *, now: datetime, trace_id: str, limit: int, spacing: timedelta
) -> int:
    """Write at most ``limit`` of the mails that ``query`` finds due with their work; say how many.

    It gives the columns ``event_id``, ``kind``, ``sequence``, ``recipient``
    and ``starts_at``; what starts first goes first. One statement: a mail is
    never there without its work. A mailbox that has its mail is passed over,
    however often and by however many this is called: the unique index decides.
    The work is spread over time, one every ``spacing``, so that a full house
    does not stand between a buyer and a confirmation.
    """
    due = query.columns(
        column("event_id", BigInteger()),
        column("kind", String()),
        column("sequence", BigInteger()),
        column("recipient", String()),
        column("starts_at", UtcDateTime()),
    ).cte("due")
    has_mail = exists().where(
        EmailMessage.event_id == due.c.event_id,
        EmailMessage.kind == due.c.kind,
        EmailMessage.sequence == due.c.sequence,
        func.lower(EmailMessage.recipient) == func.lower(due.c.recipient),
    )
    mailbox = func.lower(due.c.recipient)
    fresh = (
        select(due)
        .where(~has_mail)
        # Always in the same order: two at once then wait for one another in a line.
        .order_by(due.c.starts_at, due.c.event_id, due.c.kind, mailbox)
        .limit(limit)
        .cte("fresh")
    )
    written = _write_mails(fresh, now=now)
    work = add_work_for(
        written, kind=outbox.SEND_EMAIL, now=now, trace_id=trace_id, spacing=spacing
    )
    return len(db.session.execute(work).all())


def _write_mails(fresh: CTE, *, now: datetime) -> CTE:
    digest = func.encode(func.sha256(func.convert_to(func.lower(fresh.c.recipient), "UTF8")), "hex")
    # No address in a key: keys turn up in the provider's logs.
    key = func.concat_ws("/", fresh.c.kind, fresh.c.event_id, fresh.c.sequence, digest)
    values = {
        "event_id": fresh.c.event_id,
        "kind": fresh.c.kind,
        "sequence": fresh.c.sequence,
        "recipient": fresh.c.recipient,
        "idempotency_key": key,
        "status": literal(EmailStatus.QUEUED.value),
        "provider_message_id": literal(""),
        "created_at": literal(now, UtcDateTime()),
    }
    return (
        insert(EmailMessage)
        .from_select(list(values), select(*values.values()))
        .on_conflict_do_nothing()
        .returning(EmailMessage.id)
        .cte("written")
    )
