"""Who gets the last places, and what the others are told."""

from playwright.sync_api import expect

from e2e.programme import TierSpec


def test_sold_out_tier_says_so_and_cannot_be_chosen(buyer, new_buyer, programme):
    show = programme.put_on(TierSpec("Front row", places=1), TierSpec("Back row"))
    new_buyer().hold(show.slug, "Front row")

    buyer.open_event_when(show.slug, "Sold out")

    row = buyer.page.get_by_role("listitem").filter(has_text="Front row")
    expect(row).to_contain_text("Sold out")
    expect(row.get_by_role("spinbutton")).to_have_count(0)
    expect(buyer.quantity("Back row")).to_be_visible()


def test_shortage_offers_what_is_left_and_keeps_the_rest_of_the_choice(
    any_buyer, new_buyer, programme
):
    show = programme.put_on(
        TierSpec("Front row", places=3), TierSpec("Back row"), TierSpec("Gift", places=None)
    )
    any_buyer.open_event(show.slug)
    any_buyer.choose("Front row", 3)
    any_buyer.choose("Back row", 2)
    any_buyer.amount("Gift").fill("7.5")
    new_buyer().hold(show.slug, "Front row", 2)

    any_buyer.button("Continue").click()

    expect(any_buyer.page.get_by_text("Only 1 is left. The number is set to it.")).to_be_visible()
    expect(any_buyer.quantity("Front row")).to_have_value("1")
    expect(any_buyer.quantity("Back row")).to_have_value("2")
    expect(any_buyer.amount("Gift")).to_have_value("7.5")
    assert programme.count_checkouts(show) == 1
    any_buyer.go_on()
    assert programme.count_taken(show) == 5


def test_refused_choice_moves_the_focus_to_what_is_wrong(buyer, programme):
    buyer.open_event(programme.put_on().slug)

    buyer.button("Continue").click()

    expect(buyer.page.locator("#picker-faults")).to_be_focused()


def test_second_tab_changes_the_same_checkout(any_buyer, programme):
    show = programme.put_on(TierSpec(places=2))
    second = any_buyer.new_tab()
    second.open_event(show.slug)
    reference = any_buyer.hold(show.slug, quantity=2)

    second.choose("Entry", 2)
    second.go_on()

    assert second.reference == reference
    assert (programme.count_checkouts(show), programme.count_taken(show)) == (1, 2)


def test_tab_opened_later_knows_the_own_hold(any_buyer, programme):
    show = programme.put_on(TierSpec(places=2))
    reference = any_buyer.hold(show.slug, quantity=2)
    second = any_buyer.new_tab()

    second.open_event(show.slug)

    expect(second.quantity("Entry")).to_have_value("2")
    second.quantity("Entry").fill("1")
    second.go_on()
    assert second.reference == reference
    assert programme.count_taken(show) == 1
