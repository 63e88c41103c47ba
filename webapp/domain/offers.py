"""What can be bought right now, tier by tier."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select

from webapp.database import db
from webapp.domain import pricing
from webapp.domain.pricing import Pricing
from webapp.models import (
    Code,
    Event,
    Hold,
    HoldStatus,
    Occurrence,
    Pool,
    Tier,
    TierKind,
    TierStatus,
)

OfferStatus = Literal["available", "few_left", "sold_out", "not_yet", "ended"]

# A tier is low when this few places, or this share of them, are left.
FEW_PLACES = 10
FEW_PERCENT = 10
# So few that a group may find no place together.
LAST_PLACES = 3


@dataclass(frozen=True, slots=True)
class TierOffer:
    """One tier as a buyer sees it; ``remaining`` is None where nothing is counted.

    ``price`` is that of one unit bought alone with the buyer's code,
    ``full_price_cents`` the same without a code, all in.
    """

    tier: Tier
    price: Pricing
    full_price_cents: int
    status: OfferStatus
    remaining: int | None

    @property
    def all_in_price_cents(self) -> int:
        """What one unit costs when it is bought alone."""
        return self.price.total_cents

    @property
    def is_open(self) -> bool:
        """Whether anybody can buy it now."""
        return self.status in {"available", "few_left"}

    @property
    def is_almost_gone(self) -> bool:
        """Whether only the very last places can be bought."""
        return self.is_open and self.remaining is not None and self.remaining <= LAST_PLACES

    @property
    def max_quantity(self) -> int:
        """The most that one order may take now."""
        if not self.is_open:
            return 0
        limit = self.tier.max_per_order
        return limit if self.remaining is None else min(limit, self.remaining)


@dataclass(frozen=True, slots=True)
class PriceSpan:
    """The cheapest and the dearest ticket of an event, in minor units of its currency."""

    lowest_cents: int
    highest_cents: int


def list_offers(
    *,
    event: Event,
    now: datetime,
    own_checkout_id: int | None = None,
    code: Code | None = None,
) -> list[TierOffer]:
    """The active tiers of ``event`` in order, with what is left of each.

    Hidden ones only where the usable ``code`` opens them, prices with its discount.
    Places whose hold has lapsed count as free, whether or not a sweep has run;
    so do the places of the caller's own checkout.
    """
    free = count_free_places(event_ids=[event.id], now=now, own_checkout_id=own_checkout_id)
    return _offers(event, free=free, now=now, code=code)


def list_dates(*, event: Event, code: Code | None = None) -> list[Occurrence]:
    """The dated parts of ``event`` in order, but for those that only hidden tiers open.

    With a usable ``code`` the dates of the tiers that it opens are there as well.
    """
    shown: set[int] = set()
    secret: set[int] = set()
    for tier in event.tiers:
        is_seen = not tier.is_hidden or _opens(code, tier)
        if is_seen and tier.status is TierStatus.ACTIVE:
            shown |= {occurrence.id for occurrence in tier.occurrences}
        elif not is_seen:
            secret |= {occurrence.id for occurrence in tier.occurrences}
    return [each for each in event.occurrences if each.id not in secret - shown]


def find_price_spans(*, events: Sequence[Event], now: datetime) -> dict[int, PriceSpan | None]:
    """What the tickets that can be bought now cost all in, by event id.

    None where no ticket can be bought: a price that nobody can pay is none.
    """
    free = count_free_places(event_ids=[event.id for event in events], now=now)
    spans: dict[int, PriceSpan | None] = {}
    for event in events:
        prices = [
            offer.all_in_price_cents
            for offer in _offers(event, free=free, now=now)
            if offer.is_open and offer.tier.kind is TierKind.TICKET
        ]
        spans[event.id] = PriceSpan(min(prices), max(prices)) if prices else None
    return spans


def count_free_places(
    *, event_ids: Collection[int], now: datetime, own_checkout_id: int | None = None
) -> dict[int, int]:
    """Free places by pool id: capacity less sold less holds that still stand."""
    lapsed = (
        select(Hold.pool_id, func.sum(Hold.quantity).label("quantity"))
        .join(Pool, Pool.id == Hold.pool_id)
        .where(
            Pool.event_id.in_(event_ids),
            Hold.status.in_([HoldStatus.HELD, HoldStatus.PAYING]),
            ((Hold.status == HoldStatus.HELD) & (Hold.expires_at <= now))
            | (Hold.checkout_id == (own_checkout_id or 0)),
        )
        .group_by(Hold.pool_id)
        .subquery()
    )
    query = (
        select(
            Pool.id,
            Pool.capacity - Pool.sold - Pool.held + func.coalesce(lapsed.c.quantity, 0),
        )
        .outerjoin(lapsed, lapsed.c.pool_id == Pool.id)
        .where(Pool.event_id.in_(event_ids))
    )
    return {pool_id: int(places) for pool_id, places in db.session.execute(query)}


def _offers(
    event: Event, *, free: Mapping[int, int], now: datetime, code: Code | None = None
) -> list[TierOffer]:
    capacity = {pool.id: pool.capacity for tier in event.tiers for pool in tier.pools}
    return [
        _offer(tier, event=event, free=free, capacity=capacity, now=now, code=code)
        for tier in event.tiers
        if tier.status is TierStatus.ACTIVE and (not tier.is_hidden or _opens(code, tier))
    ]


def _opens(code: Code | None, tier: Tier) -> bool:
    return code is not None and code.opens(tier)


def _offer(
    tier: Tier,
    *,
    event: Event,
    free: Mapping[int, int],
    capacity: Mapping[int, int],
    now: datetime,
    code: Code | None,
) -> TierOffer:
    remaining: int | None = None
    places = 0
    if tier.pools:
        scarcest = min(tier.pools, key=lambda pool: free[pool.id])
        remaining = free[scarcest.id]
        places = capacity[scarcest.id]
    return TierOffer(
        tier=tier,
        price=pricing.price_of_one(tier=tier, event=event, code=code),
        full_price_cents=pricing.price_of_one(tier=tier, event=event).total_cents,
        status=_status(tier, remaining=remaining, places=places, now=now),
        remaining=remaining,
    )


def _status(tier: Tier, *, remaining: int | None, places: int, now: datetime) -> OfferStatus:
    if tier.sale_starts_at is not None and now < tier.sale_starts_at:
        return "not_yet"
    if tier.sale_ends_at is not None and now >= tier.sale_ends_at:
        return "ended"
    if remaining is None:
        return "available"
    if remaining <= 0:
        return "sold_out"
    is_low = remaining <= FEW_PLACES or remaining * 100 <= places * FEW_PERCENT
    return "few_left" if is_low else "available"
