"""The product's own code without one of its guards, for controls: row locks that lock nothing."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from webapp.database import db

LOCK = re.compile(r"\s+FOR (?:NO KEY )?UPDATE(?: OF \w+)?(?: SKIP LOCKED)?")
LOOK_AT_CHECKOUT = r"FROM checkouts\s+WHERE checkouts\.reference"


@contextmanager
def without_row_locks(
    app: Flask, meet: Callable[[], object] = lambda: None, *, after: str = LOOK_AT_CHECKOUT
) -> Iterator[None]:
    """Inside, no statement of ``app`` locks a row.

    Each thread calls ``meet`` once, right after its first statement that ``after`` (a regular
    expression) is found in: there it learns what it then takes for granted.
    """
    has_met = threading.local()

    def unlock(_connection, _cursor, statement, parameters, _context, _many):
        return LOCK.sub("", statement), parameters

    def pause(_connection, _cursor, statement, _parameters, _context, _many) -> None:
        if re.search(after, statement) and not getattr(has_met, "before", False):
            has_met.before = True
            meet()

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", unlock, retval=True)
    event.listen(engine, "after_cursor_execute", pause)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", unlock)
        event.remove(engine, "after_cursor_execute", pause)


def in_between(app: Flask, call: Callable[[], object]) -> Callable[[], None]:
    """Something for ``meet``: ``call``, begun and ended by somebody else meanwhile."""

    def act() -> None:
        with app.app_context():
            call()

    return act
