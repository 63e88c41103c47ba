"""A basket that somebody else may not touch, and that was changed since it was seen."""

import pytest

from tests.blueprints.browser import Browser, text_of
from tests.factories import make_event, make_tier
from tests.purchases import LINKS
from webapp.database import db
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.models import Order

EMAIL = "guest@example.com"


@pytest.fixture
def tier(app):
    return make_tier(make_event(), name="Floor", max_per_order=4)


@pytest.fixture
def url(browser, tier):
    return browser.hold(tier.event, (tier, 3))


def test_another_browser_may_not_type_into_the_checkout(app, tier, url):
    stranger = Browser(app)
    answers = [stranger.open(f"{url}/handover")]

    for part in ("draft", "handover"):
        stranger.open(f"/e/{tier.event.slug}")
        answers.append(stranger.send(f"{url}/{part}", email="x@example.com"))

    assert [answer.status_code for answer in answers] == [404] * 3


def test_basket_changed_elsewhere_is_shown_before_it_is_paid(browser, tier, url, gateway):
    seen = browser.page.split('name="seen_basket" value="')[1].split('"')[0]
    browser.send(f"{url}/items", **{f"quantity-{tier.id}": 2})

    response = browser.send(f"{url}/payment", email=EMAIL, seen_basket=seen)

    assert response.status_code == 409
    assert "changed in another tab or on another device" in browser.words()
    assert gateway.sessions == {}
    now_seen = browser.page.split('name="seen_basket" value="')[1].split('"')[0]
    again = browser.send(f"{url}/payment", email=EMAIL, seen_basket=now_seen)
    assert again.location == "https://gateway.test/cs_test_1"


def test_cap_is_told_at_its_field(browser, tier, url):
    browser.send(f"{url}/items", **{f"quantity-{tier.id}": 4})
    assert "That is the most for one order." in text_of(browser.open(url).text)

    swap = browser.send(f"{url}/items", swap=True, **{f"quantity-{tier.id}": 5})

    field = f"quantity-{tier.id}"
    assert swap.status_code == 422
    assert f'id="{field}-fault">Choose a number from 1 to 4.' in swap.text
    assert f'aria-describedby="{field}-fault"' in swap.text


def test_basket_that_another_tab_goes_to_pay_for_is_shown_and_not_a_waiting_page(
    browser, tier, url, gateway, ports
):
    browser.send(f"{url}/payment", email=EMAIL)

    def pay_in_another_tab():
        gateway.after_expire = None
        sync_order_payment(order_id=db.session.query(Order).one().id, ports=ports)
        start_payment(reference=url.rsplit("/", 1)[1], links=LINKS, ports=ports)

    fields = {f"quantity-{tier.id}": 2}
    # Between the end of one payment page and the change, another one is opened.
    gateway.after_expire = pay_in_another_tab
    swap = browser.send(f"{url}/items", swap=True, **fields)
    gateway.after_expire = pay_in_another_tab
    page = browser.send(f"{url}/items", **fields)

    for answer in (swap, page):
        assert answer.status_code == 409
        assert "your tickets stayed as they were" in text_of(answer.text)
        assert f'name="quantity-{tier.id}" type="number" inputmode="numeric"' in answer.text
        assert 'value="3"' in answer.text


def test_money_on_its_way_for_the_basket_leads_to_the_waiting_page(browser, tier, url, gateway):
    browser.send(f"{url}/payment", email=EMAIL)
    gateway.pay("cs_test_1")

    answer = browser.send(f"{url}/items", **{f"quantity-{tier.id}": 2})

    assert (answer.status_code, answer.location) == (303, f"{url}/return")
