"""Events to try everything with: loaded once into an empty installation."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from webapp.database import db
from webapp.domain.codes import lookup_key
from webapp.models import Code, CodeKind, Event, EventStatus, Occurrence, Pool, Tier, TierKind

MAY = 5


def load_demo(*, now: datetime) -> bool:
    """Add the demo events unless there is any event; answer whether they were added.

    Dates lie ahead of ``now`` in each event's own time zone. Everybody and
    everything in them is made up.
    """
    if db.session.scalar(select(exists().where(Event.id.is_not(None)))):
        return False
    # A half-built tier must not be written because the next line reads something.
    with db.session.no_autoflush:
        for make in (_festival, _holiday_camp, _club_night):
            db.session.add(make(now))
    db.session.flush()
    return True


def _festival(now: datetime) -> Event:
    """Three days, passes that take from several pools, a small VIP tier, a donation, codes.

    ``SALSA10`` takes a tenth off every ticket, ``FRIENDS-15`` 15.00 off one order
    and twenty times, ``CREW-PASS`` opens a tier that nobody else sees.
    """
    zone = ZoneInfo("America/Denver")
    today = now.astimezone(zone).date()
    # The dates are fixed and their weekdays change with the year: days have numbers.
    first_day = date(today.year + (today >= date(today.year, MAY, 15)), MAY, 15)
    days = [
        _occurrence(name, first_day + timedelta(days=offset), time(opens), hours, zone)
        for offset, (name, opens, hours) in enumerate(
            [("Opening night", 18, 8), ("Workshops and gala", 10, 16), ("Farewell social", 11, 11)]
        )
    ]
    event = _event(
        now,
        slug="a-lo-cubano-boulder-fest",
        title="A Lo Cubano Boulder Fest",
        tagline="Three days of salsa, rueda and son",
        description=(
            "Live bands, workshops for every level and dancing until late. "
            "Come for one day or stay for all three."
        ),
        venue_name="Avalon Ballroom",
        venue_address="6185 Arapahoe Rd, Boulder, CO 80303",
        venue_note="The street has free parking; places behind the ballroom are booked.",
        time_zone="America/Denver",
        currency="USD",
        colour="#b3352b",
        order_prefix="ALB",
        occurrences=days,
    )
    first, second, third = (
        _pool(event, name, capacity=600) for name in ("Day 1", "Day 2", "Day 3")
    )
    workshops = _pool(event, "Workshop floor", capacity=180)
    vip = _pool(event, "VIP tables", capacity=40)
    _sell(
        event,
        _tier("Full festival", 15000, [first, second, third], days, badge_label="Best value"),
        _tier("Day 1 pass", 5500, [first], days[:1]),
        _tier("Day 2 pass", 7500, [second], days[1:2]),
        _tier("Day 3 pass", 5500, [third], days[2:]),
        _tier(
            "Workshops only",
            8000,
            [workshops],
            days[1:2],
            description="All workshops of day 2, without the evening gala.",
        ),
        _tier(
            "Socials only",
            4500,
            [first, third],
            [days[0], days[2]],
            description="The socials of the first and the last evening.",
        ),
        _tier(
            "VIP",
            26000,
            [first, second, third, vip],
            days,
            badge_label="40 places",
            description="All three days, a reserved table and a drink every evening.",
            max_per_order=4,
        ),
        _tier(
            "Parking, all three days",
            3000,
            [_pool(event, "Parking places", capacity=120)],
            [],
            kind=TierKind.ADD_ON,
            description="A place behind the ballroom, beside the stage door.",
            max_per_order=2,
        ),
        _tier(
            "Festival shirt",
            2500,
            [_pool(event, "Festival shirts", capacity=200)],
            [],
            kind=TierKind.ADD_ON,
            description="Collect it at the box office in your size, on any of the days.",
            max_per_order=6,
        ),
        _donation("Support young dancers", "Every donation pays for a child's workshop place."),
        crew := _tier(
            "Crew pass",
            1000,
            [first, second, third],
            days,
            description="For helpers: all three days, and a meal every evening.",
            max_per_order=2,
            is_hidden=True,
        ),
    )
    _code(event, now, "SALSA10", kind=CodeKind.PERCENTAGE, percent_basis_points=1000)
    _code(event, now, "FRIENDS-15", kind=CodeKind.AMOUNT, amount_cents=1500, max_uses=20)
    _code(event, now, "CREW-PASS", kind=CodeKind.ACCESS, opened_tiers=[crew], max_per_email=1)
    return event


def _holiday_camp(now: datetime) -> Event:
    """A camp week with two lengths of day that share the same places."""
    zone = ZoneInfo("Australia/Sydney")
    today = now.astimezone(zone).date()
    second_of_january = date(today.year + 1, 1, 2)
    monday = second_of_january + timedelta(days=(7 - second_of_january.weekday()) % 7)
    days = [
        _occurrence(f"{name} session", monday + timedelta(days=offset), time(9), 8, zone)
        for offset, name in enumerate(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"])
    ]
    event = _event(
        now,
        slug="tinkertank-summer-camp",
        title="TinkerTank Summer Camp",
        tagline="A week of robots, code and cardboard",
        description="For makers aged 7 to 12. Bring lunch, a hat and a question.",
        venue_name="TinkerTank Workshop",
        venue_address="12 Example Lane, Manly NSW 2095",
        venue_note="Drop-off from 8:45 at the blue door.",
        time_zone="Australia/Sydney",
        currency="AUD",
        colour="#1d6a6a",
        order_prefix="TNK",
        occurrences=days,
    )
    benches = _pool(event, "Workbenches", capacity=24)
    late = _pool(event, "Late afternoon", capacity=12)
    _sell(
        event,
        _tier("Day camp, 9 am to 3 pm", 42000, [benches], days, max_per_order=4),
        _tier(
            "Long day, 9 am to 5 pm",
            52000,
            [benches, late],
            days,
            badge_label="12 places",
            max_per_order=4,
        ),
        _tier(
            "Camp T-shirt",
            2500,
            [],
            [],
            kind=TierKind.ADD_ON,
            description="Handed out on the first day.",
        ),
    )
    return event


def _club_night(now: datetime) -> Event:
    """One night with a free tier: an order that never meets a payment page."""
    zone = ZoneInfo("Europe/Berlin")
    today = now.astimezone(zone).date()
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 + 14)
    night = _occurrence("Doors", saturday, time(22), 7, zone)
    event = _event(
        now,
        slug="neon-cellar-night",
        title="Neon Cellar Night",
        tagline="Italo, wave and other warm machines",
        description="Two floors, one low ceiling. The guest list is free until it is full.",
        venue_name="Neon Cellar",
        venue_address="Beispielstraße 7, 10999 Berlin",
        time_zone="Europe/Berlin",
        currency="EUR",
        colour="#5b2bb3",
        order_prefix="NEO",
        occurrences=[night],
    )
    floor = _pool(event, "Floor", capacity=350)
    guest_list = _pool(event, "Guest list", capacity=50)
    _sell(
        event,
        _tier(
            "Free guest list",
            0,
            [floor, guest_list],
            [night],
            badge_label="Free",
            description="Entry before midnight.",
            max_per_order=2,
            max_per_email=2,
        ),
        _tier("Early entry", 1200, [floor], [night]),
        _tier("Any time", 1800, [floor], [night]),
    )
    return event


def _event(now: datetime, *, occurrences: list[Occurrence], **fields: object) -> Event:
    event = Event(
        status=EventStatus.PUBLISHED,
        starts_at=min(occurrence.starts_at for occurrence in occurrences),
        ends_at=max(occurrence.ends_at for occurrence in occurrences),
        created_at=now,
        **fields,
    )
    event.occurrences.extend(occurrences)
    db.session.add(event)
    db.session.flush()
    return event


def _occurrence(name: str, day: date, opens: time, hours: int, zone: ZoneInfo) -> Occurrence:
    """A part that opens at a local time; its length is in real hours, whatever the clocks do."""
    starts_at = datetime.combine(day, opens, tzinfo=zone)
    return Occurrence(name=name, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours))


def _pool(event: Event, name: str, *, capacity: int) -> Pool:
    pool = Pool(event_id=event.id, name=name, capacity=capacity)
    db.session.add(pool)
    return pool


def _code(event: Event, now: datetime, text: str, **fields: object) -> None:
    db.session.add(
        Code(event_id=event.id, text=text, lookup_key=lookup_key(text), created_at=now, **fields)
    )


def _tier(
    name: str,
    price_cents: int,
    pools: Iterable[Pool],
    occurrences: Iterable[Occurrence],
    **fields: object,
) -> Tier:
    tier = Tier(name=name, price_cents=price_cents, **fields)
    tier.pools.extend(pools)
    tier.occurrences.extend(occurrences)
    return tier


def _donation(name: str, description: str) -> Tier:
    return Tier(
        name=name,
        description=description,
        kind=TierKind.DONATION,
        price_cents=1000,
        min_cents=100,
        max_cents=50_000,
        max_per_order=1,
    )


def _sell(event: Event, *tiers: Tier) -> None:
    """Offer the tiers in the order in which they are named."""
    for index, tier in enumerate(tiers):
        tier.sort_index = index
        event.tiers.append(tier)
