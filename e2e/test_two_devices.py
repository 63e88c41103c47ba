"""One buyer with two tabs or two devices never pays twice, nor for what was not seen."""

import re

import pytest
from playwright.sync_api import expect

from e2e.programme import TierSpec
from tests.waiting import wait_until


@pytest.fixture
def show(programme):
    return programme.put_on(TierSpec(places=4))


def wake(buyer) -> None:
    """The tab is looked at again."""
    buyer.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def open_elsewhere(buyer, other) -> None:
    """Scan the code that ``buyer`` shows with the ``other`` device."""
    buyer.page.get_by_text("Continue on another device").click()
    if not buyer.has_scripts:
        buyer.page.get_by_role("link", name="Show the code and the link").click()
    expect(buyer.page.get_by_role("img", name="QR code that opens this checkout")).to_be_visible()
    other.page.goto(buyer.page.locator(".handover-link a").get_attribute("href"))
    other.expect_heading("Checkout")


def test_checkout_goes_on_on_another_device(any_buyer, new_buyer, programme, show):
    any_buyer.hold(show.slug, quantity=2)
    any_buyer.type_email("ada@example.com")
    any_buyer.page.get_by_label("Email").blur()
    any_buyer.page.wait_for_load_state("networkidle")
    phone = new_buyer()

    open_elsewhere(any_buyer, phone)

    if any_buyer.has_scripts:
        expect(phone.page.get_by_label("Email")).to_have_value("ada@example.com")
    phone.go_to_pay().pay()
    phone.expect_tickets(2)
    assert (programme.count_orders(show), programme.count_taken(show)) == (1, 2)


def test_tab_left_open_shows_the_tickets_that_were_paid_elsewhere(buyer, new_buyer, show):
    buyer.hold(show.slug)
    phone = new_buyer()
    open_elsewhere(buyer, phone)
    phone.go_to_pay().pay()
    phone.expect_tickets(1)

    wake(buyer)

    buyer.expect_tickets(1)


def test_mailed_link_opens_the_checkout(buyer, new_buyer, box_office, show):
    buyer.hold(show.slug)
    buyer.page.get_by_text("Continue on another device").click()
    buyer.button("Mail me the link").click()
    expect(buyer.page.get_by_text("Type your email into the checkout first")).to_be_visible()
    with buyer.page.expect_response("**/contact"):
        buyer.type_email("ada@example.com")
        buyer.page.get_by_label("Email").blur()

    buyer.button("Mail me the link").click()

    expect(buyer.page.get_by_role("status").filter(has_text="on its way")).to_be_visible()

    def mails():
        sent = box_office.sandbox("GET", "mail")
        return [mail for mail in sent if show.title in mail["subject"]]

    wait_until(lambda: len(mails()) == 1, what="the mail with the link")
    link = re.search(r"http://\S+/continue/\S+", mails()[0]["text"])[0]
    phone = new_buyer()
    phone.page.goto(link)
    phone.expect_heading("Checkout")
    expect(phone.page.get_by_label("Email")).to_have_value("ada@example.com")


def test_two_devices_at_the_payment_page_pay_once(buyer, new_buyer, programme, show):
    buyer.hold(show.slug)
    phone = new_buyer()
    open_elsewhere(buyer, phone)

    first, second = buyer.go_to_pay(), phone.go_to_pay()
    assert first.url == second.url
    first.pay()
    buyer.expect_tickets(1)
    phone.page.reload()

    phone.go(f"/checkout/{programme.reference(show)}")
    phone.expect_tickets(1)
    assert (programme.count_orders(show), programme.count_taken(show)) == (1, 1)


def test_basket_changed_elsewhere_is_shown_before_it_is_paid(any_buyer, programme, show):
    any_buyer.hold(show.slug)
    other = any_buyer.new_tab()
    other.go(f"/checkout/{any_buyer.reference}")
    other.quantity("Entry").fill("2")
    other.quantity("Entry").press("Enter")
    expect(other.page.locator("#summary")).to_contain_text("$66.15")
    any_buyer.type_email()

    any_buyer.pay_button.click()

    alert = any_buyer.page.get_by_role("alert").filter(has_text="changed in another tab")
    expect(alert).to_be_visible()
    expect(any_buyer.page.locator("#summary")).to_contain_text("$66.15")
    expect(any_buyer.page.get_by_label("Email")).to_have_value("ada@example.com")
    any_buyer.pay_button.click()
    any_buyer.payment_page.wait().pay()
    any_buyer.expect_tickets(2)


def test_basket_changed_during_the_payment_takes_no_money_for_the_old_one(buyer, programme, show):
    reference = buyer.hold(show.slug, quantity=2)
    buyer.go_to_pay()
    other = buyer.new_tab()
    other.go(f"/checkout/{reference}")
    other.quantity("Entry").fill("1")
    other.quantity("Entry").press("Enter")
    expect(other.page.locator("#summary")).to_contain_text("$34.17")

    buyer.page.reload()
    expect(buyer.page.get_by_label("Card number")).to_have_count(0)

    buyer.go(f"/checkout/{reference}/cancelled")
    buyer.button("Continue to payment").click()
    buyer.payment_page.wait().pay()
    buyer.expect_tickets(1)
    assert (programme.count_orders(show), programme.count_taken(show)) == (1, 1)


def test_tab_that_slept_says_at_once_that_time_is_up(buyer, programme, show):
    reference = buyer.hold(show.slug)
    buyer.type_email("ada@example.com")
    programme.pass_time(reference, minutes=16)

    wake(buyer)

    expect(buyer.page.get_by_role("heading", name="Your time ran out")).to_be_visible()
    expect(buyer.page.get_by_label("Email")).to_have_value("ada@example.com")


def test_countdown_is_the_servers_whatever_the_device_believes(buyer, show):
    buyer.page.clock.install(time="2001-09-09T01:46:40Z")

    buyer.hold(show.slug)

    expect(buyer.page.get_by_role("timer")).to_have_text(re.compile(r"^1[45]:\d\d$"))
