"""Counters beside the rows that they count: looked at, never put right by themselves."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from webapp.database import db
from webapp.domain import code_uses, stock
from webapp.models import CounterCheck

# What is counted -> ids of rows that count wrong.
CHECKS: Mapping[str, Callable[[], list[int]]] = {
    "pools": stock.count_mismatches,
    "codes": code_uses.count_mismatches,
}


def note_check(*, name: str, miscounted: int, now: datetime) -> None:
    """Keep when it was looked at and what came of it, for whoever reads the metrics."""
    found = {"checked_at": now, "miscounted": miscounted}
    db.session.execute(
        insert(CounterCheck)
        .values(name=name, **found)
        .on_conflict_do_update(index_elements=["name"], set_=found)
    )


def list_checks() -> list[CounterCheck]:
    """The last look at each kind of counters."""
    return list(db.session.scalars(select(CounterCheck).order_by(CounterCheck.name)))
