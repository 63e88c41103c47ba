"""Back from the payment page in a browser that did not begin the checkout: calm, and blind."""

import pytest

from tests.blueprints.browser import HTMX, Browser
from tests.factories import make_event, make_tier

UNKNOWN = "/checkout/0123456789abcdef0123"
WAYS_BACK = ("/return", "/cancelled")


@pytest.fixture
def paid_url(browser, gateway):
    """A checkout of ``browser`` that was paid for on the gateway's page."""
    event = make_event()
    url = browser.hold(event, (make_tier(event, price_cents=3000), 1))
    browser.send(f"{url}/payment", email="guest@example.com")
    gateway.pay("cs_test_1")
    return url


@pytest.mark.parametrize("way_back", WAYS_BACK)
def test_buyer_who_comes_back_in_another_browser_is_told_where_the_tickets_go(
    app, paid_url, way_back
):
    other = Browser(app)

    answer = other.open(f"{paid_url}{way_back}")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "If you paid, your tickets come by mail within minutes." in other.words()
    assert "/find-tickets" in answer.text


@pytest.mark.parametrize("way_back", WAYS_BACK)
def test_page_for_another_browser_never_invites_to_pay_again(app, paid_url, way_back):
    other = Browser(app)

    page = other.open(f"{paid_url}{way_back}").text
    main = page[page.index("<main") : page.index("</main>")]

    assert "/e/" not in main
    assert "See all events" not in main
    assert "/payment" not in main


def test_page_for_another_browser_is_the_same_for_every_reference(app, paid_url):
    other = Browser(app)

    answers = [other.open(f"{url}{way}") for url in (paid_url, UNKNOWN) for way in WAYS_BACK]

    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert paid_url not in answers[0].text


def test_other_browsers_look_at_a_payment_asks_no_gateway(app, paid_url, gateway):
    asked = list(gateway.calls)

    Browser(app).open(f"{paid_url}/return")

    assert gateway.calls == asked


def test_waiting_page_that_lost_its_cookie_shows_the_same_page(app, paid_url):
    answer = Browser(app).client.get(f"{paid_url}/return?round=3", headers=HTMX)

    assert answer.headers["HX-Redirect"] == f"{paid_url}/return"
