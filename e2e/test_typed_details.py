"""What is typed into a checkout stays typed, and names find their tickets."""

import pytest
from playwright.sync_api import expect

from e2e.programme import TierSpec
from tests.waiting import wait_until


@pytest.fixture
def show(programme):
    return programme.put_on(TierSpec(places=9))


def open_names(buyer) -> None:
    buyer.page.locator("#attendees > summary").click()


def name_of(buyer, number: int):
    return buyer.page.get_by_label(f"Ticket {number}: Entry")


def test_half_a_word_is_there_after_a_reload_and_nobody_complained(buyer, show):
    buyer.hold(show.slug, quantity=2)
    open_names(buyer)

    with buyer.page.expect_response("**/draft"):
        name_of(buyer, 2).fill("Bob Tw")
        buyer.page.get_by_label("Email").focus()
        buyer.page.keyboard.type("ada@exa")
    expect(buyer.page.locator("#contact-faults .alert")).to_have_count(0)
    expect(buyer.page.get_by_label("Email")).to_be_focused()
    buyer.page.wait_for_load_state("networkidle")
    buyer.page.reload()

    expect(buyer.page.get_by_label("Email")).to_have_value("ada@exa")
    expect(name_of(buyer, 2)).to_have_value("Bob Tw")
    expect(buyer.page.locator("#contact-faults .alert")).to_have_count(0)


def test_what_was_typed_is_there_when_the_buyer_comes_back(buyer, show):
    buyer.hold(show.slug)
    with buyer.page.expect_response("**/contact"):
        buyer.page.get_by_label("Phone").fill("+1 303 55")
        buyer.page.get_by_label("Phone").blur()
    buyer.page.get_by_role("link", name="Choose other tickets").click()
    buyer.expect_heading(show.title)

    buyer.page.go_back()

    buyer.expect_heading("Checkout")
    expect(buyer.page.get_by_label("Phone")).to_have_value("+1 303 55")


def test_letters_typed_just_before_leaving_are_not_lost(buyer, programme, show):
    reference = buyer.hold(show.slug)
    buyer.page.get_by_label("Name").fill("Ada Ex")

    buyer.page.go_back()
    buyer.expect_heading(show.title)

    wait_until(lambda: programme.typed_name(reference) == "Ada Ex", what="the last letters")


def test_fault_stands_at_its_field_until_it_is_put_right(buyer, show):
    buyer.hold(show.slug)
    email = buyer.page.get_by_label("Email")
    email.fill("ada@example")
    email.blur()

    fault = buyer.page.locator("#email-fault")
    expect(fault).to_have_text("Enter an email address in the form name@example.com.")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_attribute("aria-describedby", "email-fault email-hint")
    email.fill("ada@example.com")
    email.blur()

    expect(fault).to_be_hidden()
    expect(email).not_to_have_attribute("aria-invalid", "true")


def test_names_go_along_when_the_number_changes(buyer, show):
    buyer.hold(show.slug, quantity=2)
    open_names(buyer)
    name_of(buyer, 1).fill("Ann One")
    name_of(buyer, 2).fill("Bob Two")
    more = buyer.button("One more: Entry")

    more.click()

    expect(name_of(buyer, 3)).to_be_visible()
    expect(name_of(buyer, 1)).to_have_value("Ann One")
    expect(name_of(buyer, 2)).to_have_value("Bob Two")
    name_of(buyer, 3).fill("Cy Three")
    buyer.go_to_pay().pay()
    buyer.expect_tickets(3)
    for name in ("Ann One", "Bob Two", "Cy Three"):
        expect(buyer.page.locator(".ticket").filter(has_text=name)).to_have_count(1)


def test_same_for_all_needs_one_name_and_no_scripts(any_buyer, show):
    any_buyer.hold(show.slug, quantity=2)
    open_names(any_buyer)
    name_of(any_buyer, 1).fill("The Example family")

    any_buyer.page.get_by_label("The same for all tickets").check()

    expect(name_of(any_buyer, 2)).to_be_hidden()
    any_buyer.go_to_pay().pay()
    any_buyer.expect_tickets(2)
    tickets = any_buyer.page.locator(".ticket").filter(has_text="The Example family")
    expect(tickets).to_have_count(2)


def test_one_of_them_is_the_buyer(any_buyer, show):
    any_buyer.hold(show.slug, quantity=2)
    any_buyer.page.get_by_label("Name").fill("Ada Example")
    open_names(any_buyer)
    name_of(any_buyer, 2).fill("Bob Two")

    any_buyer.page.get_by_label("I am one of them").check()

    expect(name_of(any_buyer, 1)).to_be_hidden()
    any_buyer.go_to_pay().pay()
    any_buyer.expect_tickets(2)
    for name in ("Ada Example", "Bob Two"):
        expect(any_buyer.page.locator(".ticket").filter(has_text=name)).to_have_count(1)


def test_line_taken_out_leaves_the_focus_in_the_basket(buyer, programme):
    show = programme.put_on(TierSpec("Front", 3000), TierSpec("Back", 1000))
    buyer.open_event(show.slug)
    buyer.choose("Front")
    buyer.choose("Back")
    buyer.go_on()

    buyer.button("Remove Back").click()

    expect(buyer.quantity("Back")).to_have_count(0)
    expect(buyer.page.locator("#summary")).to_contain_text("$34.17")
    expect(buyer.page.get_by_role("heading", name="Your tickets")).to_be_focused()
    assert programme.count_taken(show) == 1
