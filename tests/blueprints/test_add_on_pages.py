"""Add-ons on the order's page: held, refused in place, declined."""

import re

import pytest

from tests.blueprints.browser import let_in
from tests.blueprints.wallets import kept_ids, new_phone
from tests.factories import make_tier
from tests.issued import TRACE, make_order
from webapp.database import db
from webapp.domain import add_ons, orders, tickets
from webapp.flows.payments import sync_order_payment
from webapp.models import (
    AddOnCheckout,
    Checkout,
    Order,
    OrderStatus,
    TierKind,
)
from webapp.transaction import transaction


def parking_for(order, **fields):
    return make_tier(order.event, **({"name": "Parking", "kind": TierKind.ADD_ON} | fields))


def form_key(page: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_add_on_is_held_for_the_order(browser, clock):
    order = make_order(clock)
    parking = parking_for(order)
    location = let_in(browser, order)
    assert "Anything to go with it?" in browser.words()
    assert "{{" not in browser.page
    assert "}}" not in browser.page

    answer = browser.send(
        f"{location}/add-ons", form_key=form_key(browser.page), **{f"quantity-{parking.id}": "2"}
    )
    browser.open(answer.location)

    assert answer.status_code == 303
    assert "Parking" in browser.words()
    (link,) = db.session.query(AddOnCheckout)
    assert link.order_id == order.id


def test_two_clicks_hold_one_add_on(browser, clock):
    order = make_order(clock)
    parking = parking_for(order)
    location = let_in(browser, order)
    fields = {"form_key": form_key(browser.page), f"quantity-{parking.id}": "2"}

    first = browser.send(f"{location}/add-ons", **fields)
    second = browser.send(f"{location}/add-ons", **fields)
    db.session.expire_all()

    assert first.location == second.location
    assert parking.pools[0].held == 2
    assert db.session.query(AddOnCheckout).count() == 1


def test_own_basket_of_the_event_is_left_alone(browser, clock):
    order = make_order(clock)
    parking = parking_for(order)
    floor = make_tier(order.event, name="Balcony")
    basket = browser.hold(order.event, (floor, 1))
    location = let_in(browser, order)

    answer = browser.send(f"{location}/add-ons", **{f"quantity-{parking.id}": "1"})

    assert answer.location != basket
    assert db.session.query(Checkout).filter_by(status="pending").count() >= 2


def test_forwarded_link_does_not_tell_who_bought(browser, clock):
    order = make_order(clock)
    parking = parking_for(order)
    location = let_in(browser, order)

    answer = browser.send(f"{location}/add-ons", **{f"quantity-{parking.id}": "1"})
    page = browser.open(answer.location).text

    assert "guest@example.com" not in page
    assert "Ada Example" not in page


def test_browser_that_bought_need_not_type_again(browser, clock):
    order = make_order(clock)
    parking = parking_for(order)
    browser.open("/find-tickets")
    with browser.client.session_transaction() as session:
        session["checkouts"] = [order.checkout.reference]
    browser.open(f"/orders/{order.number}")

    answer = browser.send(f"/orders/{order.number}/add-ons", **{f"quantity-{parking.id}": "1"})

    assert "guest@example.com" in browser.open(answer.location).text


@pytest.mark.parametrize("typed", ["0", "", "many", "11"])
def test_faulty_number_is_told_in_place(browser, clock, typed):
    order = make_order(clock)
    parking = parking_for(order)
    location = let_in(browser, order)

    answer = browser.send(f"{location}/add-ons", **{f"quantity-{parking.id}": typed})

    assert answer.status_code == 422
    assert "Check your choice" in browser.words()
    assert db.session.query(AddOnCheckout).count() == 0


def test_shortage_is_told_in_place(browser, clock):
    order = make_order(clock)
    parking = parking_for(order, capacity=1)
    location = let_in(browser, order)

    answer = browser.send(f"{location}/add-ons", **{f"quantity-{parking.id}": "2"})

    assert answer.status_code == 409
    assert "Only 1 is left." in browser.words()
    assert db.session.query(AddOnCheckout).count() == 0


def test_declined_offer_is_gone(browser, clock):
    order = make_order(clock)
    parking_for(order)
    location = let_in(browser, order)

    browser.send(f"{location}/add-ons/dismissal")
    browser.open(location)

    assert "Anything to go with it?" not in browser.words()
    assert add_ons.list_add_ons(order=orders.get_order(number=order.number), now=clock()) == []


def test_refunded_order_offers_nothing_but_to_clear_the_calendar(browser, clock):
    order = make_order(clock, OrderStatus.REFUNDED)
    parking_for(order)

    let_in(browser, order)

    words = browser.words()
    assert "Anything to go with it?" not in words
    assert "Mail it again" not in words
    assert "Take the dates out of your calendar" in words


def begin_add_on(browser, order, parking) -> str:
    location = let_in(browser, order)
    fields = {"form_key": form_key(browser.page), f"quantity-{parking.id}": "1"}
    return browser.send(f"{location}/add-ons", **fields).location


def test_tickets_chosen_after_an_add_on_was_begun_are_a_purchase_of_their_own(browser, clock):
    order = make_order(clock)
    parking = parking_for(order)
    balcony = make_tier(order.event, name="Balcony")
    begun = begin_add_on(browser, order, parking)

    browser.open(f"/e/{order.event.slug}")
    chosen = browser.choose(order.event, (balcony, 1)).location

    assert chosen != begun
    (link,) = db.session.query(AddOnCheckout)
    assert [item.tier_id for item in db.session.get(Checkout, link.checkout_id).items] == [
        parking.id
    ]


def test_second_thought_about_an_add_on_changes_the_one_that_was_begun(browser, clock):
    order = make_order(clock)
    parking, shirt = parking_for(order), parking_for(order, name="Shirt")
    begun = begin_add_on(browser, order, parking)

    assert begin_add_on(browser, order, shirt) == begun
    assert "Shirt" in browser.open(begun).text


def test_tickets_are_refused_in_a_checkout_that_goes_with_an_order(browser, clock):
    order = make_order(clock)
    parking = parking_for(order)
    balcony = make_tier(order.event, name="Balcony")
    begun = begin_add_on(browser, order, parking)
    browser.open(begun)

    answer = browser.send(f"{begun}/items", **{f"quantity-{balcony.id}": "1"})

    assert answer.status_code == 422
    assert "Tickets cannot be added to an order" in browser.words()
    assert "Balcony" not in browser.words()
    assert balcony.pools[0].held == 0


def test_friend_with_the_link_buys_tickets_that_the_first_buyer_never_sees(
    app, browser, clock, ports, gateway
):
    order = make_order(clock)
    parking = parking_for(order)
    balcony = make_tier(order.event, name="Balcony")
    first_buyer = new_phone(app, order)
    mine = kept_ids(first_buyer)
    begin_add_on(browser, order, parking)
    browser.open(f"/e/{order.event.slug}")
    url = browser.choose(order.event, (balcony, 1), (parking, 0)).location
    browser.open(url)
    paying = browser.send(f"{url}/payment", email="bo@example.com", name="Bo")
    gateway.pay(paying.location.rsplit("/", 1)[1])
    bought = db.session.scalars(db.select(Order).filter_by(contact_email="bo@example.com")).one()
    sync_order_payment(order_id=bought.id, ports=ports)
    with transaction():
        tickets.issue_tickets(order_id=bought.id, now=clock(), trace_id=TRACE)
    (ticket,) = orders.list_tickets(order_id=bought.id)

    assert kept_ids(first_buyer) == mine
    assert first_buyer.open(f"/wallet/tickets/{ticket.id}").status_code == 404
    assert first_buyer.open(f"/tickets/{ticket.id}/transfer").status_code == 404
