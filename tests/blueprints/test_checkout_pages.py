import pytest

from tests.blueprints.browser import Browser, text_of
from tests.factories import make_checkout, make_donation, make_event, make_tier
from webapp.database import db
from webapp.domain import access, checkouts
from webapp.extensions import signer
from webapp.models import Checkout


def checkout_at(url) -> Checkout:
    db.session.expire_all()
    return checkouts.get_checkout(reference=url.rsplit("/", 1)[1])


def count_checkouts() -> int:
    return db.session.query(Checkout).count()


def test_choice_is_held_and_leads_to_its_checkout(browser):
    event = make_event()
    tier = make_tier(event, name="Floor", price_cents=3000)

    browser.hold(event, (tier, 3))

    assert "Floor" in browser.words()
    assert "Total $98.13" in browser.words()
    assert "Pay 98.13 USD" in browser.words().replace("\xa0", " ")
    assert "Held until" in browser.words()


def test_double_click_makes_one_checkout(browser):
    event = make_event()
    tier = make_tier(event)
    browser.open(f"/e/{event.slug}")

    first = browser.choose(event, (tier, 2))
    with browser.client.session_transaction() as session:
        session.pop("checkouts")  # the second click left before the first answer came
    second = browser.choose(event, (tier, 2))

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert count_checkouts() == 1


def test_choosing_again_changes_the_own_checkout_instead_of_competing_with_it(browser):
    event = make_event()
    tier = make_tier(event, capacity=3)
    first = browser.hold(event, (tier, 2))

    browser.open(f"/e/{event.slug}")
    assert "Continue your checkout" in browser.words()
    second = browser.choose(event, (tier, 3))

    assert second.location == first
    assert [item.quantity for item in checkout_at(first).items] == [3]


def test_back_button_with_the_first_choice_restores_it(browser):
    event = make_event()
    tier = make_tier(event)
    browser.open(f"/e/{event.slug}")
    picker = browser.page
    url = browser.choose(event, (tier, 2)).location
    browser.page = picker
    browser.choose(event, (tier, 4))
    browser.page = picker

    again = browser.choose(event, (tier, 2))

    assert again.location == url
    assert [item.quantity for item in checkout_at(url).items] == [2]


def test_choice_during_an_open_payment_closes_the_payment_page_first(browser, gateway):
    event = make_event()
    tier = make_tier(event)
    url = browser.hold(event, (tier, 1))
    browser.send(f"{url}/payment", email="guest@example.com")

    browser.open(f"/e/{event.slug}")
    again = browser.choose(event, (tier, 2))

    assert again.location == url
    assert gateway.sessions["cs_test_1"].status == "expired"


def test_shortage_keeps_the_choice_and_offers_what_is_left(browser):
    event = make_event()
    scarce = make_tier(event, name="Box", capacity=2)
    plenty = make_tier(event, name="Floor")
    browser.open(f"/e/{event.slug}")

    response = browser.choose(event, (scarce, 4), (plenty, 3))

    assert response.status_code == 409
    assert "Only 2 are left. The number is set to them." in browser.words()
    assert 'max="2" value="2"' in browser.page
    assert 'max="10" value="3"' in browser.page
    assert count_checkouts() == 0


@pytest.mark.parametrize("typed", ["", "0", "-1", "1.5", "two", "２", "9999999"])  # noqa: RUF001
def test_choice_that_is_no_number_of_tickets_is_said_in_place(browser, typed):
    event = make_event()
    tier = make_tier(event)
    browser.open(f"/e/{event.slug}")

    response = browser.choose(event, (tier, typed))

    assert response.status_code == 422
    assert "Check your choice" in browser.words()


def test_donation_is_the_buyers_own_amount(browser):
    event = make_event()
    donation = make_donation(event)

    url = browser.hold(event, (donation, "12,50"))

    assert checkout_at(url).total_cents == 1250


def test_reload_of_a_refused_choice_leads_back_to_the_event(browser):
    event = make_event()

    response = browser.open(f"/e/{event.slug}/checkouts")

    assert (response.status_code, response.location) == (303, f"/e/{event.slug}")


