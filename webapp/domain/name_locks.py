"""Locks on names rather than rows: for what has to be counted before there is a row to lock."""

from sqlalchemy import bindparam, func, select

from webapp.database import db

_KEY = func.hashtextextended(bindparam("name"), 0)
# Built once: every hold runs one of them.
_LOCK = select(func.pg_advisory_xact_lock(_KEY))
_TRY_LOCK = select(func.pg_try_advisory_xact_lock(_KEY))


def lock_name(name: str) -> None:
    """Wait until nobody else has locked ``name``; it is locked until the transaction ends.

    All names share one space: each begins with what it is locked for.
    """
    db.session.execute(_LOCK, {"name": name})


def try_lock_name(name: str) -> bool:
    """The same without waiting; False while somebody else has locked it."""
    return bool(db.session.scalar(_TRY_LOCK, {"name": name}))
