"""Holds of one checkout, with the use of its code: all or nothing, extended, released, sold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from webapp.database import db
from webapp.domain import code_uses, stock
from webapp.domain.shortages import describe_shortages
from webapp.errors import CheckoutClosed, HoldExpired, HoldLimitReached
from webapp.models import Checkout, CheckoutStatus, CheckoutStep, Hold, HoldStatus
from webapp.payment_refusals import PaymentPending

# WCAG 2.2, success criterion 2.2.1: a time limit can be extended at least ten times.
MAX_EXTENSIONS = 10
EXTENSION = timedelta(minutes=5)

# Built once: every order runs it.
_LOCK = (
    select(Hold)
    .where(Hold.checkout_id == bindparam("checkout_id"))
    .order_by(Hold.pool_id)
    .with_for_update()
    .execution_options(populate_existing=True)
)


def take_places(*, checkout: Checkout, places: Mapping[int, int], now: datetime) -> None:
    """Count the code and the places of a new checkout's holds as held, or none of them.

    The last thing before the commit: from here on other buyers of the same
    code or pools wait. Raises :class:`CodeRefused` and
    :class:`InsufficientInventory`; the caller's transaction rolls back.
    """
    if checkout.code_id is not None:
        code_uses.take_use(code_id=checkout.code_id, now=now)
    # What is still to be written comes before the pools, too.
    db.session.flush()
    _take(checkout, places, now=now)


def replace_holds(*, checkout: Checkout, places: Mapping[int, int], now: datetime) -> None:
    """Move the checkout's holds to the given places; its own count as free.

    Raises :class:`InsufficientInventory`; the caller's transaction rolls back.
    """
    existing = {hold.pool_id: hold for hold in lock_holds(checkout_id=checkout.id)}
    changes: dict[int, int] = {}
    for pool_id in sorted(existing.keys() | places.keys()):
        hold = existing.get(pool_id)
        wanted = places.get(pool_id, 0)
        changes[pool_id] = wanted - (hold.quantity if hold and _is_live(hold) else 0)
        if hold is None:
            hold = Hold(checkout_id=checkout.id, pool_id=pool_id)
            db.session.add(hold)
        elif not wanted:
            # Gone, not released: every hold row of a checkout is one it wants.
            db.session.delete(hold)
            continue
        hold.status = HoldStatus.HELD
        hold.quantity = wanted
        hold.expires_at = checkout.expires_at
    db.session.flush()
    _take(checkout, changes, now=now)


def extend_hold(*, checkout: Checkout, now: datetime) -> None:
    """Give a buyer who asked for it :data:`EXTENSION` more, :data:`MAX_EXTENSIONS` times.

    Only ever on a person's gesture: renewal by polling would keep tickets for
    ever. Raises :class:`CheckoutClosed`, :class:`HoldExpired`, :class:`HoldLimitReached`.
    """
    if checkout.status is not CheckoutStatus.PENDING:
        raise HoldExpired if checkout.status is CheckoutStatus.EXPIRED else CheckoutClosed
    if not checkout.is_open(now=now):
        raise HoldExpired
    if not can_extend_hold(checkout, now=now):
        raise HoldLimitReached
    checkout.extensions_used += 1
    checkout.expires_at = min(checkout.expires_at + EXTENSION, checkout.hold_limit_at)
    for hold in lock_holds(checkout_id=checkout.id):
        hold.expires_at = checkout.expires_at


def can_extend_hold(checkout: Checkout, *, now: datetime) -> bool:
    """Whether "I need more time" would be granted.

    Not while a payment is open: the gateway's session decides then, and its
    end cannot be moved.
    """
    return (
        checkout.is_open(now=now)
        and checkout.paying_until is None
        and checkout.extensions_used < MAX_EXTENSIONS
        and checkout.expires_at < checkout.hold_limit_at
    )


def start_hold(checkout: Checkout, *, now: datetime) -> None:
    """Begin a fresh hold of the event's length, and set how far it may be renewed."""
    length = timedelta(seconds=checkout.event.hold_seconds)
    checkout.extensions_used = 0
    checkout.expires_at = now + length
    checkout.hold_limit_at = now + length + MAX_EXTENSIONS * EXTENSION


def renew_hold(checkout: Checkout, *, now: datetime) -> None:
    """Give a buyer who changes the basket the full time again, up to the limit.

    One limit for one checkout, lapsed in between or not: otherwise a hold that
    is taken up again the moment it lapses would never end. Raises
    :class:`HoldLimitReached` once the limit itself is past.
    """
    if now >= checkout.hold_limit_at:
        raise HoldLimitReached
    renewed = now + timedelta(seconds=checkout.event.hold_seconds)
    checkout.expires_at = max(checkout.expires_at, min(renewed, checkout.hold_limit_at))


