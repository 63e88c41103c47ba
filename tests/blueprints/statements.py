"""Counts what a request asks of the database."""

from collections.abc import Callable

from sqlalchemy import event

from webapp.database import db


def count_queries(action: Callable[[], object]) -> int:
    """How many statements ``action`` sends to the database."""
    seen = []

    def note(*args):
        seen.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    action()
    event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)
