"""Free tickets for one person only so often: said kindly, on pages and in the API."""

import pytest
from limits import parse

from blueprints import address_guesses, free_orders
from tests.blueprints.api_calls import assert_problem, bearer, opened, url_of
from tests.blueprints.browser import Browser
from tests.blueprints.sites import limited_app
from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.models import Order


@pytest.fixture
def event(app):
    return make_event()


@pytest.fixture
def tier(event):
    return make_tier(event, name="Guest list", price_cents=0, max_per_order=2, max_per_email=3)


def order(browser: Browser, event, tier, quantity, email="ada@example.com"):
    url = browser.hold(event, (tier, quantity))
    return browser.send(f"{url}/payment", email=email, name="Ada Typed")


def order_by_api(client, tier, quantity=1, email="ada@example.com"):
    items = [{"tier_id": tier.id, "quantity": quantity}]
    checkout = opened(client, tier, contact={"email": email}, items=items)
    return client.post(
        url_of(checkout, "/payment"), json={"provider": "stripe"}, headers=bearer(checkout)
    )


def test_page_says_beside_the_number_how_many_are_left(app, event, tier):
    browser = Browser(app)
    assert order(browser, event, tier, 2).status_code == 303

    refused = order(browser, event, tier, 2, email="ADA@Example.COM")

    assert refused.status_code == 422
    assert f'<p class="fault" id="quantity-{tier.id}-fault">Your email has some' in browser.page
    assert "one person may have 3. Choose 1 at most." in browser.words()
    assert f'<a href="#quantity-{tier.id}">' in browser.page
    assert 'value="Ada Typed"' in browser.page
    assert db.session.query(Order).count() == 1


def test_page_in_another_browser_tells_no_number_and_keeps_what_was_typed(app, event, tier):
    order(Browser(app), event, tier, 2)
    browser = Browser(app)

    refused = order(browser, event, tier, 2)

    assert refused.status_code == 422
    assert "One person may have 3 of these, and with those that your email has" in browser.words()
    assert "at most" not in browser.words().split("it would be more")[1]
    assert 'value="Ada Typed"' in browser.page


def test_event_page_says_beforehand_how_many_one_person_may_have(browser, event, tier):
    make_tier(event, name="No limit")

    browser.open(f"/e/{event.slug}")

    assert browser.words().count("for one person.") == 1
    assert "At most 3 for one person." in browser.words()


def test_buyer_who_takes_fewer_goes_through_in_the_same_checkout(app, event, tier):
    order(Browser(app), event, tier, 2)
    browser = Browser(app)
    url = browser.hold(event, (tier, 2))
    browser.send(f"{url}/payment", email="ada@example.com")

    browser.send(f"{url}/items", **{f"quantity-{tier.id}": 1})
    browser.open(url)
    paid = browser.send(f"{url}/payment", email="ada@example.com")

    assert (paid.status_code, paid.location) == (303, f"{url}/return")


def test_api_names_the_line_and_not_what_somebody_bought(client, tier):
    assert order_by_api(client, tier, 2).status_code == 200

    refused = order_by_api(client, tier, 2, email="ADA@example.com")

    problem = assert_problem(refused, 422, "person_limit_reached")
    assert problem["limited"] == [{"tier_id": tier.id, "requested": 2, "available": None}]
    assert [error["field"] for error in problem["errors"]] == ["items.0"]


@pytest.fixture
def limited(environ, app, gateway, monkeypatch):
    """The application with rate limits; two free orders of a kind are enough for a test."""
    monkeypatch.setattr(free_orders.FREE_ORDERS, "per_network", parse("3 per 10 minutes"))
    monkeypatch.setattr(free_orders.FREE_ORDERS, "per_email", parse("2 per 10 minutes"))
    application = limited_app(environ)
    application.extensions["ports"] = app.extensions["ports"]
    with application.app_context():
        application.extensions["rate_limiter"].reset()
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def guesser(limited, event, tier, monkeypatch) -> Browser:
    """Whoever was told twice that an address has its share, and may be told no more."""
    monkeypatch.setattr(free_orders.FREE_ORDERS, "per_network", parse("90 per 10 minutes"))
    monkeypatch.setattr(free_orders.FREE_ORDERS, "per_email", parse("90 per 10 minutes"))
    monkeypatch.setattr(address_guesses.GUESSES, "per_network", parse("2 per 10 minutes"))
    order(Browser(limited), event, tier, 2)
    browser = Browser(limited)
    assert [order(browser, event, tier, 2).status_code for _ in range(2)] == [422, 422]
    return browser


@pytest.mark.parametrize("email", ["ada@example.com", "bob@example.com"])
def test_who_was_told_often_of_addresses_learns_no_more(guesser, event, tier, email):
    refused = order(guesser, event, tier, 2, email=email)

    assert refused.status_code == 429
    assert "for emails that have their share already" in guesser.words()
    assert f'value="{email}"' in guesser.page
    assert 'value="Ada Typed"' in guesser.page
    assert db.session.query(Order).count() == 1


def test_api_tells_no_more_of_addresses_than_pages_do(limited, guesser, tier):
    refused = order_by_api(limited.test_client(), tier, email="bob@example.com")

    assert_problem(refused, 429, "too_many_person_limits")


def test_own_orders_are_no_guesses(limited, event, tier, guesser, monkeypatch):
    monkeypatch.setattr(address_guesses.GUESSES, "per_network", parse("3 per 10 minutes"))
    browser = Browser(limited)
    order(browser, event, tier, 2, email="eve@example.com")

    answers = [order(browser, event, tier, 2, email="eve@example.com") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [422] * 3


def test_foreign_checkout_is_as_unknown_to_whoever_was_told_often(limited, guesser, event, tier):
    foreign = Browser(limited).hold(event, (tier, 1))

    assert guesser.send(f"{foreign}/payment", email="ada@example.com").status_code == 404


@pytest.fixture
def unlimited(event):
    return make_tier(event, price_cents=0)


def test_free_orders_of_one_address_have_a_rate(limited, unlimited):
    client = limited.test_client()

    answers = [
        order_by_api(client, unlimited, email=f"a{number}@example.com") for number in range(4)
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert_problem(answers[3], 429, "too_many_free_orders")
    assert int(answers[3].headers["Retry-After"]) > 0
    assert db.session.query(Order).count() == 3


def test_free_orders_for_one_mailbox_have_a_rate_from_wherever_they_come(limited, unlimited):
    answers = []
    for number in range(3):
        client = limited.test_client()
        client.environ_base["REMOTE_ADDR"] = f"198.51.100.{number}"
        answers.append(order_by_api(client, unlimited).status_code)

    assert answers == [200, 200, 429]


def test_refused_free_order_is_said_on_the_checkouts_page_with_the_places_held(
    limited, event, unlimited
):
    for _ in range(2):
        order(Browser(limited), event, unlimited, 1)
    browser = Browser(limited)

    refused = order(browser, event, unlimited, 1)

    assert refused.status_code == 429
    assert "Your tickets are still held: wait a few minutes" in browser.words()
    assert "Checkout" in browser.words()


def test_repeated_click_and_orders_that_cost_something_are_not_counted(
    limited, event, unlimited, gateway
):
    browser = Browser(limited)
    url = browser.hold(event, (unlimited, 1))
    again = [browser.send(f"{url}/payment", email="ada@example.com") for _ in range(4)]
    dear = make_tier(event)
    bought = [order(Browser(limited), event, dear, 1).status_code for _ in range(3)]

    assert [answer.status_code for answer in again] == [303] * 4
    assert bought == [303] * 3
