"""What is left for a basket that could not be held."""

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select

from webapp.database import db
from webapp.errors import InsufficientInventory, Shortage
from webapp.models import Checkout, Hold, HoldStatus, Pool


def describe_shortages(*, checkout: Checkout, now: datetime) -> InsufficientInventory:
    """Name the tiers of the basket that fell short and what could be had instead.

    Called inside the transaction that failed and will be rolled back. Tiers of
    one basket may share a pool and fall short together although each alone
    would fit; then every tier of the scarce pool is named.
    """
    taken: Counter[int] = Counter()
    for item in checkout.items:
        for pool in item.tier.pools:
            taken[pool.id] += item.quantity
    free = _free_for(checkout, pool_ids=list(taken), now=now)
    shortages = []
    for item in checkout.items:
        scarce = [pool.id for pool in item.tier.pools if taken[pool.id] > free[pool.id]]
        if scarce:
            left = min(free[pool_id] - (taken[pool_id] - item.quantity) for pool_id in scarce)
            shortages.append(Shortage(item.tier_id, item.tier.name, item.quantity, max(0, left)))
    return InsufficientInventory(shortages)


def _free_for(checkout: Checkout, *, pool_ids: list[int], now: datetime) -> dict[int, int]:
    """Places that nobody but this checkout has, by pool id.

    Summed from the holds of others: the counters already carry a part of the
    very basket that failed.
    """
    others = (
        select(Hold.pool_id, func.sum(Hold.quantity).label("quantity"))
        .where(
            Hold.pool_id.in_(pool_ids),
            Hold.checkout_id != checkout.id,
            (Hold.status == HoldStatus.PAYING)
            | ((Hold.status == HoldStatus.HELD) & (Hold.expires_at > now)),
        )
        .group_by(Hold.pool_id)
        .subquery()
    )
    query = (
        select(Pool.id, Pool.capacity - Pool.sold - func.coalesce(others.c.quantity, 0))
        .outerjoin(others, others.c.pool_id == Pool.id)
        .where(Pool.id.in_(pool_ids))
    )
    return {pool_id: int(places) for pool_id, places in db.session.execute(query)}