def guard_holds_for_payment(*, checkout: Checkout, until: datetime, now: datetime) -> None:
    """Keep the seats for as long as the gateway's session can be paid.

    A lapsed hold that somebody else's basket has taken is taken again first, and so
    is the use of the code. Raises :class:`InsufficientInventory` and
    :class:`CodeRefused` when that is not possible.
    """
    code_uses.keep_use(checkout=checkout, now=now)
    missing: dict[int, int] = {}
    for hold in lock_holds(checkout_id=checkout.id):
        if hold.status is HoldStatus.RELEASED:
            missing[hold.pool_id] = hold.quantity
        hold.status = HoldStatus.PAYING
        hold.expires_at = until
    checkout.expires_at = checkout.paying_until = until
    checkout.note_step(CheckoutStep.PAYMENT)
    db.session.flush()
    _take(checkout, missing, now=now)


def unguard_holds(*, checkout: Checkout, until: datetime) -> None:
    """The gateway can no longer take money: the clock rules the holds again."""
    db.session.execute(
        update(Hold)
        .where(Hold.checkout_id == checkout.id, Hold.status == HoldStatus.PAYING)
        .values(status=HoldStatus.HELD, expires_at=until)
    )
    checkout.expires_at = until
    checkout.paying_until = None


def release_holds(*, checkout_ids: Sequence[int]) -> None:
    """Give every live place and every use of a code of the checkouts back. Safe to repeat."""
    code_uses.release_uses(checkout_ids=checkout_ids)
    released = db.session.execute(
        update(Hold)
        .where(
            Hold.checkout_id.in_(checkout_ids),
            Hold.status.in_([HoldStatus.HELD, HoldStatus.PAYING]),
        )
        .values(status=HoldStatus.RELEASED)
        .returning(Hold.pool_id, Hold.quantity)
    )
    places: Counter[int] = Counter()
    for pool_id, quantity in released:
        places[pool_id] += quantity
    stock.give_back_held(places)


def sell_holds(*, checkout: Checkout, now: datetime) -> None:
    """Turn the checkout's places into sold ones, taking lapsed ones again.

    Raises :class:`InsufficientInventory`, with nothing sold or spent, when a lapsed place is
    somebody else's by now; the caller decides what happens to the money. A code
    never refuses: what was paid was its price.
    """
    if checkout.code_id is None:
        held = lock_holds(checkout_id=checkout.id)
        if all(hold.status is not HoldStatus.RELEASED for hold in held):
            _sell(checkout, held, now=now)
            return
    # A savepoint: a code or some pool may have been taken from before another pool had none.
    with db.session.begin_nested():
        code_uses.spend_use(checkout=checkout, now=now)
        _sell(checkout, lock_holds(checkout_id=checkout.id), now=now)


def lock_holds(*, checkout_id: int) -> list[Hold]:
    """The checkout's holds, fresh and locked, in pool order."""
    return list(db.session.scalars(_LOCK, {"checkout_id": checkout_id}))


def refuse_while_paying(*, checkout: Checkout) -> None:
    """Raise :class:`PaymentPending` while the gateway may still take money for the seats."""
    if checkout.paying_until is not None:
        raise PaymentPending


def _sell(checkout: Checkout, locked: Sequence[Hold], *, now: datetime) -> None:
    unsold = [hold for hold in locked if hold.status is not HoldStatus.SOLD]
    missing = {hold.pool_id: hold.quantity for hold in unsold if hold.status is HoldStatus.RELEASED}
    for hold in unsold:
        hold.status = HoldStatus.SOLD
    db.session.flush()
    # Pool by pool: taking all that is missing first would lock the pools out of order.
    for hold in unsold:
        _take(checkout, {hold.pool_id: missing.get(hold.pool_id, 0)}, now=now)
        stock.sell_held({hold.pool_id: hold.quantity})


def _is_live(hold: Hold) -> bool:
    return hold.status in {HoldStatus.HELD, HoldStatus.PAYING}


def _take(checkout: Checkout, changes: Mapping[int, int], *, now: datetime) -> None:
    try:
        stock.change_held(changes, now=now)
    except stock.OutOfPlaces:
        raise describe_shortages(checkout=checkout, now=now) from None
