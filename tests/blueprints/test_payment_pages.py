from datetime import timedelta

import pytest

from blueprints.checkout_payment import Looks
from tests.blueprints.browser import text_of
from tests.factories import NOW, make_event, make_tier
from webapp.database import db
from webapp.domain import orders, tickets
from webapp.models import Order
from webapp.transaction import transaction

EMAIL = "guest@example.com"


@pytest.fixture
def url(browser):
    """A checkout with one ticket of 30.00, held by ``browser``."""
    event = make_event()
    return browser.hold(event, (make_tier(event, price_cents=3000), 1))


def only_order() -> Order:
    db.session.expire_all()
    return db.session.query(Order).one()


def issue(clock):
    with transaction():
        tickets.issue_tickets(order_id=only_order().id, now=clock(), trace_id="0" * 32)
    db.session.expire_all()


def test_payment_sends_the_browser_to_the_gateway(browser, url, gateway):
    response = browser.send(f"{url}/payment", email=EMAIL)

    assert (response.status_code, response.location) == (303, "https://gateway.test/cs_test_1")
    request = gateway.requests["cs_test_1"]
    assert request.success_url == f"http://localhost:8000{url}/return"
    assert request.cancel_url == f"http://localhost:8000{url}/cancelled"
    assert request.held_until_text.startswith("Your tickets are held until ")


def test_paying_twice_leads_to_the_same_page(browser, url, gateway):
    first = browser.send(f"{url}/payment", email=EMAIL)
    second = browser.send(f"{url}/payment", email=EMAIL)

    assert first.location == second.location
    assert len(gateway.sessions) == 1


def test_another_address_never_pays_on_the_page_of_the_first(browser, url, gateway):
    browser.send(f"{url}/payment", email=EMAIL)

    browser.send(f"{url}/payment", email="other@example.com")

    assert gateway.sessions["cs_test_1"].status == "expired"
    assert gateway.requests["cs_test_2"].customer_email == "other@example.com"
    assert only_order().contact_email == "other@example.com"


def test_payment_without_an_address_asks_for_it(browser, url):
    response = browser.send(f"{url}/payment", email="", name="Ada")

    assert response.status_code == 422
    assert "Enter the email we should send your tickets to." in browser.words()
    assert 'value="Ada"' in response.text


def test_total_below_what_can_be_charged_says_so_and_what_to_do(browser, gateway):
    event = make_event(fee_basis_points=0, fee_fixed_cents=0)
    url = browser.hold(event, (make_tier(event, price_cents=20), 1))

    response = browser.send(f"{url}/payment", email=EMAIL)

    assert response.status_code == 409
    assert "We cannot take a payment below $0.50. Add a ticket" in browser.words()
    assert gateway.calls == []


def test_silent_gateway_keeps_the_hold_and_says_so(browser, url, gateway):
    gateway.is_down = True

    response = browser.send(f"{url}/payment", email=EMAIL)

    assert response.status_code == 503
    assert "Your tickets are still held: try again." in browser.words()
    assert "Held until" in browser.words()


def test_payment_after_the_hold_shows_that_time_is_up(browser, url, clock):
    clock.advance(minutes=16)

    response = browser.send(f"{url}/payment", email=EMAIL)

    assert (response.status_code, response.location) == (303, url)


def test_free_tickets_need_no_gateway(browser, gateway, clock):
    event = make_event()
    url = browser.hold(event, (make_tier(event, price_cents=0), 1))
    assert "Get tickets" in browser.words()

    response = browser.send(f"{url}/payment", email=EMAIL)
    issue(clock)
    done = browser.open(response.location)

    assert response.location == f"{url}/return"
    assert done.location == f"/orders/{only_order().number}"
    assert gateway.calls == []


def test_return_asks_the_gateway_and_waits_for_the_tickets(browser, url, gateway, clock):
    browser.send(f"{url}/payment", email=EMAIL)
    clock.advance(seconds=30)
    gateway.pay("cs_test_1")

    waiting = browser.open(f"{url}/return")
    poll = browser.open(f"{url}/return?round=1", swap=True)
    issue(clock)
    done = browser.open(f"{url}/return?round=2", swap=True)

    assert "Payment received" in text_of(waiting.text)
    assert '<noscript><meta http-equiv="refresh"' in waiting.text
    assert 'hx-trigger="load delay:1s, again"' in poll.text
    assert done.headers["HX-Redirect"] == f"/orders/{only_order().number}"


def test_waiting_page_asks_the_gateway_every_two_seconds_at_most(browser, url, gateway, clock):
    browser.send(f"{url}/payment", email=EMAIL)
    clock.advance(seconds=30)

    for _ in range(3):
        browser.open(f"{url}/return")

    assert gateway.calls.count("look_up_session") == 1


def test_polling_slows_down_calms_and_ends(browser, url, clock):
    browser.send(f"{url}/payment", email=EMAIL)

    early = browser.open(f"{url}/return?round=0", swap=True)
    calm = browser.open(f"{url}/return?round=13", swap=True)
    last = browser.open(f"{url}/return?round=999", swap=True)

    assert "This takes longer than usual" not in early.text
    assert "This takes longer than usual" in calm.text
    assert "You can close this page" in calm.text
    assert all("Look again" in page.text for page in (early, calm, last))
    assert "hx-get" in calm.text
    assert "hx-get" not in last.text


