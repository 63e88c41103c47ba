"""While a bank confirms a payment its buyer is not told that time is up, and may buy more."""

import pytest

from tests.blueprints.api_calls import assert_problem, bearer, opened, url_of
from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.flows.payments import sync_order_payment
from webapp.models import Order

CONTACT = {"email": "ada@example.com", "name": "Ada Example"}


@pytest.fixture
def tier(app):
    return make_tier(make_event(), capacity=9)


def confirm_later(gateway, ports):
    """The buyer pays by a method whose bank takes its days."""
    gateway.start_delayed("cs_test_1")
    sync_order_payment(order_id=db.session.query(Order).one().id, ports=ports)
    db.session.expire_all()


@pytest.fixture
def url(browser, tier, gateway, ports):
    url = browser.hold(tier.event, (tier, 1))
    browser.send(f"{url}/payment", email="ada@example.com")
    confirm_later(gateway, ports)
    return url


@pytest.mark.parametrize("minutes", [0, 20, 40])
def test_more_tickets_are_a_checkout_of_their_own(browser, tier, url, clock, minutes):
    clock.advance(minutes=minutes)
    browser.open(f"/e/{tier.event.slug}")

    more = browser.choose(tier.event, (tier, 2))

    assert more.status_code == 303
    assert more.location != url
    browser.open(more.location)
    paid = browser.send(f"{more.location}/payment", email="ada@example.com")
    assert paid.location == "https://gateway.test/cs_test_2"


def test_more_tickets_from_a_page_that_the_back_button_brought_are_a_checkout_of_their_own(
    browser, tier, gateway, ports
):
    browser.open(f"/e/{tier.event.slug}")
    picker = browser.page
    url = browser.choose(tier.event, (tier, 1)).location
    browser.open(url)
    browser.send(f"{url}/payment", email="ada@example.com")
    confirm_later(gateway, ports)
    browser.page = picker

    more = browser.choose(tier.event, (tier, 1))

    assert more.status_code == 303
    assert more.location != url


def test_checkout_page_leads_to_what_becomes_of_the_money(browser, url, clock):
    clock.advance(hours=2)

    waiting = browser.open(url)
    order = browser.open(waiting.location)

    assert (waiting.status_code, waiting.location) == (303, f"{url}/return")
    browser.open(order.location)
    assert "Your bank is confirming the payment" in browser.words()


def test_going_to_pay_again_shows_what_becomes_of_the_money(browser, url):
    again = browser.send(f"{url}/payment", email="ada@example.com")

    assert (again.status_code, again.location) == (303, f"{url}/return")


def test_api_says_that_the_payment_is_under_way(client, tier, gateway, ports):
    checkout = opened(client, tier, contact=CONTACT)
    pay = url_of(checkout, "/payment")
    client.post(pay, json={"provider": "stripe"}, headers=bearer(checkout))
    confirm_later(gateway, ports)

    again = client.post(pay, json={"provider": "stripe"}, headers=bearer(checkout))

    assert_problem(again, 409, "payment_pending")


def test_api_does_not_call_a_checkout_expired_whose_money_is_on_its_way(
    client, tier, gateway, ports, clock
):
    checkout = opened(client, tier, contact=CONTACT)
    client.post(url_of(checkout, "/payment"), json={"provider": "stripe"}, headers=bearer(checkout))
    confirm_later(gateway, ports)
    clock.advance(hours=2)

    assert client.get(url_of(checkout), headers=bearer(checkout)).json["status"] == "pending"
