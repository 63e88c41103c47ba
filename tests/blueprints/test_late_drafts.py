"""What is late on the network never decides whom the tickets are for."""

import re

import pytest

from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.domain import attendees, checkouts
from webapp.models import Checkout, Order

EMAIL = "ada@example.com"
HALF = "ada@example.co"


@pytest.fixture
def tier(app):
    return make_tier(make_event(), name="Floor", max_per_order=4)


@pytest.fixture
def url(browser, tier):
    return browser.hold(tier.event, (tier, 2))


def checkout_at(url) -> Checkout:
    db.session.expire_all()
    return checkouts.get_checkout(reference=url.rsplit("/", 1)[1])


def seen_attempts(browser) -> str:
    return re.search(r'name="seen_attempts" value="([0-9]+)"', browser.page)[1]


def names(tier, *typed) -> dict[str, str]:
    fields = {f"attendee-{tier.id}-{number}": name for number, name in enumerate(typed, start=1)}
    return {"attendees": "1", **fields}


def typed_names(url) -> list[str]:
    names = attendees.typed_names(checkout_id=checkout_at(url).id)
    return [names[unit] for unit in sorted(names)]


def test_page_left_at_the_gateway_goes_on_with_the_address_that_was_paid_with(browser, url):
    browser.send(f"{url}/payment", email=EMAIL, name="Ada")
    browser.send(f"{url}/draft", swap=True, email=HALF, name="A")

    page = browser.open(f"{url}/cancelled").text

    assert 'name="email" value="ada@example.com"' in page
    assert 'name="name" value="Ada"' in page


@pytest.mark.parametrize("part", ["draft", "contact"])
def test_what_was_typed_before_the_payment_changes_nothing_after_it(
    browser, tier, url, gateway, part
):
    seen = seen_attempts(browser)
    browser.send(f"{url}/payment", email=EMAIL, name="Ada", **names(tier, "Ann One", "Bob Two"))

    late = {"email": HALF, "name": "A", "seen_attempts": seen, **names(tier, "Ann", "")}
    browser.send(f"{url}/{part}", swap=True, **late)

    checkout = checkout_at(url)
    assert (checkout.contact_email, checkout.contact_name) == (EMAIL, "Ada")
    assert (checkout.draft_email, checkout.draft_name) == (None, None)
    assert typed_names(url) == ["Ann One", "Bob Two"]


def test_late_draft_of_a_payment_that_was_left_changes_nothing(browser, url, gateway, tier):
    seen = seen_attempts(browser)
    browser.send(f"{url}/payment", email=EMAIL)
    browser.send(f"{url}/items", **{f"quantity-{tier.id}": 1})

    browser.send(f"{url}/draft", swap=True, email=HALF, seen_attempts=seen)

    assert checkout_at(url).contact_email == EMAIL


def test_what_is_typed_after_coming_back_from_the_gateway_is_kept(browser, tier, url, gateway):
    browser.send(f"{url}/payment", email=EMAIL)
    browser.open(url)

    late = {"email": HALF, "seen_attempts": seen_attempts(browser), **names(tier, "Cy", "")}
    browser.send(f"{url}/draft", swap=True, **late)

    assert checkout_at(url).draft_email == HALF
    assert typed_names(url) == ["Cy", ""]


def test_page_that_the_back_button_kept_claims_nothing_and_is_kept(browser, url, gateway):
    browser.send(f"{url}/payment", email=EMAIL)

    browser.send(f"{url}/draft", swap=True, email=HALF, seen_attempts="")

    assert checkout_at(url).draft_email == HALF


def test_address_on_the_pay_form_decides_whatever_is_kept(browser, url, gateway):
    browser.send(f"{url}/draft", swap=True, email=HALF)

    browser.send(f"{url}/payment", email=EMAIL)

    assert db.session.query(Order).one().contact_email == EMAIL
    assert gateway.requests["cs_test_1"].customer_email == EMAIL
