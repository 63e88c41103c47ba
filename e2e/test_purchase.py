"""A guest buys: from the list of events to tickets that a door can read."""

import io
import re
from urllib.parse import urlsplit
from uuid import uuid4

import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from e2e.reflow import NARROW
from tests.box_office import CHALLENGE_CARD, DECLINED_CARD, FESTIVAL


def new_address() -> str:
    """One that has no tickets yet, whoever ordered before on this installation."""
    return f"guest-{uuid4().hex[:12]}@example.com"


def read_qr_codes(page: Page) -> list[str]:
    """What a scanner reads off a picture of the page, from top to bottom."""
    with Image.open(io.BytesIO(page.screenshot(full_page=True))) as picture:
        found = zxingcpp.read_barcodes(picture)
    return [code.text for code in sorted(found, key=lambda code: code.position.top_left.y)]


def test_guest_buys_two_tickets_and_opens_them_from_the_mail(
    any_buyer, new_buyer, box_office, programme
):
    buyer = any_buyer
    buyer.go("/")
    buyer.page.get_by_role("link", name="A Lo Cubano Boulder Fest").click()
    buyer.choose("Full festival", 2)
    if buyer.has_scripts:
        expect(buyer.total).to_contain_text("$321.99")
    buyer.go_on()
    expect(buyer.page.locator("#summary")).to_contain_text("$321.99")

    buyer.go_to_pay("grace@example.com").pay()

    buyer.expect_tickets(2)
    mailed = re.compile(r"Mail(ed|ing) to g\W+@example\.com")
    expect(buyer.page.locator("#order-mail").get_by_text(mailed)).to_be_visible()
    texts = programme.ticket_texts(buyer.order_number)
    assert read_qr_codes(buyer.page) == [texts[ticket_id] for ticket_id in sorted(texts)]

    number = buyer.order_number
    mail = box_office.wait_for_mails(number)[0]
    friend = new_buyer()
    friend.page.goto(f"{box_office.sandbox_url}/mail/{mail['id']}")
    friend.page.get_by_role("link", name="/o/").first.click()
    friend.expect_tickets(2)
    assert urlsplit(friend.page.url).path == f"/orders/{number}"


def test_guest_buys_on_the_narrowest_phone_with_text_twice_as_large(new_buyer, programme):
    buyer = new_buyer(viewport=NARROW)
    buyer.page.add_init_script(
        "addEventListener('DOMContentLoaded', "
        "() => { document.documentElement.style.fontSize = '200%'; })"
    )
    buyer.hold(programme.put_on().slug, quantity=2)

    buyer.go_to_pay().pay()

    buyer.expect_tickets(2)
    assert buyer.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"


def test_page_waits_until_the_payment_is_known(any_buyer, box_office, programme):
    show = programme.put_on()
    box_office.sandbox("POST", "deliveries", {"mode": "manual"})
    any_buyer.hold(show.slug)
    payment = any_buyer.go_to_pay()
    silent = {"method": "GET", "path": "/v1/checkout/sessions/*", "nth": "every", "effect": "500"}
    box_office.sandbox("POST", "faults", [silent])

    payment.pay()
    any_buyer.expect_heading("Getting your tickets")
    expect(any_buyer.page.get_by_text("Waiting for your payment to be confirmed")).to_be_visible()
    box_office.sandbox("POST", "faults", [])

    any_buyer.expect_tickets(1)


def test_declined_card_is_followed_by_one_that_pays(buyer, programme):
    show = programme.put_on()
    buyer.hold(show.slug)
    payment = buyer.go_to_pay()

    payment.pay(DECLINED_CARD)
    payment.expect_decline()
    payment.pay()

    buyer.expect_tickets(1)
    assert programme.count_orders(show) == 1


def test_bank_asks_and_the_buyer_confirms(buyer, programme):
    buyer.hold(programme.put_on().slug)
    payment = buyer.go_to_pay()

    payment.pay(CHALLENGE_CARD)
    payment.confirm_with_bank()

    buyer.expect_tickets(1)


def test_free_list_needs_no_payment_page(any_buyer, box_office):
    before = len(box_office.sandbox("GET", "ledger")["payments"])
    any_buyer.hold("neon-cellar-night", "Free guest list", 2)
    any_buyer.type_email(new_address())

    any_buyer.button("Get tickets").click()

    any_buyer.expect_tickets(2)
    assert len(box_office.sandbox("GET", "ledger")["payments"]) == before


def test_free_list_has_two_places_for_one_person_and_says_so(new_buyer, any_buyer):
    address = new_address()
    first = new_buyer()
    for buyer in (first, any_buyer):
        buyer.hold("neon-cellar-night", "Free guest list", 2)
        buyer.type_email(address)
        buyer.button("Get tickets").click()
        if buyer is first:
            buyer.expect_tickets(2)

    summary = any_buyer.page.locator("#summary")
    expect(summary.get_by_role("alert")).to_contain_text("One person may have 2 of these")
    if any_buyer.has_scripts:
        expect(summary.get_by_role("alert")).to_be_focused()
    expect(any_buyer.page.get_by_label("Email")).to_have_value(address)
    expect(summary.get_by_role("spinbutton")).to_have_attribute("aria-invalid", "true")
    any_buyer.type_email(new_address())
    any_buyer.button("Get tickets").click()
    any_buyer.expect_tickets(2)


def test_donation_of_an_own_amount_carries_no_fee(buyer):
    buyer.open_event(FESTIVAL)
    buyer.choose("Day 1 pass")
    buyer.amount("Support young dancers").fill("12,50")
    expect(buyer.total).to_contain_text("$73.32")
    buyer.go_on()

    summary = buyer.page.locator("#summary")
    expect(summary).to_contain_text("$12.50")
    expect(summary).to_contain_text("$73.32")

    buyer.go_to_pay().pay()
    buyer.expect_tickets(1)
    expect(buyer.page.get_by_text("Support young dancers")).to_be_visible()


def test_double_click_makes_one_checkout_and_one_order(any_buyer, programme):
    show = programme.put_on()
    any_buyer.open_event(show.slug)
    any_buyer.choose("Entry")

    any_buyer.button("Continue").dblclick()
    any_buyer.expect_heading("Checkout")
    any_buyer.type_email()
    any_buyer.pay_button.dblclick()
    any_buyer.payment_page.wait().pay()

    any_buyer.expect_tickets(1)
    assert (programme.count_checkouts(show), programme.count_orders(show)) == (1, 1)
    assert programme.count_taken(show) == 1


def test_paid_checkout_leads_to_its_tickets_on_screen_and_on_paper(buyer, programme):
    reference = buyer.hold(programme.put_on().slug)
    buyer.go_to_pay().pay()
    buyer.expect_tickets(1)

    buyer.go(f"/checkout/{reference}")

    expect(buyer.page).to_have_url(re.compile(r"/orders/"))
    link = buyer.page.get_by_role("link", name="Tickets as PDF").get_attribute("href")
    paper = buyer.page.request.get(f"{buyer.site_url}{link}")
    assert (paper.status, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.body().startswith(b"%PDF-")
