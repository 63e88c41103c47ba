"""Signs of life of the background processes, for readiness."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from webapp.database import db
from webapp.domain.outbox import QUEUES
from webapp.models import Heartbeat

BEAT_EVERY = timedelta(seconds=3)
# Four missed beats: a process that is only being restarted does not count as gone.
SILENT_AFTER = timedelta(seconds=15)
SCHEDULER = "scheduler"


def worker_name(queue: str) -> str:
    """The name that the workers of a queue share: one of them alive is enough."""
    return f"worker:{queue}"


EXPECTED = (*(worker_name(queue) for queue in sorted(set(QUEUES.values()))), SCHEDULER)


def beat(*, name: str, now: datetime) -> None:
    """Note that the named process lives."""
    db.session.execute(
        insert(Heartbeat)
        .values(name=name, seen_at=now)
        .on_conflict_do_update(index_elements=["name"], set_={"seen_at": now})
    )


def list_silent(*, now: datetime) -> list[str]:
    """Names of the expected processes that have not been heard lately; empty when all is well."""
    alive = set(
        db.session.scalars(select(Heartbeat.name).where(Heartbeat.seen_at > now - SILENT_AFTER))
    )
    return [name for name in EXPECTED if name not in alive]
