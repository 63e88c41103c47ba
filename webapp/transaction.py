"""The only commit in the tree, and the doorbell that follows it."""

from collections.abc import Iterator
from contextlib import contextmanager

from webapp import failpoints
from webapp.database import db
from webapp.ports import ports

_RINGS = "yardpass.rings"


@contextmanager
def transaction() -> Iterator[None]:
    """Commit on success, roll back on any exception; then ring for the work that is due.

    Only edges open one: blueprints, jobs, and the flows that both share.
    Domain functions never commit, so they compose. Nesting is a bug and
    raises ``RuntimeError``.
    """
    info = db.session().info
    if _RINGS in info:
        raise RuntimeError("transaction() does not nest")
    info[_RINGS] = []
    try:
        yield
        failpoints.reach("transaction.before_commit")
        db.session.commit()
    except BaseException:
        db.session.rollback()
        del info[_RINGS]
        raise
    failpoints.reach("transaction.after_commit")
    # Never before the commit: a worker would look for a row that is not there
    # yet. A ring that is lost here is made good by the sweep.
    for ring in info.pop(_RINGS):
        ports().doorbell.ring(**ring)


def ring_after_commit(*, queue: str, outbox_id: int, is_urgent: bool = False) -> None:
    """Wake a worker for a row once the surrounding transaction is durable.

    Raises ``RuntimeError`` outside a transaction.
    """
    rings = db.session().info.get(_RINGS)
    if rings is None:
        raise RuntimeError("ring_after_commit() needs a surrounding transaction()")
    rings.append({"queue": queue, "outbox_id": outbox_id, "is_urgent": is_urgent})
