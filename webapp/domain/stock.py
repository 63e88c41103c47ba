"""The counters of pools: the only code that changes ``held`` and ``sold``.

Every function takes the pool rows last and in id order, so that two baskets
can never wait for each other in a circle.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import CursorResult, bindparam, func, or_, select, update

from webapp.database import db, table_of
from webapp.models import Hold, HoldStatus, Pool

# Built once: every hold and every sale runs them.
_pools = table_of(Pool)
_ADD_HELD = (
    update(_pools)
    .where(
        _pools.c.id == bindparam("pool_id"),
        _pools.c.held + _pools.c.sold + bindparam("delta") <= _pools.c.capacity,
    )
    .values(held=_pools.c.held + bindparam("delta"))
)
_SELL_HELD = (
    update(_pools)
    .where(_pools.c.id == bindparam("pool_id"))
    .values(held=_pools.c.held - bindparam("quantity"), sold=_pools.c.sold + bindparam("quantity"))
)


class OutOfPlaces(Exception):
    """A pool has too few places; the caller rolls back and says what is left."""

    def __init__(self, pool_id: int) -> None:
        super().__init__(f"pool {pool_id} has too few places")
        self.pool_id = pool_id


def change_held(changes: Mapping[int, int], *, now: datetime) -> None:
    """Add each number to its pool's ``held`` (negative gives places back).

    All or nothing together with the caller's transaction. When a pool looks
    full, lapsed holds of that pool are released first, so correctness never
    waits for a sweep. Raises :class:`OutOfPlaces`.
    """
    for pool_id in sorted(changes):
        delta = changes[pool_id]
        if delta == 0 or _add_held(pool_id, delta):
            continue
        if release_lapsed_holds(pool_id=pool_id, now=now) == 0 or not _add_held(pool_id, delta):
            raise OutOfPlaces(pool_id)


def give_back_held(quantities: Mapping[int, int]) -> None:
    """Give held places back, pool by pool."""
    for pool_id in sorted(quantities):
        _add_held(pool_id, -quantities[pool_id])


def sell_held(quantities: Mapping[int, int]) -> None:
    """Turn held places into sold ones, pool by pool."""
    for pool_id in sorted(quantities):
        db.session.execute(_SELL_HELD, {"pool_id": pool_id, "quantity": quantities[pool_id]})


def return_sold(quantities: Mapping[int, int]) -> None:
    """Put sold places back on sale, pool by pool."""
    for pool_id in sorted(quantities):
        db.session.execute(
            update(Pool)
            .where(Pool.id == pool_id)
            .values(sold=Pool.sold - quantities[pool_id])
            .execution_options(synchronize_session=False)
        )


def release_lapsed_holds(*, pool_id: int, now: datetime) -> int:
    """Release holds of one pool whose time is up; answer how many places came back.

    SKIP LOCKED: a hold that somebody is paying for or changing right now is
    theirs, and waiting for it while holding the pool row could deadlock.
    """
    # The pool row first: whoever else finds the pool full waits here, instead
    # of skipping the very holds that we are about to release.
    # NO KEY UPDATE: whoever placed a hold of this pool has its key locked, and FOR UPDATE
    # would wait for all of them, and they for us.
    locked = select(Pool.id).where(Pool.id == pool_id).with_for_update(key_share=True)
    db.session.execute(locked)
    lapsed = (
        select(Hold.id)
        .where(
            Hold.pool_id == pool_id,
            Hold.status == HoldStatus.HELD,
            Hold.expires_at <= now,
        )
        .with_for_update(skip_locked=True)
    )
    released = (
        update(Hold)
        .where(Hold.id.in_(lapsed))
        .values(status=HoldStatus.RELEASED)
        .returning(Hold.quantity)
        .execution_options(synchronize_session=False)
    )
    places = sum(db.session.scalars(released))
    if places:
        _add_held(pool_id, -places)
    return places


def count_mismatches() -> list[int]:
    """Ids of pools whose ``held`` or ``sold`` is not the sum of their holds: always empty.

    One statement that reads the holds once and locks nothing, so that it may be
    asked while tickets are sold.
    """
    held = func.sum(Hold.quantity).filter(Hold.status.in_([HoldStatus.HELD, HoldStatus.PAYING]))
    sold = func.sum(Hold.quantity).filter(Hold.status == HoldStatus.SOLD)
    counted = (
        select(Hold.pool_id, held.label("held"), sold.label("sold"))
        .where(Hold.status != HoldStatus.RELEASED)
        .group_by(Hold.pool_id)
        .subquery()
    )
    query = (
        select(Pool.id)
        .outerjoin(counted, counted.c.pool_id == Pool.id)
        .where(
            or_(
                Pool.held != func.coalesce(counted.c.held, 0),
                Pool.sold != func.coalesce(counted.c.sold, 0),
            )
        )
        .order_by(Pool.id)
    )
    return list(db.session.scalars(query))


def _add_held(pool_id: int, delta: int) -> bool:
    """One guarded UPDATE; False when the pool has too few places."""
    result = db.session.execute(_ADD_HELD, {"pool_id": pool_id, "delta": delta})
    assert isinstance(result, CursorResult)  # noqa: S101  (tells the type checker what an UPDATE gives)
    return result.rowcount == 1
