"""A ticket goes to a friend's phone, with and without scripts, and only there it opens a door."""

import re

import pytest
from playwright.sync_api import expect

from e2e.keyboard import Keyboard
from e2e.mailbox import Mailbox
from e2e.programme import TierSpec


@pytest.fixture
def show(programme):
    return programme.put_on(TierSpec("Front row"))


@pytest.fixture
def mailbox(box_office):
    return Mailbox(box_office)


def buy(buyer, show, quantity=2):
    buyer.hold(show.slug, "Front row", quantity)
    buyer.page.get_by_label("Name").fill("Ada Example")
    buyer.go_to_pay().pay()
    buyer.expect_tickets(quantity)
    return buyer.order_number


def make_link(buyer) -> str:
    """From the order to the link of its first ticket."""
    buyer.page.get_by_role("link", name="Give to a friend").first.click()
    buyer.expect_heading("Give this ticket to a friend")
    buyer.button("Make the link").click()
    link = buyer.page.locator(".handover-link")
    expect(link).to_be_visible()
    return link.inner_text()


def ask(friend, link, mailbox) -> None:
    friend.page.goto(link)
    friend.expect_heading("Ada gives you a ticket")
    friend.page.get_by_label("Your name").fill("Grace Example")
    friend.page.get_by_label("Your email").fill(mailbox.address)
    friend.button("Mail me the link").click()
    friend.expect_heading("Look into your mail")


def test_friend_accepts_on_another_phone(any_buyer, new_buyer, programme, show, mailbox):
    number = buy(any_buyer, show)
    old_code = programme.ticket_codes(number)[0]
    friend = new_buyer(java_script_enabled=any_buyer.has_scripts)

    ask(friend, make_link(any_buyer), mailbox)
    friend.page.goto(mailbox.link_in("Accept your ticket"))
    expect(friend.page.get_by_label("Your name")).to_have_value("Grace Example")
    expect(friend.qr_codes).to_have_count(0)
    friend.button("Accept the ticket").click()

    expect(friend.qr_codes).to_have_count(1)
    expect(friend.page.get_by_text("Grace Example").first).to_be_visible()
    assert old_code not in programme.ticket_codes(number)
    received = mailbox.wait_for("Your ticket for")
    assert [file["filename"][-4:] for file in received["attachments"]] == [".pdf", ".ics"]
    any_buyer.go(f"/orders/{number}")
    expect(any_buyer.qr_codes).to_have_count(1)
    expect(any_buyer.page.get_by_text("Given to a friend", exact=True)).to_be_visible()
    # The link of the mail shows the ticket on any phone of the friend's.
    other = new_buyer()
    other.page.goto(mailbox.link_in("Your ticket for"))
    expect(other.qr_codes).to_have_count(1)


def test_mailed_offer_needs_one_press_and_a_name(buyer, new_buyer, show, mailbox):
    buy(buyer, show, 1)
    make_link(buyer)
    buyer.page.get_by_label("Your friend's email").fill(mailbox.address)
    buyer.button("Mail the link").click()
    expect(buyer.page.get_by_text("The mail to your friend is on its way.")).to_be_visible()
    friend = new_buyer()

    friend.page.goto(mailbox.link_in("A ticket for"))
    friend.page.get_by_label("Your name").fill("Grace")
    friend.button("Accept the ticket").click()

    expect(friend.qr_codes).to_have_count(1)


def test_link_that_was_taken_back_leads_nowhere(any_buyer, new_buyer, show, mailbox):
    number = buy(any_buyer, show)
    link = make_link(any_buyer)
    friend = new_buyer(java_script_enabled=any_buyer.has_scripts)
    ask(friend, link, mailbox)

    any_buyer.button("Take the link back").click()
    expect(any_buyer.button("Make the link")).to_be_visible()

    friend.page.goto(mailbox.link_in("Accept your ticket"))
    friend.expect_heading("This link was withdrawn")
    friend.page.goto(link)
    friend.expect_heading("This link was withdrawn")
    any_buyer.go(f"/orders/{number}")
    any_buyer.expect_tickets(2)


def test_link_is_shared_and_copied_where_the_phone_can(new_buyer, show):
    buyer = new_buyer(permissions=["clipboard-read", "clipboard-write"])
    buyer.page.add_init_script(
        "navigator.share = facts => { window.shared = facts; return Promise.resolve(); }"
    )
    buy(buyer, show, 1)
    link = make_link(buyer)

    buyer.button("Share the link").click()
    assert buyer.page.evaluate("window.shared") == {"title": show.title, "url": link}
    buyer.button("Copy the link").click()

    expect(buyer.page.get_by_text("Copied")).to_be_visible()
    assert buyer.page.evaluate("navigator.clipboard.readText()") == link


def test_plain_link_is_all_there_is_without_scripts(new_buyer, show):
    buyer = new_buyer(java_script_enabled=False)
    buy(buyer, show, 1)

    link = make_link(buyer)

    assert re.fullmatch(rf"{buyer.site_url}/transfers/[\w-]{{40,}}\.[0-9a-f]{{64}}", link)
    expect(buyer.button("Share the link")).to_have_count(0)
    expect(buyer.button("Copy the link")).to_have_count(0)


def test_ticket_is_given_and_accepted_by_keyboard(buyer, new_buyer, show, mailbox):
    buy(buyer, show, 1)
    buyer.page.get_by_role("link", name="Give to a friend").click()
    giving = Keyboard(buyer.page)
    giving.press(buyer.button("Make the link"))
    link = buyer.page.locator(".handover-link").inner_text()
    friend = new_buyer()
    ask(friend, link, mailbox)
    friend.page.goto(mailbox.link_in("Accept your ticket"))
    accepting = Keyboard(friend.page)

    accepting.press(friend.button("Accept the ticket"))

    expect(friend.qr_codes).to_have_count(1)
    assert giving.faults + accepting.faults == []
