"""The counters of codes: the only code that changes ``held``, ``used`` and ``overused``.

One use is one order. It lives and dies with the checkout's hold: ``code_use`` of
the checkout says whether it counts, and changes together with the counters under
the checkout's lock, so that nothing is counted twice or given back twice.

Codes are locked after checkout, order and payment and before holds and pools,
several of them in id order.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, func, or_, select, update

from webapp.database import db
from webapp.domain.codes import USED_UP, holds_lapsed_use
from webapp.errors import CodeRefused
from webapp.models import Checkout, Code, CodeUse


def take_use(*, code_id: int, now: datetime) -> None:
    """Count one use as held, for a checkout that is written as holding it.

    When the code looks used up, uses of lapsed checkouts are released first, so
    correctness never waits for a sweep. Raises :class:`CodeRefused`.
    """
    if _add_held(code_id, 1):
        return
    if release_lapsed_uses(code_id=code_id, now=now) == 0 or not _add_held(code_id, 1):
        raise CodeRefused(USED_UP)


def change_use(*, checkout: Checkout, code_id: int | None, now: datetime) -> None:
    """Let a locked checkout hold a use of this code, None for no code, and of no other.

    Raises :class:`CodeRefused`; the caller's transaction rolls back.
    """
    changes: Counter[int] = Counter()
    if checkout.code_use is CodeUse.HELD and checkout.code_id is not None:
        changes[checkout.code_id] -= 1
    if code_id is not None:
        changes[code_id] += 1
    for changed_id in sorted(changes):
        if changes[changed_id] > 0:
            take_use(code_id=changed_id, now=now)
        elif changes[changed_id] < 0:
            _add_held(changed_id, changes[changed_id])
    # After counting: a lapsed checkout must not be found as the holder of the very use
    # that it is about to take.
    checkout.code_id = code_id
    checkout.code_use = CodeUse.NONE if code_id is None else CodeUse.HELD
    db.session.flush()


def keep_use(*, checkout: Checkout, now: datetime) -> None:
    """Take a use again that lapsed and went to somebody else, before any money is asked for.

    Raises :class:`CodeRefused`: the price was made with the code.
    """
    if checkout.code_id is not None and checkout.code_use is CodeUse.NONE:
        change_use(checkout=checkout, code_id=checkout.code_id, now=now)


def release_uses(*, checkout_ids: Sequence[int]) -> None:
    """Give every held use of the locked checkouts back, code by code. Safe to repeat."""
    released = db.session.execute(
        update(Checkout)
        .where(Checkout.id.in_(checkout_ids), Checkout.code_use == CodeUse.HELD)
        .values(code_use=CodeUse.NONE)
        .returning(Checkout.code_id)
    )
    uses = Counter(code_id for (code_id,) in released if code_id is not None)
    for code_id in sorted(uses):
        _add_held(code_id, -uses[code_id])


def spend_use(*, checkout: Checkout, now: datetime) -> None:
    """Turn the checkout's use into one that was paid for. Safe to repeat, never refuses.

    Money that comes late was taken at the code's price: a use that is somebody
    else's by then is counted beside the limit, in ``overused``.
    """
    if checkout.code_id is None or checkout.code_use in {CodeUse.USED, CodeUse.OVERUSED}:
        return
    try:
        keep_use(checkout=checkout, now=now)
    except CodeRefused:
        changes = {"overused": Code.overused + 1}
        checkout.code_use = CodeUse.OVERUSED
    else:
        changes = {"held": Code.held - 1, "used": Code.used + 1}
        checkout.code_use = CodeUse.USED
    db.session.flush()
    db.session.execute(
        update(Code)
        .where(Code.id == checkout.code_id)
        .values(changes)
        .execution_options(synchronize_session=False)
    )


def release_lapsed_uses(*, code_id: int, now: datetime) -> int:
    """Release uses of one code whose checkout's time is up; answer how many came back.

    SKIP LOCKED, as for holds: a checkout that somebody is paying for or changing
    right now is theirs, and waiting for it behind the code's row could deadlock.
    """
    # The code's row first: whoever else finds the code used up waits here, instead of
    # skipping the very checkouts that we are about to release.
    locked = select(Code.id).where(Code.id == code_id).with_for_update(key_share=True)
    db.session.execute(locked)
    lapsed = (
        select(Checkout.id)
        .where(holds_lapsed_use(code_id=code_id, now=now))
        .with_for_update(skip_locked=True, key_share=True)
    )
    released = db.session.scalars(
        update(Checkout)
        .where(Checkout.id.in_(lapsed))
        .values(code_use=CodeUse.NONE)
        .returning(Checkout.id)
        .execution_options(synchronize_session=False)
    )
    uses = len(released.all())
    if uses:
        _add_held(code_id, -uses)
    return uses


def count_mismatches() -> list[int]:
    """Ids of codes whose counters are not the sum of their checkouts: always empty."""
    uses = (
        select(
            Checkout.code_id,
            *(
                func.count().filter(Checkout.code_use == use).label(use.value)
                for use in (CodeUse.HELD, CodeUse.USED, CodeUse.OVERUSED)
            ),
        )
        .where(Checkout.code_use != CodeUse.NONE)
        .group_by(Checkout.code_id)
        .subquery()
    )
    query = (
        select(Code.id)
        .outerjoin(uses, uses.c.code_id == Code.id)
        .where(
            or_(
                Code.held != func.coalesce(uses.c.held, 0),
                Code.used != func.coalesce(uses.c.used, 0),
                Code.overused != func.coalesce(uses.c.overused, 0),
            )
        )
    )
    return list(db.session.scalars(query))


def _add_held(code_id: int, delta: int) -> bool:
    """One guarded UPDATE; False when too few uses are left."""
    result = db.session.execute(
        update(Code)
        .where(
            Code.id == code_id,
            or_(Code.max_uses.is_(None), Code.held + Code.used + delta <= Code.max_uses),
        )
        .values(held=Code.held + delta)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)  # noqa: S101  (tells the type checker what an UPDATE gives)
    return result.rowcount == 1
