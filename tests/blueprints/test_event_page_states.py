"""What the event's page says when tickets are not simply on sale, and to machines."""

import re
from datetime import timedelta

import pytest

from tests.factories import NOW, make_checkout, make_donation, make_event, make_tier
from webapp.models import EventStatus

_ITEM = re.compile(r'itemprop="(\w+)" content="([^"]*)"')


@pytest.fixture
def event(app):
    return make_event(title="Harbour concert", time_zone="America/Denver")


def facts_of(page, tier=None):
    """The facts for machines: of the whole page, or of one tier's row."""
    text = re.search(rf'<li id="tier-{tier.id}".*?</li>', page, re.DOTALL)[0] if tier else page
    return dict(_ITEM.findall(text))


def test_sale_to_come_names_its_moment_and_counts_down(browser, event):
    tier = make_tier(event, sale_starts_at=NOW + timedelta(days=4))

    browser.open(f"/e/{event.slug}")

    assert "Tickets go on sale on Friday, March 5, 2027, 11:00 AM MST." in browser.words()
    assert "On sale from Friday, March 5, 2027, 11:00 AM MST" in browser.words()
    assert f'data-opens-in="{4 * 24 * 3600}"' in browser.page
    assert f'name="quantity-{tier.id}"' not in browser.page
    assert '<div id="picker-bar" class="bar" hidden>' in browser.page


def test_countdown_never_ends_before_the_sale_begins(browser, event, clock):
    make_tier(event, sale_starts_at=NOW + timedelta(seconds=10))
    clock.advance(milliseconds=400)

    browser.open(f"/e/{event.slug}")

    assert 'data-opens-in="10"' in browser.page


def test_sold_out_tier_names_what_is_still_there(browser, event):
    gone = make_tier(event, name="Front row", capacity=1)
    left = make_tier(event, name="Back row")
    make_checkout((gone, 1))

    browser.open(f"/e/{event.slug}")

    assert "Still there: Back row" in browser.words()
    assert f'<a href="#tier-{left.id}"><bdi>Back row</bdi></a>' in browser.page
    assert "All tickets are taken" not in browser.words()


def test_everything_sold_out_says_that_places_may_come_back(browser, event):
    make_tier(event, capacity=0)
    gift = make_donation(event)

    browser.open(f"/e/{event.slug}")

    assert "All tickets are taken." in browser.words()
    assert "look again later" in browser.words()
    assert f'name="amount-{gift.id}"' in browser.page
    assert '<div id="picker-bar" class="bar">' in browser.page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"capacity": 2}, "Almost gone"), ({"capacity": 5}, "Few left")],
)
def test_low_stock_is_a_word(browser, event, fields, sentence):
    make_tier(event, **fields)

    browser.open(f"/e/{event.slug}")

    assert sentence in browser.words()


def test_ended_sale_says_so(browser, event):
    make_tier(event, sale_ends_at=NOW)

    browser.open(f"/e/{event.slug}")

    assert "Ticket sales have ended." in browser.words()
    assert "Sale has ended" in browser.words()


def test_event_without_tiers_says_when_to_come_back(browser, event):
    browser.open(f"/e/{event.slug}")

    assert "No tickets are offered yet." in browser.words()
    assert "<form" not in browser.page


def test_past_event_stays_readable_and_sells_nothing(browser):
    past = make_event(starts_at=NOW - timedelta(hours=4), ends_at=NOW)
    make_tier(past)

    response = browser.open(f"/e/{past.slug}")

    assert response.status_code == 200
    assert "This event is over. See what else is on" in browser.words()
    assert "<form" not in browser.page


def test_cancelled_event_stays_readable_and_sells_nothing(browser):
    cancelled = make_event(title="Rained out", status=EventStatus.CANCELLED)
    make_tier(cancelled)

    response = browser.open(f"/e/{cancelled.slug}")

    assert response.status_code == 200
    assert "Rained out" in browser.words()
    assert "This event was called off. No tickets are sold any more." in browser.words()
    assert "<form" not in browser.page
    assert facts_of(browser.page)["eventStatus"] == "https://schema.org/EventCancelled"