def test_page_and_fragment_share_one_progress(browser, url):
    browser.send(f"{url}/payment", email=EMAIL)

    page = browser.open(f"{url}/return")
    fragment = browser.open(f"{url}/return", swap=True)

    assert "<html" not in fragment.text
    assert fragment.text.strip() in page.text


def test_silent_gateway_leaves_the_waiting_page_waiting(browser, url, gateway, clock):
    browser.send(f"{url}/payment", email=EMAIL)
    clock.advance(seconds=30)
    gateway.is_down = True

    response = browser.open(f"{url}/return")

    assert response.status_code == 200
    assert "Waiting for your payment to be confirmed" in browser.words()


def test_gateway_that_will_not_tell_leaves_the_waiting_page_waiting(browser, url, gateway, clock):
    browser.send(f"{url}/payment", email=EMAIL)
    clock.advance(seconds=30)
    gateway.sessions.clear()

    response = browser.open(f"{url}/return")

    assert response.status_code == 200
    assert "Waiting for your payment to be confirmed" in browser.words()


def test_silent_gateway_is_not_asked_again_by_every_look(browser, url, gateway, clock):
    browser.send(f"{url}/payment", email=EMAIL)
    clock.advance(seconds=30)
    gateway.is_down = True

    for _ in range(3):
        browser.open(f"{url}/return")
    at_once = gateway.calls.count("look_up_session")
    clock.advance(seconds=2)
    browser.open(f"{url}/return")

    assert (at_once, gateway.calls.count("look_up_session")) == (1, 2)


def test_order_is_looked_at_by_one_request_at_a_time():
    looks = Looks()

    first = looks.may_begin("one", now=NOW)
    meanwhile = looks.may_begin("one", now=NOW + timedelta(seconds=9))
    other = looks.may_begin("another", now=NOW)
    looks.end("one", now=NOW + timedelta(seconds=9))

    assert (first, meanwhile, other) == (True, False, True)
    assert looks.may_begin("one", now=NOW + timedelta(seconds=11))


def test_return_before_any_payment_leads_to_the_checkout(browser, url):
    response = browser.open(f"{url}/return")

    assert (response.status_code, response.location) == (303, url)


def test_delayed_payment_is_told_on_the_order_page(browser, url, gateway, clock):
    browser.send(f"{url}/payment", email=EMAIL)
    clock.advance(seconds=30)
    gateway.start_delayed("cs_test_1")

    response = browser.open(f"{url}/return")

    assert response.location == f"/orders/{only_order().number}"


def test_paid_checkout_leads_to_its_order(browser, url, gateway, clock):
    browser.send(f"{url}/payment", email=EMAIL)
    clock.advance(seconds=30)
    gateway.pay("cs_test_1")
    browser.open(f"{url}/return")

    assert browser.open(url).location == f"{url}/return"
    assert browser.open(url, swap=True).headers["HX-Redirect"] == f"{url}/return"


def test_back_link_offers_three_ways_on(browser, url, gateway):
    browser.send(f"{url}/payment", email=EMAIL)

    browser.open(f"{url}/cancelled")
    again = browser.send(f"{url}/payment", email=EMAIL)

    assert "Nothing was charged." in browser.words()
    assert again.location == "https://gateway.test/cs_test_1"


def test_back_link_promises_nothing_while_the_gateway_is_silent(browser, url, gateway, clock):
    browser.send(f"{url}/payment", email=EMAIL)
    clock.advance(seconds=30)
    gateway.is_down = True

    answers = [browser.open(f"{url}/cancelled") for _ in range(2)]

    assert {answer.status_code for answer in answers} == {200}
    assert all("We have seen no payment yet." in text_of(answer.text) for answer in answers)
    assert not any("Nothing was charged." in answer.text for answer in answers)


def test_giving_back_closes_the_payment_page_first(browser, url, gateway):
    browser.send(f"{url}/payment", email=EMAIL)

    response = browser.send(f"{url}/cancellation")

    assert response.status_code == 303
    assert gateway.sessions["cs_test_1"].status == "expired"
    assert only_order().status == "cancelled"
    assert browser.open(f"{url}/cancelled").location == url


def test_money_that_was_faster_than_the_cancellation_wins(browser, url, gateway):
    browser.send(f"{url}/payment", email=EMAIL)
    gateway.pay("cs_test_1")

    response = browser.send(f"{url}/cancellation")

    assert (response.status_code, response.location) == (303, f"{url}/return")
    assert orders.get_order(number=only_order().number).status == "paid"


def test_back_link_never_says_that_nothing_was_charged_when_it_was(browser, url, gateway, clock):
    browser.send(f"{url}/payment", email=EMAIL)
    clock.advance(seconds=30)
    gateway.pay("cs_test_1")

    response = browser.open(f"{url}/cancelled")

    assert (response.status_code, response.location) == (303, url)


def test_back_link_leads_to_an_order_that_is_under_review(browser, url, gateway, clock):
    browser.send(f"{url}/payment", email=EMAIL)
    clock.advance(seconds=30)
    gateway.pay("cs_test_1", amount_cents=1)

    response = browser.open(f"{url}/cancelled")

    assert only_order().status == "needs_review"
    assert (response.status_code, response.location) == (303, f"/orders/{only_order().number}")