def test_another_browser_sees_no_more_than_for_an_unknown_checkout(app, browser):
    event = make_event()
    url = browser.hold(event, (make_tier(event), 1))
    stranger = Browser(app)
    unknown = "/checkout/0123456789abcdef0123"

    answers = [stranger.open(unknown)]
    answers.append(stranger.open(url))
    for part in ("items", "contact", "extension", "renewal", "payment", "cancellation"):
        stranger.open(f"/e/{event.slug}")
        answers.append(stranger.send(f"{url}/{part}"))

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_checkout_page_is_stored_nowhere(browser):
    event = make_event()
    url = browser.hold(event, (make_tier(event), 1))

    assert browser.open(url).headers["Cache-Control"] == "no-store"


def test_changed_numbers_come_back_with_the_new_price(browser):
    event = make_event()
    tier = make_tier(event, price_cents=3000)
    url = browser.hold(event, (tier, 1))

    moved = browser.send(f"{url}/items", swap=True, **{f"quantity-{tier.id}": 3})
    fragment = browser.open(moved.location, swap=True)

    assert moved.status_code == 303
    assert "<html" not in fragment.text
    assert "Total $98.13" in text_of(fragment.text)
    assert 'id="pay" class="pay" hx-swap-oob="true"' in fragment.text


def test_prices_of_lines_say_that_fees_come_on_top_of_them(browser):
    event = make_event()
    url = browser.hold(event, (make_tier(event, price_cents=3000), 2))

    browser.open(url)

    words = browser.words()
    assert "$30.00 each, before fees" in words
    assert words.index("Total $") < words.index("Subtotal before fees $60.00")


def test_free_tickets_say_nothing_of_fees(browser):
    event = make_event()

    browser.open(browser.hold(event, (make_tier(event, price_cents=0), 2)))

    assert "before fees" not in browser.words()


def test_page_and_fragment_share_one_summary(browser):
    event = make_event()
    url = browser.hold(event, (make_tier(event), 1))

    fragment = browser.open(url, swap=True).text
    summary = fragment[: fragment.index('</section>\n<div id="pay"')]

    assert text_of(summary) in text_of(browser.open(url).text)


def test_too_many_more_keeps_the_old_basket(browser):
    event = make_event()
    tier = make_tier(event, capacity=2)
    url = browser.hold(event, (tier, 1))

    response = browser.send(f"{url}/items", swap=True, **{f"quantity-{tier.id}": 3})

    assert response.status_code == 409
    assert "only 2 left" in text_of(response.text)
    assert "What you held before is still held." in text_of(response.text)
    assert [item.quantity for item in checkout_at(url).items] == [1]


def test_empty_basket_is_refused_in_place(browser):
    event = make_event()
    tier = make_tier(event)
    url = browser.hold(event, (tier, 1))

    response = browser.send(f"{url}/items", **{f"quantity-{tier.id}": 0})

    assert response.status_code == 422
    assert "Choose at least one ticket." in browser.words()


def test_contact_is_kept_while_it_is_typed(browser):
    event = make_event()
    url = browser.hold(event, (make_tier(event), 1))

    swap = browser.send(f"{url}/contact", swap=True, email="guest@example.com", name="Ada")
    page = browser.send(f"{url}/contact", email="guest@example.com", name="Ada L")

    # Nothing is wrong; only the hint of the phone field comes along.
    hint = "Only if something changes at short notice. With country code, such as +1 303 555 0100."
    assert (swap.status_code, text_of(swap.text)) == (200, hint)
    assert (page.status_code, page.location) == (303, url)
    assert checkout_at(url).contact_name == "Ada L"


def test_faulty_contact_is_said_and_nothing_typed_is_lost(browser):
    event = make_event()
    url = browser.hold(event, (make_tier(event), 1))

    swap = browser.send(f"{url}/contact", swap=True, email="guest@", name="Ada")
    page = browser.send(f"{url}/payment", email="guest@", name="Ada", phone="12")

    assert (swap.status_code, page.status_code) == (422, 422)
    assert "Enter an email address in the form name@example.com." in text_of(swap.text)
    assert 'value="guest@"' in page.text
    assert 'value="Ada"' in page.text
    assert "Enter a phone number with its country code" in browser.words()
    assert 'href="#phone"' in page.text


def test_sealed_link_takes_a_checkout_up_in_another_browser(browser):
    event = make_event()
    checkout = make_checkout((make_tier(event), 1))
    sealed = access.seal_checkout_link(signer(), checkout.reference)

    opened = browser.open(f"/c/{sealed}")
    page = browser.open(opened.location)
    altered = browser.open(f"/c/{sealed}x")

    assert (opened.status_code, page.status_code, altered.status_code) == (303, 200, 404)
