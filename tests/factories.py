"""Rows for tests: plain functions, unsurprising defaults, flushed and committed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from webapp.database import db
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin, open_checkout
from webapp.domain.codes import lookup_key
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS, HoldCaps
from webapp.models import (
    Checkout,
    Code,
    CodeKind,
    Event,
    EventStatus,
    Occurrence,
    Pool,
    Tier,
    TierKind,
    TierStatus,
)
from webapp.transaction import transaction

NOW = datetime(2027, 3, 1, 18, 0, tzinfo=UTC)
_numbers = count(1)


def make_event(*, now: datetime = NOW, **fields: object) -> Event:
    """A published event thirty days ahead, in US dollars, without tiers."""
    number = next(_numbers)
    values: dict[str, object] = {
        "slug": f"event-{number}",
        "title": f"Evening number {number}",
        "venue_name": "The Hall",
        "venue_address": "1 Example Street, Boulder",
        "time_zone": "America/Denver",
        "currency": "USD",
        "starts_at": now + timedelta(days=30),
        "ends_at": now + timedelta(days=30, hours=5),
        "status": EventStatus.PUBLISHED,
        "order_prefix": f"E{number}X",
        "created_at": now,
    }
    event = Event(**(values | fields))
    event.occurrences.append(
        Occurrence(name="Doors", starts_at=event.starts_at, ends_at=event.ends_at)
    )
    db.session.add(event)
    db.session.commit()
    return event


def make_pool(event: Event, *, capacity: int = 100, name: str | None = None) -> Pool:
    pool = Pool(event_id=event.id, name=name or f"Pool {next(_numbers)}", capacity=capacity)
    db.session.add(pool)
    db.session.commit()
    return pool


def make_tier(
    event: Event, *, pools: Sequence[Pool] | None = None, capacity: int = 100, **fields: object
) -> Tier:
    """A 30.00 ticket with a pool of its own, unless pools are given."""
    number = next(_numbers)
    values: dict[str, object] = {
        "name": f"Tier {number}",
        "price_cents": 3000,
        "kind": TierKind.TICKET,
        "status": TierStatus.ACTIVE,
        "sort_index": number,
    }
    own = [make_pool(event, capacity=capacity)] if pools is None else list(pools)
    tier = Tier(event_id=event.id, **(values | fields))
    tier.pools.extend(own)
    db.session.add(tier)
    db.session.commit()
    db.session.expire(event)
    return tier


def make_donation(event: Event, **fields: object) -> Tier:
    values: dict[str, object] = {
        "kind": TierKind.DONATION,
        "price_cents": 1000,
        "min_cents": 100,
        "max_cents": 100_000,
        "max_per_order": 1,
    }
    return make_tier(event, pools=[], **(values | fields))


def make_code(event: Event, *, text: str | None = None, **fields: object) -> Code:
    """A code that takes a tenth off every ticket, as often as one likes."""
    text = text or f"CODE-{next(_numbers)}"
    values: dict[str, object] = {
        "text": text,
        "lookup_key": lookup_key(text),
        "kind": CodeKind.PERCENTAGE,
        "percent_basis_points": 1000,
        "created_at": NOW,
    }
    code = Code(event_id=event.id, **(values | fields))
    db.session.add(code)
    db.session.commit()
    return code


def make_checkout(
    *lines: tuple[Tier, int],
    now: datetime = NOW,
    email: str = "guest@example.com",
    client_key: str = "client",
    network_key: str = "",
    caps: HoldCaps = NO_CAPS,
    code: Code | None = None,
) -> Checkout:
    """An open checkout with its holds, through the domain."""
    with transaction():
        return open_checkout(
            event_slug=lines[0][0].event.slug,
            lines=[BasketLine(tier.id, quantity) for tier, quantity in lines],
            contact=Contact(email=email, name="Ada Example"),
            origin=Origin(client_key=client_key, network_key=network_key, trace_id="0" * 31 + "1"),
            caps=caps,
            now=now,
            code_id=code.id if code else None,
        )
