"""Turns at periodic work: one process at a time, whoever asks first."""

from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert

from webapp.database import db
from webapp.models import Lease


def take_turn(*, name: str, holder: str, now: datetime, period: timedelta) -> bool:
    """Whether ``holder`` may do the named work now; nobody else may for ``period``.

    Any number of schedulers may ask: one row and one guarded upsert decide, so
    the work is never doubled. A holder that dies simply misses its turn.
    """
    upsert = (
        insert(Lease)
        .values(name=name, holder=holder, until=now + period)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "until": now + period},
            # A row from a clock that was far ahead must not stop the work for good.
            where=or_(Lease.until <= now, Lease.until > now + 2 * period),
        )
        .returning(Lease.name)
    )
    return db.session.scalar(upsert) is not None
