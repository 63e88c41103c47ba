"""``python -m bench.seed OVERSELL_EVENTS``: the events to measure with, into a running home.

Runs in a process of its own, with the application's settings; says as JSON what it made.
"""

import json
import sys
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from webapp.clock import utc_now
from webapp.database import db
from webapp.factory import build_app
from webapp.models import Event, EventStatus, Occurrence, Pool, Tier, TierKind
from webapp.transaction import transaction

HOT_PLACES = 100_000_000
SCARCE_PLACES = 200
DESCRIPTION = "Three days of talks and music under one roof. Doors open an hour before. " * 8


@dataclass(frozen=True, slots=True)
class Goods:
    """One tier to buy, and the pool that it takes from."""

    event: str
    tier_id: int
    pool_id: int


def add_hot_event(now: datetime) -> Goods:
    """A page as a visitor of an ordinary event sees it, with more places than can be sold."""
    event = make_event("bench-festival", now, prefix="BEN")
    event.description = DESCRIPTION
    days = [
        Occurrence(
            name=name,
            starts_at=event.starts_at + timedelta(days=number),
            ends_at=event.starts_at + timedelta(days=number, hours=8),
        )
        for number, name in enumerate(("Friday", "Saturday", "Sunday"))
    ]
    event.occurrences.extend(days)
    db.session.add(event)
    db.session.flush()
    pools = [Pool(event_id=event.id, name=day.name, capacity=HOT_PLACES) for day in days]
    for number, (day, pool) in enumerate(zip(days, pools, strict=True)):
        event.tiers.append(make_tier(f"{day.name} pass", number, pools=[pool], occurrences=[day]))
    event.tiers.append(make_tier("Full pass", 3, pools=pools, occurrences=days))
    event.tiers.append(
        Tier(
            name="Support us",
            kind=TierKind.DONATION,
            price_cents=1000,
            min_cents=100,
            max_cents=100_000,
            max_per_order=1,
            sort_index=4,
        )
    )
    db.session.flush()
    return Goods(event.slug, event.tiers[0].id, pools[0].id)


def add_scarce_event(number: int, now: datetime) -> Goods:
    """An event with one tier and few places."""
    event = make_event(f"bench-scarce-{number}", now, prefix=f"SC{number}")
    db.session.add(event)
    db.session.flush()
    pool = Pool(event_id=event.id, name="Hall", capacity=SCARCE_PLACES)
    event.tiers.append(make_tier("Seat", 0, pools=[pool], occurrences=[]))
    db.session.flush()
    return Goods(event.slug, event.tiers[0].id, pool.id)


def make_event(slug: str, now: datetime, *, prefix: str) -> Event:
    starts_at = now + timedelta(days=30)
    return Event(
        slug=slug,
        title="Bench Festival",
        tagline="To measure with",
        venue_name="The Hall",
        venue_address="1 Example Street, Boulder",
        time_zone="America/Denver",
        currency="USD",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=3),
        status=EventStatus.PUBLISHED,
        order_prefix=prefix,
        created_at=now,
    )


def make_tier(name: str, number: int, *, pools: list[Pool], occurrences: list[Occurrence]) -> Tier:
    tier = Tier(
        name=name,
        description="Admits one person.",
        kind=TierKind.TICKET,
        price_cents=3000,
        sort_index=number,
    )
    tier.pools.extend(pools)
    tier.occurrences.extend(occurrences)
    return tier


def main() -> None:
    count = int(sys.argv[1])
    now = utc_now()
    with build_app().app_context(), transaction():
        hot = add_hot_event(now)
        scarce = [add_scarce_event(number, now) for number in range(1, count + 1)]
    print(json.dumps({"hot": asdict(hot), "scarce": [asdict(goods) for goods in scarce]}))


if __name__ == "__main__":
    main()
