"""What a page that stays open is told, and how little it costs."""

from datetime import timedelta

import pytest

from tests.blueprints.browser import Browser, text_of
from tests.blueprints.statements import count_queries
from tests.factories import NOW, make_checkout, make_donation, make_event, make_tier
from webapp.database import db
from webapp.models import EventStatus


@pytest.fixture
def event(app):
    return make_event()


def ask(browser, event, tag=""):
    headers = {"If-None-Match": tag} if tag else {}
    return browser.client.get(f"/e/{event.slug}/availability", headers=headers)


def tier_in(answer, tier):
    return answer.json["tiers"][str(tier.id)]


def test_answer_names_every_tier_with_what_can_be_had_of_it(browser, event):
    many = make_tier(event, max_per_order=6)
    few = make_tier(event, capacity=5)
    last = make_tier(event, capacity=2)
    gone = make_tier(event, capacity=0)
    gift = make_donation(event)

    answer = ask(browser, event)

    assert answer.json["is_over"] is False
    assert tier_in(answer, many) == {"is_open": True, "most": 6, "says": "", "warns": ""}
    assert tier_in(answer, few) == {
        "is_open": True,
        "most": 5,
        "says": "Few left",
        "warns": "Only 5 left",
    }
    assert tier_in(answer, last)["says"] == "Almost gone"
    assert tier_in(answer, gone) == {"is_open": False, "most": 0, "says": "Sold out", "warns": ""}
    assert tier_in(answer, gift)["is_open"]


def test_page_and_answer_say_the_same(browser, event):
    tiers = [
        make_tier(event, capacity=0),
        make_tier(event, capacity=2),
        make_tier(event, sale_starts_at=NOW + timedelta(days=4)),
        make_tier(event, sale_ends_at=NOW),
    ]

    answer = ask(browser, event)
    browser.open(f"/e/{event.slug}")

    for tier in tiers:
        assert text_of(tier_in(answer, tier)["says"]) in browser.words()
    assert (
        text_of(tier_in(answer, tiers[2])["says"])
        == "On sale from Friday, March 5, 2027, 11:00 AM MST"
    )


def test_nothing_new_is_304_with_a_strong_tag_and_no_body(browser, event, clock):
    make_tier(event)
    first = ask(browser, event)
    clock.advance(seconds=5)

    second = ask(browser, event, first.headers["ETag"])

    assert not first.headers["ETag"].startswith("W/")
    assert (second.status_code, second.data) == (304, b"")
    assert second.headers["ETag"] == first.headers["ETag"]


def test_news_has_a_new_tag(browser, event, clock):
    tier = make_tier(event, capacity=2)
    first = ask(browser, event)
    make_checkout((tier, 2))
    clock.advance(seconds=1)

    second = ask(browser, event, first.headers["ETag"])

    assert second.status_code == 200
    assert tier_in(second, tier)["says"] == "Sold out"


def test_answer_is_kept_by_this_browser_alone_and_for_a_second(browser, event):
    make_tier(event)

    answer = ask(browser, event)

    assert answer.headers["Cache-Control"] == "private, max-age=1"
    assert "Accept-Language" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers


def test_crowd_asks_the_database_once_a_second(app, browser, event, clock):
    make_tier(event)
    other = Browser(app)
    ask(browser, event)

    assert count_queries(lambda: ask(other, event)) == 0
    clock.advance(seconds=1)
    assert count_queries(lambda: ask(other, event)) > 0


def test_own_held_tickets_do_not_look_sold_out(app, browser, event):
    tier = make_tier(event, capacity=2)
    browser.hold(event, (tier, 2))

    assert tier_in(ask(browser, event), tier)["most"] == 2
    assert tier_in(ask(Browser(app), event), tier)["says"] == "Sold out"


def test_lapsed_hold_is_back_without_a_sweep(browser, event, clock):
    tier = make_tier(event, capacity=2)
    make_checkout((tier, 2))
    clock.advance(minutes=15)

    assert tier_in(ask(browser, event), tier)["is_open"]


def test_sale_opens_at_its_moment(browser, event, clock):
    tier = make_tier(event, sale_starts_at=NOW + timedelta(seconds=30))

    assert not tier_in(ask(browser, event), tier)["is_open"]
    clock.advance(seconds=30)
    assert tier_in(ask(browser, event), tier)["is_open"]


def test_event_that_is_over_or_called_off_ends_the_asking(browser, app, clock):
    cancelled = make_event(status=EventStatus.CANCELLED)
    past = make_event(starts_at=NOW - timedelta(hours=4), ends_at=NOW)
    make_tier(cancelled)
    make_tier(past)

    assert ask(browser, cancelled).json == {"is_over": True, "tiers": {}}
    assert ask(browser, past).json == {"is_over": True, "tiers": {}}


def test_draft_and_unknown_event_have_no_availability(browser, app):
    draft = make_event(status=EventStatus.DRAFT)

    assert ask(browser, draft).status_code == 404
    assert browser.client.get("/e/no-such-event/availability").status_code == 404


def test_answer_costs_the_same_for_any_number_of_tiers(browser, event, clock):
    url = f"/e/{event.slug}/availability"
    make_tier(event)
    db.session.expunge_all()
    few = count_queries(lambda: browser.client.get(url))
    event = db.session.merge(event)
    make_tier(event)
    make_tier(event)
    clock.advance(seconds=2)
    db.session.expunge_all()

    many = count_queries(lambda: browser.client.get(url))

    assert many == few
