"""A checkout that came by a link is opened, changed and paid, and never filled unawares."""

import pytest

from tests.blueprints.browser import Browser
from tests.factories import make_checkout, make_event, make_tier
from webapp.domain import access, checkouts
from webapp.extensions import signer

EMAIL = "victim@example.com"


@pytest.fixture
def tier(app):
    return make_tier(make_event(), capacity=10)


@pytest.fixture
def foreign(tier):
    """Somebody else's checkout; that person holds its token."""
    return make_checkout((tier, 1))


def follow_link(browser: Browser, checkout) -> str:
    """Open the checkout's link; answers the address of its page."""
    browser.open("/")
    location = browser.open(
        f"/c/{access.seal_checkout_link(signer(), checkout.reference)}"
    ).location
    browser.open(location)
    return location


def test_tickets_chosen_later_never_go_into_a_checkout_that_came_by_a_link(browser, tier, foreign):
    follow_link(browser, foreign)

    url = browser.hold(tier.event, (tier, 2))

    assert not url.endswith(foreign.reference)
    assert [
        item.quantity for item in checkouts.get_checkout(reference=foreign.reference).items
    ] == [1]


def test_event_page_does_not_speak_of_a_checkout_that_came_by_a_link(browser, tier, foreign):
    follow_link(browser, foreign)

    page = browser.open(f"/e/{tier.event.slug}")

    assert foreign.reference not in page.text


def test_link_to_the_own_checkout_leaves_it_the_own(browser, tier):
    url = browser.hold(tier.event, (tier, 1))
    own = checkouts.get_checkout(reference=url.rsplit("/", 1)[1])

    follow_link(browser, own)

    assert browser.hold(tier.event, (tier, 2)) == url


def test_checkout_that_came_by_a_link_is_changed_renewed_and_paid(
    browser, tier, foreign, gateway, clock
):
    url = follow_link(browser, foreign)

    changed = browser.send(f"{url}/items", **{f"quantity-{tier.id}": 2})
    clock.advance(minutes=20)
    renewed = browser.send(f"{url}/renewal", email=EMAIL)
    browser.open(renewed.location)
    paid = browser.send(f"{renewed.location}/payment", email=EMAIL)

    assert (changed.status_code, renewed.status_code, paid.status_code) == (303, 303, 303)
    assert gateway.sessions["cs_test_1"].amount_cents > 0


def test_renewal_makes_no_shared_checkout_the_own(browser, tier, foreign, clock):
    url = follow_link(browser, foreign)
    clock.advance(minutes=20)

    renewed = browser.send(f"{url}/renewal", email="", name="")

    assert renewed.status_code == 303
    assert browser.hold(tier.event, (tier, 2)) != renewed.location
