"""Back from the payment page, by each of the ways that there are."""

import pytest
from playwright.sync_api import expect

from e2e.programme import TierSpec


@pytest.fixture
def show(programme):
    return programme.put_on(TierSpec(places=4))


@pytest.fixture
def returned(any_buyer, show):
    """A buyer who left the payment page by the gateway's own link."""
    any_buyer.hold(show.slug, quantity=2)
    any_buyer.go_to_pay().leave()
    any_buyer.expect_heading("You left the payment page")
    return any_buyer


def test_back_button_shows_the_checkout_that_still_pays(any_buyer, programme, show):
    any_buyer.hold(show.slug, quantity=2)
    any_buyer.go_to_pay()

    any_buyer.page.go_back()

    any_buyer.expect_heading("Checkout")
    expect(any_buyer.page.get_by_label("Email")).to_have_value("ada@example.com")
    any_buyer.go_to_pay().pay()
    any_buyer.expect_tickets(2)
    assert programme.count_orders(show) == 1


def test_link_back_leads_on_to_the_same_payment(returned, programme, show):
    returned.button("Continue to payment").click()
    returned.payment_page.wait().pay()

    returned.expect_tickets(2)
    assert (programme.count_orders(show), programme.count_taken(show)) == (1, 2)


def test_link_back_and_a_change_give_the_other_seats_back(returned, programme, show):
    returned.page.get_by_role("link", name="Change tickets or details").click()
    returned.expect_heading("Checkout")

    returned.quantity("Entry").fill("1")
    returned.quantity("Entry").press("Enter")

    expect(returned.page.locator("#summary")).to_contain_text("$34.17")
    assert programme.count_taken(show) == 1
    returned.go_to_pay().pay()
    returned.expect_tickets(1)
    assert programme.count_taken(show) == 1


def test_link_back_and_a_cancellation_give_all_seats_back(returned, programme, show):
    returned.button("Cancel and give the tickets back").click()

    returned.expect_heading(show.title)
    assert programme.count_taken(show) == 0


def test_cancelled_checkout_can_be_begun_again(buyer, programme, show):
    reference = buyer.hold(show.slug, quantity=2)
    buyer.button("Cancel and give the tickets back").click()
    buyer.expect_heading(show.title)

    buyer.go(f"/checkout/{reference}")
    expect(buyer.page.get_by_text("This checkout was cancelled")).to_be_visible()
    buyer.button("Try again").click()

    expect(buyer.page.get_by_role("timer")).to_be_visible()
    assert programme.count_taken(show) == 2
