"""Demo data: three events to try everything with, loaded once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from webapp.database import db
from webapp.demo import load_demo
from webapp.domain import codes, events, offers
from webapp.models import Event
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")

NOVEMBER = datetime(2026, 11, 21, tzinfo=UTC)


def load(now: datetime = NOVEMBER) -> bool:
    with transaction():
        return load_demo(now=now)


def test_demo_is_loaded_once():
    assert (load(), load()) == (True, False)
    assert db.session.scalar(select(func.count()).select_from(Event)) == 3


@pytest.mark.parametrize(
    "now", [NOVEMBER, datetime(2027, 5, 14, tzinfo=UTC), datetime(2027, 5, 15, 12, tzinfo=UTC)]
)
def test_every_demo_event_lies_ahead(now):
    load(now)

    titles = [event.title for event in events.list_upcoming_events(now=now)]
    assert len(titles) == 3


def test_festival_is_three_days_in_may_in_its_own_time_zone():
    load()

    festival = events.get_published_event(slug="a-lo-cubano-boulder-fest")
    assert [f"{o.starts_at.astimezone(UTC):%Y-%m-%d %H:%M}" for o in festival.occurrences] == [
        "2027-05-16 00:00",
        "2027-05-16 16:00",
        "2027-05-17 17:00",
    ]
    full = next(tier for tier in festival.tiers if tier.name == "Full festival")
    assert [pool.name for pool in full.pools] == ["Day 1", "Day 2", "Day 3"]


def test_demo_codes_take_off_and_open_what_they_say():
    load()
    slug = "a-lo-cubano-boulder-fest"
    event = events.get_published_event(slug=slug)

    def prices(text: str) -> dict[str, int]:
        code = codes.recognise_code(event_slug=slug, text=text, now=NOVEMBER)
        listed = offers.list_offers(event=event, now=NOVEMBER, code=code)
        return {offer.tier.name: offer.price.discount_cents for offer in listed}

    assert "Crew pass" not in prices("SALSA10")
    assert prices("salsa10")["Full festival"] == 1500
    assert prices("friends 15")["Day 1 pass"] == 1500
    assert prices("crew-pass")["Crew pass"] == 0


def test_every_demo_tier_can_be_bought():
    load()

    for slug in ("a-lo-cubano-boulder-fest", "tinkertank-summer-camp", "neon-cellar-night"):
        event = events.get_published_event(slug=slug)
        statuses = {offer.status for offer in offers.list_offers(event=event, now=NOVEMBER)}
        assert statuses <= {"available", "few_left"}
