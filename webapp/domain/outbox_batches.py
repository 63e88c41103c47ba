"""Work for many rows at once: written with them by one statement, spread over time."""

from datetime import datetime, timedelta

from sqlalchemy import CTE, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from webapp.database import UtcDateTime
from webapp.domain import outbox
from webapp.models import Outbox, OutboxStatus


def add_work_for(
    written: CTE, *, kind: str, now: datetime, trace_id: str, spacing: timedelta
) -> ReturningInsert[tuple[int]]:
    """The statement that makes work of ``kind`` due for each row of ``written``, by its ``id``.

    The first at ``now`` and one every ``spacing``, so that what somebody waits for
    comes in between. Nobody is rung for: the sweep does, each in its time.
    """
    seconds = (func.row_number().over(order_by=written.c.id) - 1) * spacing.total_seconds()
    due_at = literal(now, UtcDateTime()) + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    values = {
        "kind": literal(kind),
        "key": func.concat(written.c.id),
        "queue": literal(outbox.QUEUES[kind]),
        "subject_id": written.c.id,
        "status": literal(OutboxStatus.DUE.value),
        "attempts": literal(0),
        "claim_no": literal(0),
        "due_at": due_at,
        "ring_at": due_at,
        "last_error": literal(""),
        "trace_id": literal(trace_id),
        "created_at": literal(now, UtcDateTime()),
    }
    return (
        insert(Outbox)
        .from_select(list(values), select(*values.values()))
        .on_conflict_do_nothing()
        .returning(Outbox.id)
    )
