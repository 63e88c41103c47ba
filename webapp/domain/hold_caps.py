"""How much one buyer and one network may hold at once: nobody parks a tier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.database import db
from webapp.domain.baskets import Basket
from webapp.domain.name_locks import lock_name
from webapp.errors import (
    NetworkHoldsTooManyPlaces,
    NetworkHoldsTooMuch,
    TooManyOpenHolds,
    TooManyPlacesHeld,
)
from webapp.models import Checkout, CheckoutStatus, Hold, HoldStatus

# A household, an office or a club's Wi-Fi is one network to us: so many
# clients may hold as many checkouts as they may, and no more.
NETWORK_SHARE = 5
# Of the places of one pool so many times a client's share: five times would be half of it.
NETWORK_POOL_SHARE = 3


@dataclass(frozen=True, slots=True)
class HoldCaps:
    """What one client may hold at once: open checkouts (0: no caps at all), and of each pool
    ``pool_percent`` of its places (0: no cap on places).
    """

    checkouts: int
    pool_percent: int


NO_CAPS = HoldCaps(checkouts=0, pool_percent=0)


@dataclass(frozen=True, slots=True)
class _Holder:
    """Whose holds are counted together, and what is said when they are too many."""

    column: InstrumentedAttribute[str]
    key: str
    checkouts_share: int
    pool_share: int
    too_many: type[TooManyOpenHolds]
    too_many_places: type[TooManyOpenHolds]


def refuse_hoarding(
    *,
    client_key: str,
    network_key: str,
    basket: Basket,
    caps: HoldCaps,
    now: datetime,
    own: Checkout | None = None,
) -> None:
    """Raise :class:`TooManyOpenHolds` when a client would hold more than it may.

    A network may hold :data:`NETWORK_SHARE` times as many checkouts, and
    :data:`NETWORK_POOL_SHARE` times as much of a pool; then it is
    :class:`NetworkHoldsTooMuch`. ``own`` is the locked checkout that gets the basket, if
    there is one: while it is open only what it takes in addition is asked for. An empty
    key tells nothing and is not counted. Who asks keeps the others with the
    same keys waiting until the transaction ends.
    """
    if caps.checkouts <= 0:
        return
    is_anew = own is None or not own.is_open(now=now)
    places = basket.places if is_anew else _growing_places(basket.places, own=own)
    if not is_anew and not places:
        return
    for holder in (
        _Holder(Checkout.client_key, client_key, 1, 1, TooManyOpenHolds, TooManyPlacesHeld),
        _Holder(
            Checkout.network_key,
            network_key,
            NETWORK_SHARE,
            NETWORK_POOL_SHARE,
            NetworkHoldsTooMuch,
            NetworkHoldsTooManyPlaces,
        ),
    ):
        if not holder.key:
            continue
        # Two requests at once must not both be the last that is allowed.
        lock_name(f"{holder.column.key}:{holder.key}")
        most = caps.checkouts * holder.checkouts_share
        if is_anew and _count_open(holder, now=now) >= most:
            raise holder.too_many
        if caps.pool_percent:
            _refuse_places(holder, basket, places, caps=caps, own=own, now=now)


def pool_cap(*, capacity: int, max_per_order: int, percent: int) -> int:
    """How many places of a pool may be held together, whose largest order is ``max_per_order``.

    A family that orders twice is no hoarder, but half of a small pool is enough for it; one
    whole order is always possible.
    """
    twice = min(2 * max_per_order, capacity // 2)
    return max(capacity * percent // 100, twice, max_per_order)


def _refuse_places(
    holder: _Holder,
    basket: Basket,
    places: Mapping[int, int],
    *,
    caps: HoldCaps,
    own: Checkout | None,
    now: datetime,
) -> None:
    held = _count_places(holder, list(places), own=own, now=now)
    for pool_id, in_other_checkouts in held.items():
        tiers = [tier for tier, _ in basket.lines if pool_id in {pool.id for pool in tier.pools}]
        (capacity,) = {p.capacity for tier in tiers for p in tier.pools if p.id == pool_id}
        most = pool_cap(
            capacity=capacity,
            max_per_order=max(tier.max_per_order for tier in tiers),
            percent=caps.pool_percent * holder.pool_share,
        )
        if in_other_checkouts + places[pool_id] > most:
            raise holder.too_many_places


def _count_open(holder: _Holder, *, now: datetime) -> int:
    """How many of the holder's checkouts hold places now."""
    query = (
        select(func.count())
        .select_from(Checkout)
        .where(
            holder.column == holder.key,
            Checkout.status == CheckoutStatus.PENDING,
            Checkout.expires_at > now,
        )
    )
    return int(db.session.scalar(query) or 0)


def _count_places(
    holder: _Holder, pool_ids: list[int], *, own: Checkout | None, now: datetime
) -> dict[int, int]:
    """How many places of each pool the holder's other checkouts hold; pools with none left out."""
    query = (
        select(Hold.pool_id, func.sum(Hold.quantity))
        .join(Checkout, Checkout.id == Hold.checkout_id)
        .where(
            holder.column == holder.key,
            Checkout.status == CheckoutStatus.PENDING,
            Checkout.id != (own.id if own else 0),
            Hold.pool_id.in_(pool_ids),
            or_(
                Hold.status == HoldStatus.PAYING,
                and_(Hold.status == HoldStatus.HELD, Hold.expires_at > now),
            ),
        )
        .group_by(Hold.pool_id)
    )
    return {pool_id: int(quantity) for pool_id, quantity in db.session.execute(query)}


def _growing_places(places: Mapping[int, int], *, own: Checkout | None) -> dict[int, int]:
    """The wanted places of the pools of which the checkout would hold more than it does."""
    query = select(Hold.pool_id, Hold.quantity).where(
        Hold.checkout_id == (own.id if own else 0),
        Hold.status.in_([HoldStatus.HELD, HoldStatus.PAYING]),
    )
    held = {hold.pool_id: hold.quantity for hold in db.session.execute(query)}
    return {pool_id: number for pool_id, number in places.items() if number > held.get(pool_id, 0)}
