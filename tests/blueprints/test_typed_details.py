"""Nothing typed is lost: not by a fault, the clock, a reload, or a payment in another tab."""

import pytest

from tests.blueprints.browser import text_of
from tests.factories import make_donation, make_event, make_tier
from webapp.database import db
from webapp.domain import checkouts, tickets
from webapp.models import Checkout, Order, Ticket
from webapp.transaction import transaction

EMAIL = "guest@example.com"


@pytest.fixture
def tier(app):
    return make_tier(make_event(), name="Floor", max_per_order=4)


@pytest.fixture
def url(browser, tier):
    return browser.hold(tier.event, (tier, 3))


def checkout_at(url) -> Checkout:
    db.session.expire_all()
    return checkouts.get_checkout(reference=url.rsplit("/", 1)[1])


def names(tier, *typed, **boxes) -> dict[str, str]:
    fields = {f"attendee-{tier.id}-{number}": name for number, name in enumerate(typed, start=1)}
    return {"attendees": "1", **fields, **boxes}


def issued_names(clock) -> list[str]:
    db.session.expire_all()
    with transaction():
        tickets.issue_tickets(
            order_id=db.session.query(Order).one().id, now=clock(), trace_id="0" * 32
        )
    return [ticket.attendee_name for ticket in db.session.query(Ticket).order_by(Ticket.id)]


def pay(browser, url, gateway, clock, **fields):
    response = browser.send(f"{url}/payment", **({"email": EMAIL} | fields))
    assert response.status_code == 303, text_of(response.text)
    clock.advance(seconds=30)
    gateway.pay("cs_test_1")
    browser.open(f"{url}/return")


def test_half_a_word_is_kept_and_nothing_is_said(browser, url):
    answer = browser.send(f"{url}/draft", swap=True, email="guest@exa", phone="+1 30", name="Ad")

    page = browser.open(url).text
    assert (answer.status_code, answer.text) == (204, "")
    assert 'value="guest@exa"' in page
    assert 'value="+1 30"' in page
    assert 'value="Ad"' in page
    assert "Check your details" not in text_of(page)
    assert checkout_at(url).contact_email == ""


def test_what_is_right_becomes_the_contact_beside_what_is_not(browser, url):
    browser.send(f"{url}/draft", email=EMAIL, phone="12", name="Ada")

    checkout = checkout_at(url)
    assert (checkout.contact_email, checkout.contact_name) == (EMAIL, "Ada")
    assert (checkout.contact_phone, checkout.draft_phone) == ("", "12")
    assert (checkout.draft_email, checkout.draft_name) == (None, None)


def test_phone_is_shown_in_international_form(browser, url):
    browser.send(f"{url}/contact", email=EMAIL, phone="(303) 555-0100")

    assert 'value="+1 303-555-0100"' in browser.open(url).text
    assert checkout_at(url).contact_phone == "+13035550100"


def test_number_without_its_country_code_is_read_back(browser, url):
    def hint(phone):
        answer = browser.send(f"{url}/contact", swap=True, email=EMAIL, phone=phone)
        return text_of(answer.text)

    assert "We read it as +1 303-555-0100." in hint("(303) 555-0100")
    for clear in ("", "+1 303 555 0100", "001 303 555 0100", "12"):
        assert "We read it as" not in hint(clear)
        assert "With country code, such as +1 303 555 0100." in hint(clear)


def test_letters_typed_in_another_tab_leave_an_open_payment_page_open(browser, url, gateway):
    browser.send(f"{url}/payment", email=EMAIL)

    browser.send(f"{url}/draft", swap=True, email="other@example.com", name="Bo")
    browser.send(f"{url}/contact", swap=True, email="other@example.com", name="Bo")

    assert gateway.sessions["cs_test_1"].status == "open"
    assert checkout_at(url).contact_email == EMAIL
    assert 'value="other@example.com"' in browser.open(url).text


def test_contact_typed_during_a_payment_counts_at_the_next_one(browser, url, gateway):
    browser.send(f"{url}/payment", email=EMAIL)
    browser.send(f"{url}/draft", email="other@example.com")

    page = browser.open(url).text
    browser.send(f"{url}/payment", email="other@example.com")

    assert 'value="other@example.com"' in page
    assert gateway.requests["cs_test_2"].customer_email == "other@example.com"
    assert checkout_at(url).draft_email is None


def test_half_a_word_survives_the_clock_and_the_new_checkout(browser, url, clock):
    browser.send(f"{url}/draft", email="guest@exa", name="Ada")
    clock.advance(minutes=80)

    renewed = browser.send(f"{url}/renewal", email="guest@exam", name="Ada", phone="5")

    assert renewed.location != url
    page = browser.open(renewed.location).text
    assert 'value="guest@exam"' in page
    assert 'value="Ada"' in page
    assert 'value="5"' in page


def test_cancelled_checkout_still_keeps_what_is_typed(browser, url):
    browser.send(f"{url}/cancellation")

    browser.open(url)
    renewed = browser.send(f"{url}/renewal", email="later@example.com")

    assert renewed.status_code == 303
    assert checkout_at(renewed.location).contact_email == "later@example.com"


def test_tab_left_open_after_the_payment_leads_to_the_order(browser, url, gateway, clock):
    left_open = browser.page
    pay(browser, url, gateway, clock)
    browser.page = left_open

    draft = browser.send(f"{url}/draft", swap=True, email="other@example.com")

    assert (draft.status_code, draft.location) == (303, url)
    assert browser.open(url, swap=True).headers["HX-Redirect"] == f"{url}/return"
    assert checkout_at(url).contact_email == EMAIL


