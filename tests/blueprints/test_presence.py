"""A page in view tells so: its own browser only, in one statement, and nothing follows."""

import pytest

from tests.blueprints.browser import Browser
from tests.blueprints.statements import count_queries
from webapp.database import db
from webapp.models import Checkout, Presence


@pytest.fixture
def url(browser, tier):
    return browser.hold(tier.event, (tier, 1))


def seen() -> list:
    db.session.rollback()
    return list(db.session.scalars(db.select(Presence.seen_at)))


def test_own_checkout_in_view_is_noted_and_nothing_is_answered(browser, url, clock):
    answer = browser.send(f"{url}/presence")

    assert (answer.status_code, answer.text) == (204, "")
    assert "Set-Cookie" not in answer.headers
    assert seen() == [clock()]


def test_page_in_view_costs_one_statement(browser, url):
    assert count_queries(lambda: browser.send(f"{url}/presence")) == 1


@pytest.mark.parametrize("is_known", [True, False])
def test_beat_of_a_stranger_is_not_found(app, tier, url, is_known):
    stranger = Browser(app)
    stranger.open(f"/e/{tier.event.slug}")

    answer = stranger.send(f"{url if is_known else '/checkout/' + '0' * 20}/presence")

    assert answer.status_code == 404
    assert seen() == []


def test_beat_of_another_site_is_refused(browser, url):
    assert browser.client.post(f"{url}/presence").status_code == 400
    assert seen() == []


def test_page_asks_to_be_told_while_there_is_a_hold_and_no_longer(browser, url):
    before = f'data-presence="{url}/presence"' in browser.page

    browser.send(f"{url}/cancellation")
    after = browser.open(url).text
    answer = browser.send(f"{url}/presence")

    assert (before, "data-presence" in after) == (True, False)
    assert (answer.status_code, seen()) == (204, [])


def test_look_leaves_the_end_of_the_hold_where_it_is(browser, url, clock):
    before = db.session.query(Checkout.expires_at, Checkout.extensions_used).one()
    clock.advance(minutes=5)

    browser.send(f"{url}/presence")

    db.session.rollback()
    assert db.session.query(Checkout.expires_at, Checkout.extensions_used).one() == before