def test_choice_sent_to_a_cancelled_event_is_refused(browser, event):
    tier = make_tier(event)
    browser.open(f"/e/{event.slug}")
    event.status = EventStatus.CANCELLED

    response = browser.choose(event, (tier, 1))

    assert response.status_code == 409
    assert "Ticket sales for this event have ended" in browser.words()


def test_shortage_of_everything_leads_to_the_tier(browser, event):
    tier = make_tier(event, capacity=1)
    browser.open(f"/e/{event.slug}")
    make_checkout((tier, 1))

    response = browser.choose(event, (tier, 1))

    assert response.status_code == 409
    assert f'<a href="#tier-{tier.id}">' in browser.page


def test_event_is_told_to_machines_with_its_own_offset(browser, event):
    browser.open(f"/e/{event.slug}")

    facts = facts_of(browser.page)
    assert 'itemtype="https://schema.org/Event"' in browser.page
    assert '<h1 itemprop="name">Harbour concert</h1>' in browser.page
    assert 'itemprop="startDate" datetime="2027-03-31T12:00:00-06:00"' in browser.page
    assert facts["endDate"] == "2027-03-31T17:00:00-06:00"
    assert facts["eventStatus"] == "https://schema.org/EventScheduled"
    assert facts["url"] == "http://localhost:8000/"
    assert '<span itemprop="name">The Hall</span>' in browser.page
    assert '<span itemprop="address">1 Example Street, Boulder</span>' in browser.page


def test_machines_read_the_price_that_is_paid(browser, event):
    tier = make_tier(
        event,
        price_cents=3000,
        sale_starts_at=NOW - timedelta(days=1),
        sale_ends_at=NOW + timedelta(days=1),
    )

    browser.open(f"/e/{event.slug}")

    assert facts_of(browser.page, tier) == {
        "price": "34.17",
        "priceCurrency": "USD",
        "availability": "https://schema.org/InStock",
        "url": f"http://localhost:8000/e/{event.slug}",
        "validFrom": "2027-02-28T11:00:00-07:00",
        "validThrough": "2027-03-02T11:00:00-07:00",
    }


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"capacity": 5}, "LimitedAvailability"),
        ({"capacity": 0}, "SoldOut"),
        ({"sale_starts_at": NOW + timedelta(days=1)}, "InStock"),
        ({"sale_ends_at": NOW}, "OutOfStock"),
    ],
)
def test_machines_read_what_is_left(browser, event, fields, word):
    tier = make_tier(event, **fields)

    browser.open(f"/e/{event.slug}")

    assert facts_of(browser.page, tier)["availability"] == f"https://schema.org/{word}"


def test_donation_is_no_offer_to_machines(browser, event):
    gift = make_donation(event)

    browser.open(f"/e/{event.slug}")

    assert facts_of(browser.page, gift) == {}


def test_map_is_a_link_that_says_nothing_of_the_reader(browser, event):
    browser.open(f"/e/{event.slug}")

    address = "https://www.openstreetmap.org/search?query=1+Example+Street%2C+Boulder"
    assert f'<a class="map-link" href="{address}" rel="noreferrer noopener external">' in (
        browser.page
    )


def test_place_for_the_readers_own_time_is_empty_until_a_script_fills_it(browser, event):
    browser.open(f"/e/{event.slug}")

    assert re.search(r'data-local-time="America/Denver"[^>]*></span>', browser.page)


def test_organizer_is_the_organisation_and_not_the_software(browser, event):
    make_tier(event)

    browser.open(f"/e/{event.slug}")

    assert '<meta itemprop="name" content="Harbour Nights">' in browser.page
    assert '<meta property="og:site_name" content="Harbour Nights">' in browser.page
    assert "Sold by Harbour Nights" in browser.words()
    assert "<title>Harbour concert · Yardpass</title>" in browser.page
