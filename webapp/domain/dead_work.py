"""Work that was given up on: what a person looks at, and makes due again."""

from datetime import datetime

from sqlalchemy import ColumnElement, select, true, update

from webapp.database import db, table_of
from webapp.models import Outbox, OutboxStatus

_rows = table_of(Outbox)


def list_dead_work() -> list[Outbox]:
    """Rows that were given up on, oldest first: what a person must look at."""
    query = select(Outbox).where(Outbox.status == OutboxStatus.DEAD).order_by(Outbox.id)
    return list(db.session.scalars(query))


def replay_work(*, outbox_id: int, now: datetime) -> bool:
    """Make a dead row due again; False when it is not dead."""
    return _replay(_rows.c.id == outbox_id, now=now) > 0


def replay_all_work(*, kind: str | None = None, now: datetime) -> int:
    """Make every dead row due again, or those of a kind; say how many. Safe to repeat."""
    return _replay(true() if kind is None else _rows.c.kind == kind, now=now)


def _replay(which: ColumnElement[bool], *, now: datetime) -> int:
    replayed = (
        update(_rows)
        .where(which, _rows.c.status == OutboxStatus.DEAD)
        .values(status=OutboxStatus.DUE, attempts=0, due_at=now, ring_at=now, created_at=now)
        .returning(_rows.c.id)
    )
    return len(db.session.execute(replayed).all())
