"""Back from an add-on's checkout to the order: the buyer's own hold is no stranger's."""

from tests.blueprints.browser import Browser, let_in
from tests.factories import make_checkout, make_tier
from tests.issued import make_order
from webapp.models import TierKind


def parking_for(order, **fields):
    return make_tier(order.event, **({"name": "Parking", "kind": TierKind.ADD_ON} | fields))


def add(browser: Browser, order, *choices):
    fields = {f"quantity-{tier.id}": quantity for tier, quantity in choices}
    return browser.send(f"/orders/{order.number}/add-ons", **fields)


def test_own_hold_of_the_last_place_is_still_offered_and_leads_on(browser, clock):
    order = make_order(clock)
    parking = parking_for(order, capacity=1)
    location = let_in(browser, order)
    begun = add(browser, order, (parking, 1)).location

    page = browser.open(location).text

    assert f'id="quantity-{parking.id}"' in page
    assert f'<a href="{begun}">Continue your checkout</a>' in page
    assert add(browser, order, (parking, 1)).location == begun


def test_another_browser_sees_nothing_of_that_hold(app, browser, clock):
    order = make_order(clock)
    parking = parking_for(order, capacity=1)
    let_in(browser, order)
    add(browser, order, (parking, 1))
    other = Browser(app)

    let_in(other, order)

    assert "Parking" not in other.words()
    assert "Continue your checkout" not in other.words()


def test_add_on_that_sold_out_meanwhile_is_named_although_its_row_is_gone(browser, clock):
    order = make_order(clock)
    parking, shirt = parking_for(order, capacity=1), parking_for(order, name="Shirt")
    let_in(browser, order)
    make_checkout((parking, 1))

    answer = add(browser, order, (parking, 1), (shirt, 1))

    assert answer.status_code == 409
    assert "Parking : sold out" in browser.words()
    assert f'id="quantity-{shirt.id}"' in answer.text


def test_only_add_on_that_sold_out_meanwhile_is_named(browser, clock):
    order = make_order(clock)
    parking = parking_for(order, capacity=1)
    let_in(browser, order)
    make_checkout((parking, 1))

    answer = add(browser, order, (parking, 1))

    assert answer.status_code == 409
    assert "Parking : sold out" in browser.words()
