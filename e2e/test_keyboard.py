"""A purchase without a pointer, and where the focus goes when the page changes."""

from playwright.sync_api import expect

from e2e.keyboard import Keyboard
from e2e.programme import TierSpec


def test_guest_buys_with_the_keyboard_alone(buyer, programme):
    show = programme.put_on()
    keyboard = Keyboard(buyer.page)
    buyer.go("/")
    # Other tests have put on evenings, too: a long way by Tab.
    keyboard.type(buyer.page.get_by_label("Search"), show.title)
    expect(buyer.page.locator("#events h2")).to_have_text([show.title])
    keyboard.press(buyer.page.get_by_role("link", name=show.title))
    buyer.expect_heading(show.title)
    keyboard.press(buyer.button("One more: Entry"))
    buyer.page.keyboard.press("Enter")
    expect(buyer.total).to_contain_text("$66.15")
    keyboard.press(buyer.button("Continue"))
    buyer.expect_heading("Checkout")
    keyboard.type(buyer.page.get_by_label("Email"), "ada@example.com")
    keyboard.press(buyer.pay_button)
    buyer.payment_page.wait()

    keyboard.press(buyer.button("Book"))

    buyer.expect_tickets(2)
    assert keyboard.faults == []


def test_skip_link_comes_first_and_leads_to_the_content(buyer):
    buyer.go("/")

    buyer.page.keyboard.press("Tab")
    expect(buyer.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    buyer.page.keyboard.press("Enter")

    expect(buyer.page.get_by_role("main")).to_be_focused()


def test_refused_payment_moves_the_focus_to_what_is_wrong(buyer, programme):
    buyer.hold(programme.put_on().slug)
    buyer.type_email("ada@example")

    buyer.pay_button.click()

    alert = buyer.page.get_by_role("alert").filter(has_text="Check your details")
    expect(alert.locator("[tabindex]")).to_be_focused()
    alert.get_by_role("link").click()
    expect(buyer.page.get_by_label("Email")).to_be_focused()


def test_typing_goes_on_undisturbed_while_a_fault_is_shown(buyer, programme):
    buyer.hold(programme.put_on().slug)
    buyer.type_email("ada@example")

    buyer.page.keyboard.press("Tab")

    expect(buyer.page.get_by_role("alert").filter(has_text="Check your details")).to_be_visible()
    expect(buyer.page.get_by_label("Name")).to_be_focused()


def test_changed_number_keeps_the_focus_where_it_was(buyer, programme):
    buyer.hold(programme.put_on(TierSpec(places=9)).slug)
    more = buyer.button("One more: Entry")

    more.focus()
    buyer.page.keyboard.press("Enter")

    expect(buyer.page.locator("#summary")).to_contain_text("$66.15")
    expect(more).to_be_focused()


def test_time_that_is_up_moves_the_focus_nowhere_while_someone_types(buyer, programme):
    buyer.page.clock.install()
    reference = buyer.hold(programme.put_on().slug)
    buyer.page.get_by_label("Name").fill("Ada")
    programme.pass_time(reference, minutes=15)

    buyer.page.clock.fast_forward("15:02")

    expect(buyer.page.get_by_role("heading", name="Your time ran out")).to_be_visible()
    expect(buyer.page.get_by_label("Name")).to_be_focused()


def test_nothing_moves_for_those_who_asked_for_less_motion(new_buyer, programme, box_office):
    buyer = new_buyer(reduced_motion="reduce")
    box_office.sandbox("POST", "deliveries", {"mode": "manual"})
    buyer.hold(programme.put_on().slug)
    payment = buyer.go_to_pay()
    silent = {"path": "/v1/checkout/sessions*", "nth": "every", "effect": "500"}
    box_office.sandbox("POST", "faults", [silent])
    payment.pay()
    buyer.expect_heading("Getting your tickets")

    shortest_s = buyer.page.evaluate(
        "Math.min(...document.getAnimations().map(a => a.effect.getTiming().duration / 1000))"
    )

    assert shortest_s >= 3
