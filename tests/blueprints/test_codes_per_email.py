"""A code that one address may use once: refused truthfully, and never by the buyer's own try."""

import pytest

from tests.blueprints.browser import Browser
from tests.factories import make_code, make_event, make_tier
from webapp.database import db
from webapp.domain import access
from webapp.extensions import signer
from webapp.models import Checkout


@pytest.fixture
def event(app):
    return make_event()


@pytest.fixture
def tier(event):
    return make_tier(event, name="Floor", price_cents=10_000)


def go_to_pay_with(browser: Browser, event, tier, text: str):
    browser.open(f"/e/{event.slug}")
    browser.send(f"/e/{event.slug}/code", code=text)
    url = browser.choose(event, (tier, 1)).location
    browser.open(url)
    return browser.send(f"{url}/payment", email="ada@example.com")


def test_code_used_with_the_same_address_before_is_refused_at_its_field(
    browser, app, event, tier, gateway, clock
):
    make_code(event, text="ONCE", max_per_email=1)
    other = Browser(app)
    left = go_to_pay_with(browser, event, tier, "ONCE")

    open_elsewhere = go_to_pay_with(other, event, tier, "ONCE")
    said_while_open = other.words()
    gateway.pay(left.location.rsplit("/", 1)[1])
    clock.advance(minutes=32)
    paid_elsewhere = go_to_pay_with(other, event, tier, "ONCE")

    assert (open_elsewhere.status_code, paid_elsewhere.status_code) == (422, 422)
    assert '<p class="fault" id="code-fault" tabindex="-1" data-autofocus autofocus>' in other.page
    assert "already open for your email. Pay there, try again at 11:31 AM MST" in said_while_open
    assert "This code was used with your email before." in other.words()


def test_browser_that_was_let_into_the_first_try_does_not_fight_it(
    browser, app, event, tier, gateway
):
    make_code(event, text="ONCE", max_per_email=1)
    go_to_pay_with(browser, event, tier, "ONCE")
    phone = Browser(app)
    first = db.session.query(Checkout).one()
    phone.open(f"/c/{access.seal_checkout_link(signer(), first.reference)}")

    second = go_to_pay_with(phone, event, tier, "ONCE")

    assert second.status_code == 303
    opened = [name for name, session in gateway.sessions.items() if session.status == "open"]
    assert second.location == f"https://gateway.test/{opened[0]}"
    assert len(opened) == 1
