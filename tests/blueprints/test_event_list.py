"""The list of events and its search: plain addresses that anybody may type, send or keep."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.blueprints.browser import text_of
from tests.blueprints.statements import count_queries
from tests.factories import NOW, make_event, make_tier
from webapp.database import db


def test_search_is_a_plain_address(browser):
    make_event(title="Salsa night")
    make_event(title="Tango night")

    browser.open("/?q=salsa")

    assert "Salsa night" in browser.words()
    assert "Tango night" not in browser.words()
    assert "1 event found" in browser.words()
    assert 'value="salsa"' in browser.page


def test_event_is_free_only_where_every_ticket_is(browser):
    free, mixed = make_event(title="All free"), make_event(title="Mixed")
    for event in (free, mixed):
        make_tier(event, price_cents=0)
    make_tier(mixed, price_cents=3000)

    words = text_of(browser.open("/").text)
    poster = text_of(browser.open(f"/e/{mixed.slug}").text)

    assert "All free The Hall Free" in words
    assert "Mixed The Hall From $0.00, fees included" in words
    assert "from $0.00 incl. fees Choose tickets" in poster


def test_months_are_offered_only_where_something_is_on(browser):
    make_event(title="In March")
    later = NOW + timedelta(days=70)
    make_event(title="In May", starts_at=later, ends_at=later + timedelta(hours=5))

    browser.open("/?month=2027-05")

    assert "In May" in browser.words()
    assert "In March" not in browser.words()
    assert "Any month March 2027 May 2027 Search" in browser.words()
    assert '<option value="2027-05" selected>' in browser.page


@pytest.mark.parametrize(
    "month",
    [
        "2027-13",
        "2027-00",
        "27-05",
        "next",
        "2027-5",
        "\uff12\uff10\uff12\uff17-05",
        "9999-12",
        "2027-05-01",
    ],
)
def test_month_that_is_none_is_ignored(browser, month):
    make_event(title="Evening")

    response = browser.open(f"/?month={month}")

    assert response.status_code == 200
    assert "Evening" in browser.words()


def test_nothing_found_says_what_to_do(browser):
    make_event(title="Salsa night")

    browser.open("/?q=polka&month=2027-05")

    assert "No event in May 2027 matches “polka”." in browser.words()
    assert "Show all events" in browser.words()
    assert "May 2027" in browser.words().split("Any month")[1]
    assert "Salsa night" not in browser.words()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("q=polka", "No event matches “polka”."),
        ("month=2027-05", "No event begins in May 2027."),
    ],
)
def test_nothing_found_names_what_was_looked_for(browser, query, sentence):
    make_event()

    browser.open(f"/?{query}")

    assert sentence in browser.words()


def test_nothing_on_offers_no_search(browser):
    browser.open("/")

    assert "Nothing is on sale right now" in browser.words()
    assert 'role="search"' not in browser.page


def test_what_was_typed_is_shown_as_text(browser):
    make_event()

    browser.open("/?q=<b>bold</b>")

    assert "<b>bold" not in browser.page
    assert "No event matches “<b>bold</b>”." in browser.words()


def test_endless_search_is_cut(browser):
    make_event(title="Evening")

    response = browser.open("/?q=" + "evening+" * 1000)

    assert response.status_code == 200
    assert "Evening" in browser.words()


def test_swap_gets_the_list_alone_and_a_short_address(browser):
    make_event(title="Salsa night")

    fragment = browser.open("/?q=++salsa+&month=", swap=True)
    page = browser.open("/?q=salsa")

    assert "<html" not in fragment.text
    assert fragment.text.strip() in page.text
    assert fragment.headers["HX-Push-Url"] == "/?q=salsa"
    assert text_of(fragment.text).startswith("1 event found")
    assert "HX-Request" in fragment.headers["Vary"]


def test_list_asks_the_database_equally_often_for_any_number_of_events(browser):
    def dated(number):
        starts = datetime(2027, 4, number, 18, tzinfo=UTC)
        event = make_event(starts_at=starts, ends_at=starts + timedelta(hours=4))
        make_tier(event)
        make_tier(event)

    dated(1)
    db.session.expunge_all()
    few = count_queries(lambda: browser.open("/?q=evening&month=2027-04"))
    dated(2)
    dated(3)
    db.session.expunge_all()

    many = count_queries(lambda: browser.open("/?q=evening&month=2027-04"))

    assert "3 events found" in browser.words()
    assert many == few
