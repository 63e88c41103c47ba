"""Too few are left for a checkout's basket: one press goes on with what there is."""

import re

from tests.blueprints.browser import text_of
from tests.factories import make_checkout, make_event, make_tier
from webapp.database import db
from webapp.domain import checkouts


def checkout_at(url: str):
    db.session.expire_all()
    return checkouts.get_checkout(reference=url.rsplit("/", 1)[1])


def quantities(url: str) -> list[int]:
    return [item.quantity for item in checkout_at(url).items]


def offered(page: str, tier) -> str | None:
    found = re.search(rf'name="take-{tier.id}" value="(\d+)"', page)
    return found[1] if found else None


def press(browser, url: str, tier, page: str, *, swap: bool = False):
    """Press the button as a browser does: the field goes along as it stands."""
    left = offered(page, tier)
    assert left is not None
    fields = {f"quantity-{tier.id}": "9", f"take-{tier.id}": left}
    return browser.send(f"{url}/items", swap=swap, **fields)


def test_more_than_are_left_offers_those_that_are(browser):
    event = make_event()
    tier = make_tier(event, capacity=3)
    url = browser.hold(event, (tier, 1))
    refused = browser.send(f"{url}/items", swap=True, **{f"quantity-{tier.id}": 9})

    answer = press(browser, url, tier, refused.text, swap=True)

    assert "Take 3" in text_of(refused.text)
    assert answer.status_code == 303
    assert quantities(url) == [3]


def test_what_is_held_already_is_not_offered_again(browser):
    event = make_event()
    tier = make_tier(event, capacity=2)
    url = browser.hold(event, (tier, 2))

    refused = browser.send(f"{url}/items", swap=True, **{f"quantity-{tier.id}": 3})

    assert refused.status_code == 409
    assert offered(refused.text, tier) is None


def test_lapsed_hold_goes_on_with_what_is_left(browser, clock):
    event = make_event()
    tier = make_tier(event, capacity=2)
    url = browser.hold(event, (tier, 2))
    clock.advance(minutes=16)
    make_checkout((tier, 1), now=clock())
    refused = browser.send(f"{url}/renewal")

    answer = press(browser, url, tier, refused.text)

    assert (answer.status_code, answer.location) == (303, url)
    assert quantities(url) == [1]
    assert checkout_at(url).is_open(now=clock())


def test_lapsed_order_goes_on_with_what_is_left_in_a_checkout_of_its_own(browser, clock, gateway):
    event = make_event()
    tier = make_tier(event, capacity=2)
    url = browser.hold(event, (tier, 2))
    browser.send(f"{url}/payment", email="guest@example.com")
    browser.send(f"{url}/cancellation")
    make_checkout((tier, 1), now=clock())
    refused = browser.send(f"{url}/renewal")
    assert refused.status_code == 409

    answer = press(browser, url, tier, refused.text)

    assert answer.status_code == 303
    assert answer.location != url
    assert quantities(answer.location) == [1]
    assert checkout_at(answer.location).contact_email == "guest@example.com"
    assert press(browser, url, tier, refused.text).location == answer.location


def test_swap_leaves_for_the_checkout_that_took_the_place(browser, clock, gateway):
    event = make_event()
    tier = make_tier(event, capacity=2)
    url = browser.hold(event, (tier, 2))
    browser.send(f"{url}/payment", email="guest@example.com")
    clock.advance(hours=3)

    answer = browser.send(f"{url}/items", swap=True, **{f"quantity-{tier.id}": "1"})

    assert answer.headers["HX-Redirect"] != url
    assert quantities(answer.headers["HX-Redirect"]) == [1]


def test_line_of_which_nothing_is_left_can_be_gone_on_without(browser, clock):
    event = make_event()
    gone, there = make_tier(event, capacity=1), make_tier(event)
    url = browser.hold(event, (gone, 1), (there, 1))
    clock.advance(minutes=16)
    make_checkout((gone, 1), now=clock())
    refused = browser.send(f"{url}/renewal")

    answer = browser.send(f"{url}/items", **{f"quantity-{there.id}": "1", f"take-{gone.id}": "0"})

    assert offered(refused.text, gone) == "0"
    assert answer.status_code == 303
    assert [item.tier_id for item in checkout_at(url).items] == [there.id]