@pytest.mark.parametrize("part", ["payment", "items", "contact", "draft", "renewal", "extension"])
def test_reload_of_an_answer_leads_back_to_the_checkout(browser, url, part):
    response = browser.open(f"{url}/{part}")

    assert (response.status_code, response.location) == (303, url)


def test_unknown_part_of_a_checkout_is_not_found(browser, url):
    assert browser.open(f"{url}/nothing").status_code == 404


def test_each_ticket_carries_its_name(browser, tier, url, gateway, clock):
    pay(browser, url, gateway, clock, name="Ada", **names(tier, "Ann  One", "Bob Two", ""))

    assert issued_names(clock) == ["Ann One", "Bob Two", ""]


def test_nobody_named_means_the_buyers_name(browser, tier, url, gateway, clock):
    pay(browser, url, gateway, clock, name="Ada Example", **names(tier, "", "", ""))

    assert issued_names(clock) == ["Ada Example"] * 3


def test_same_for_all_puts_the_first_name_on_every_ticket(browser, tier, url, gateway, clock):
    fields = names(tier, "Ann", "Bob", "", attendees_share_name="1")
    pay(browser, url, gateway, clock, name="Ada", **fields)

    assert issued_names(clock) == ["Ann"] * 3


def test_i_am_one_of_them_puts_the_buyer_on_the_first_ticket(browser, tier, url, gateway, clock):
    fields = names(tier, "Ann", "Bob", "", buyer_attends="1")
    pay(browser, url, gateway, clock, name="Ada", **fields)

    assert issued_names(clock) == ["Ada", "Bob", ""]


def test_both_boxes_put_the_buyer_on_every_ticket(browser, tier, url, gateway, clock):
    fields = names(tier, "Ann", "Bob", "", buyer_attends="1", attendees_share_name="1")
    pay(browser, url, gateway, clock, name="Ada", **fields)

    assert issued_names(clock) == ["Ada"] * 3


def test_names_never_reach_the_gateway(browser, tier, url, gateway):
    browser.send(f"{url}/payment", email=EMAIL, **names(tier, "Xaverine Unseen"))

    assert "Xaverine" not in repr(gateway.requests["cs_test_1"])


def test_unticked_box_brings_the_typed_names_back(browser, tier, url):
    browser.send(f"{url}/draft", **names(tier, "Ann", "Bob", "Cy", attendees_share_name="1"))
    browser.send(f"{url}/draft", **names(tier, "Ann", "Bob", "Cy"))

    page = browser.open(url).text

    assert 'value="Bob"' in page
    assert not checkout_at(url).attendees_share_name


def test_form_without_the_fields_leaves_the_names_alone(browser, tier, url):
    browser.send(f"{url}/draft", **names(tier, "Ann", buyer_attends="1"))

    browser.send(f"{url}/contact", email=EMAIL)

    assert 'value="Ann"' in browser.open(url).text
    assert checkout_at(url).buyer_attends


def test_names_survive_fewer_tickets_and_more_again(browser, tier, url):
    browser.send(f"{url}/draft", **names(tier, "Ann", "Bob", "Cy"))

    browser.send(f"{url}/items", **{f"quantity-{tier.id}": 1})
    fewer = browser.open(url).text
    browser.send(f"{url}/items", **{f"quantity-{tier.id}": 3})
    more = browser.open(url).text

    assert 'value="Cy"' not in fewer
    assert 'value="Cy"' in more


def test_names_are_taken_over_by_the_checkout_that_follows(browser, tier, url, clock):
    browser.send(f"{url}/draft", **names(tier, "Ann", "Bob", "Cy", buyer_attends="1"))
    clock.advance(minutes=80)

    renewed = browser.send(f"{url}/renewal")

    assert renewed.location != url
    assert 'value="Bob"' in browser.open(renewed.location).text
    assert checkout_at(renewed.location).buyer_attends


def test_name_that_cannot_be_printed_is_said_at_its_field_and_kept(browser, tier, url):
    long = "x" * 121

    swap = browser.send(f"{url}/contact", swap=True, email=EMAIL, **names(tier, "Ann", long))
    page = browser.send(f"{url}/payment", email=EMAIL, **names(tier, "Ann", long))

    field = f"attendee-{tier.id}-2"
    assert (swap.status_code, page.status_code) == (422, 422)
    assert f'href="#{field}"' in swap.text
    assert f'id="{field}-fault">Enter a name of at most 120 characters.' in page.text
    assert f'value="{long}"' in page.text


def test_name_that_a_box_stands_for_is_not_checked(browser, tier, url):
    fields = names(tier, "Ann", "x" * 121, attendees_share_name="1")

    assert browser.send(f"{url}/contact", swap=True, email=EMAIL, **fields).status_code == 200


def test_names_for_what_is_not_in_the_basket_are_left_out(browser, tier, url):
    other = make_tier(make_event())
    fields = {
        "attendees": "1",
        f"attendee-{tier.id}-0": "Zero",
        f"attendee-{tier.id}-5": "Five",
        f"attendee-{other.id}-1": "Other",
        "attendee-999999999999-1": "Nobody",
    }

    assert browser.send(f"{url}/draft", **fields).status_code == 204
    page = browser.open(url).text
    assert not {"Zero", "Five", "Other", "Nobody"} & set(text_of(page).split())


def test_only_what_admits_a_person_asks_for_a_name(browser, app):
    event = make_event()
    parking = make_tier(event, name="Parking", kind="add_on")
    url = browser.hold(event, (parking, 2), (make_donation(event), "5"))

    assert 'id="attendee-' not in browser.page
    assert checkout_at(url).total_cents > 0
