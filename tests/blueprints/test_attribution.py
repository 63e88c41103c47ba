"""Where a buyer came from is known of the order, whatever way led to it."""

from tests.blueprints.browser import let_in
from tests.factories import make_event, make_tier
from tests.issued import make_order
from webapp.database import db
from webapp.models import Checkout, TierKind


def newest_checkout() -> Checkout:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(db.select(Checkout).order_by(Checkout.id.desc())).first()


def tags_of(checkout: Checkout) -> tuple[str, str]:
    return checkout.source, checkout.campaign


def test_list_passes_the_campaign_on_to_its_events(browser):
    event = make_event()

    page = browser.open("/?utm_source=letter&utm_campaign=spring").text

    assert f'href="/e/{event.slug}?source=letter&amp;campaign=spring"' in page


def test_search_keeps_the_campaign(browser):
    event = make_event(title="Salsa night")

    page = browser.open("/?source=letter&campaign=spring").text
    found = browser.open("/?q=salsa&source=letter&campaign=spring", swap=True)

    assert '<input type="hidden" name="source" value="letter">' in page
    assert found.headers["HX-Push-Url"] == "/?q=salsa&source=letter&campaign=spring"
    assert f'href="/e/{event.slug}?source=letter&amp;campaign=spring"' in found.text


def test_word_that_looks_like_no_campaign_is_passed_on_nowhere(browser):
    event = make_event()

    page = browser.open("/?source=<b>&campaign=spring").text

    assert f'href="/e/{event.slug}?campaign=spring"' in page


def test_checkout_that_takes_the_place_of_another_came_from_where_that_did(browser, clock):
    event = make_event()
    tier = make_tier(event)
    browser.open(f"/e/{event.slug}?source=letter&campaign=spring")
    url = browser.send(
        f"/e/{event.slug}/checkouts",
        source="letter",
        campaign="spring",
        **{f"quantity-{tier.id}": 1},
    ).location
    browser.open(url)
    browser.send(f"{url}/cancellation")

    again = browser.send(f"{url}/renewal").location

    assert again != url
    assert tags_of(newest_checkout()) == ("letter", "spring")


def test_add_on_belongs_to_the_campaign_of_its_order(browser, clock):
    order = make_order(clock)
    order.checkout.campaign = "spring"
    parking = make_tier(order.event, name="Parking", kind=TierKind.ADD_ON)
    db.session.commit()
    location = let_in(browser, order)

    browser.send(f"{location}/add-ons", **{f"quantity-{parking.id}": "1"})

    assert tags_of(newest_checkout()) == ("add_on", "spring")
