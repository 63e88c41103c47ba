"""What follows a purchase, in a browser with and without scripts."""

import re

import pytest
from icalendar import Calendar
from playwright.sync_api import expect

from e2e.buyer import Buyer
from tests.box_office import FESTIVAL
from tests.waiting import wait_until


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def any_buyer(request, new_buyer) -> Buyer:
    return new_buyer(java_script_enabled=request.param)


def look_until_mailed(buyer: Buyer) -> None:
    """With scripts the page asks by itself, without them the buyer looks again."""
    mailed = buyer.page.locator("#order-mail").get_by_text("Mailed to")
    if buyer.has_scripts:
        expect(mailed).to_be_visible()
        return

    def look() -> bool:
        again = buyer.page.get_by_role("link", name="Look again")
        if again.count():
            again.click()
        return mailed.count() > 0

    wait_until(look, what="the mail to be out")


def test_buyer_is_led_on_from_the_order(any_buyer, box_office):
    buyer = any_buyer
    buyer.hold(FESTIVAL, "Day 2 pass", 2)
    buyer.go_to_pay().pay()
    buyer.expect_tickets(2)
    first = buyer.order_number
    look_until_mailed(buyer)
    (mail,) = box_office.wait_for_mails(first)
    assert {file["filename"] for file in mail["attachments"]} == {f"{first}.pdf", f"{first}.ics"}

    with buyer.page.expect_download() as download:
        buyer.page.get_by_role("link", name="Calendar file").click()
    (entry,) = Calendar.from_ical(download.value.path().read_bytes()).events
    assert str(entry["summary"]).startswith("A Lo Cubano Boulder Fest")

    buyer.page.get_by_text("Change the name").first.click()
    buyer.page.get_by_label("Who comes with this ticket").first.fill("Grace Example")
    buyer.button("Save the name").first.click()
    expect(buyer.page.locator(".ticket").first).to_contain_text("Grace Example")

    buyer.choose("Festival shirt", 2)
    buyer.go_on()
    expect(buyer.page.get_by_label("Email")).to_have_value("ada@example.com")
    buyer.pay_button.click()
    buyer.payment_page.wait().pay()
    buyer.expect_heading("Thank you, it is paid")
    expect(buyer.page.get_by_text(re.compile("2 × Festival shirt"))).to_be_visible()  # noqa: RUF001
    added = buyer.order_number
    buyer.page.get_by_role("link", name=first).click()
    expect(buyer.page.get_by_role("link", name=added)).to_be_visible()
    box_office.wait_for_mails(added)
    look_until_mailed(buyer)
    answer = box_office.command("verify-order", added)
    assert answer.returncode == 0, answer.stdout


def test_offer_that_is_declined_does_not_come_back(any_buyer):
    buyer = any_buyer
    buyer.hold(FESTIVAL, "Day 3 pass")
    buyer.go_to_pay().pay()
    buyer.expect_tickets(1)
    offer = buyer.page.get_by_role("heading", name="Anything to go with it?")
    expect(offer).to_be_visible()

    buyer.button("No, thank you").click()
    buyer.expect_tickets(1)

    expect(offer).to_have_count(0)
