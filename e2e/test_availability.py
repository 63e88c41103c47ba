"""A page that stays open stays true, and moves nothing under a finger."""

import re

import pytest
from playwright.sync_api import expect

from e2e.programme import TierSpec
from webapp.models import EventStatus

PAUSE = "00:31"
HIDE = """isHidden => {
  Object.defineProperty(document, "hidden", {value: isHidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def asked(buyer):
    """Answers to the page's questions about what is left, as their statuses."""
    statuses = []
    buyer.page.on(
        "response",
        lambda answer: answer.url.endswith("/availability") and statuses.append(answer.status),
    )
    return statuses


def let_pass(buyer, time=PAUSE):
    """Until the page has asked what is left, and an answer is on its way."""
    with buyer.page.expect_response("**/availability"):
        buyer.page.clock.fast_forward(time)


def row(buyer, tier):
    heading = buyer.page.get_by_role("heading", name=tier)
    return buyer.page.get_by_role("listitem").filter(has=heading)


def test_tier_that_sells_out_says_so_and_the_choice_stays(buyer, new_buyer, programme):
    show = programme.put_on(TierSpec("Front row", places=4), TierSpec("Back row"))
    buyer.page.clock.install()
    buyer.open_event(show.slug)
    buyer.choose("Front row", 3)
    before = row(buyer, "Back row").bounding_box()
    new_buyer().hold(show.slug, "Front row", 4)

    let_pass(buyer)

    expect(row(buyer, "Front row")).to_contain_text("Sold out")
    expect(buyer.page.locator("#availability-news")).to_have_text("Front row: Sold out")
    expect(buyer.quantity("Front row")).to_have_value("3")
    expect(buyer.quantity("Front row")).to_be_enabled()
    assert row(buyer, "Back row").bounding_box() == before


def test_more_chosen_than_is_left_is_a_warning_and_no_change(buyer, new_buyer, programme):
    show = programme.put_on(TierSpec("Front row", places=8))
    buyer.page.clock.install()
    buyer.open_event(show.slug)
    buyer.choose("Front row", 5)
    new_buyer().hold(show.slug, "Front row", 6)

    let_pass(buyer)

    expect(row(buyer, "Front row")).to_contain_text("Only 2 left")
    expect(buyer.quantity("Front row")).to_have_value("5")
    buyer.button("One more: Front row").click()
    expect(buyer.quantity("Front row")).to_have_value("5")
    buyer.button("Continue").click()
    expect(buyer.page.get_by_text("Only 2 are left. The number is set to them.")).to_be_visible()


def test_tickets_that_were_given_back_can_be_chosen_without_a_reload(buyer, new_buyer, programme):
    show = programme.put_on(TierSpec("Front row", places=2), TierSpec("Back row"))
    other = new_buyer()
    other.hold(show.slug, "Front row", 2)
    buyer.page.clock.install()
    buyer.open_event_when(show.slug, "Sold out")
    buyer.choose("Back row", 2)
    before = row(buyer, "Back row").bounding_box()
    other.button("Cancel and give the tickets back").click()
    other.expect_heading(show.title)

    let_pass(buyer)

    buyer.button("One more: Front row").click()
    expect(buyer.quantity("Back row")).to_have_value("2")
    expect(buyer.total).to_contain_text("$98.13")
    assert row(buyer, "Back row").bounding_box() == before
    buyer.go_on()
    assert programme.count_taken(show) == 3


def test_nothing_is_replaced_while_a_finger_is_down(buyer, new_buyer, programme):
    show = programme.put_on(TierSpec("Front row", places=2), TierSpec("Back row"))
    other = new_buyer()
    other.hold(show.slug, "Front row", 2)
    buyer.page.clock.install()
    buyer.open_event_when(show.slug, "Sold out")
    other.button("Cancel and give the tickets back").click()
    other.expect_heading(show.title)
    heading = buyer.page.get_by_role("heading", level=1)
    heading.dispatch_event("pointerdown")

    let_pass(buyer)

    expect(buyer.quantity("Front row")).to_have_count(0)
    heading.dispatch_event("pointerup")
    expect(buyer.quantity("Front row")).to_be_visible()


def test_unchanged_stock_is_answered_without_a_body(buyer, programme, asked):
    buyer.page.clock.install()
    buyer.open_event(programme.put_on().slug)

    let_pass(buyer)
    let_pass(buyer)

    assert asked[0] == 200
    assert set(asked[1:]) == {304}


def test_hidden_tab_asks_nothing_until_it_is_seen_again(buyer, programme, asked):
    buyer.page.clock.install()
    buyer.open_event(programme.put_on().slug)

    buyer.page.evaluate(HIDE, True)
    buyer.page.clock.fast_forward("10:00")
    buyer.page.evaluate("fetch('/healthz').then(answer => answer.text())")
    assert asked == []
    with buyer.page.expect_response("**/availability"):
        buyer.page.evaluate(HIDE, False)
        buyer.page.clock.fast_forward("00:02")

    assert asked == [200]


def test_silent_server_is_asked_less_often(buyer, programme):
    times = []
    buyer.page.clock.install()
    buyer.open_event(programme.put_on().slug)
    buyer.page.route("**/availability", lambda route: (times.append(1), route.fulfill(status=503)))

    let_pass(buyer)
    buyer.page.clock.fast_forward("00:35")
    buyer.page.evaluate("fetch('/healthz').then(answer => answer.text())")
    assert len(times) == 1
    let_pass(buyer)

    assert len(times) == 2


def test_own_tickets_are_not_reported_as_sold_out(buyer, programme):
    show = programme.put_on(TierSpec("Front row", places=2))
    buyer.page.clock.install()
    buyer.hold(show.slug, "Front row", 2)
    buyer.open_event(show.slug)

    let_pass(buyer)

    expect(buyer.quantity("Front row")).to_have_value("2")
    expect(row(buyer, "Front row")).not_to_contain_text("Sold out")


def test_sale_counts_down_and_opens_by_itself(buyer, programme):
    show = programme.put_on(TierSpec("Early bird", opens_in_days=2), TierSpec("Gift", places=None))
    buyer.page.clock.install()
    buyer.open_event(show.slug)
    timer = buyer.page.get_by_role("timer")
    expect(timer).to_have_text(re.compile(r"Opens in (2 days, 0 hours|1 day, 23 hours)"))
    expect(buyer.quantity("Early bird")).to_have_count(0)
    buyer.page.clock.fast_forward("36:00:00")
    expect(timer).to_have_text(re.compile(r"Opens in 1[12]:\d\d:\d\d"))
    before = row(buyer, "Gift").bounding_box()
    programme.open_sale(show)

    # The first answer may be as old as a second; the page asks on by itself.
    let_pass(buyer, "12:00:05")

    expect(buyer.page.locator("#availability-news")).to_have_text(
        "Early bird: Tickets are on sale now."
    )
    assert row(buyer, "Gift").bounding_box() == before
    buyer.choose("Early bird")
    expect(buyer.total).to_contain_text("$34.17")
    buyer.go_on()


def test_event_that_is_called_off_meanwhile_says_so_and_sells_no_more(buyer, new_buyer, programme):
    show = programme.put_on()
    buyer.page.clock.install()
    buyer.open_event(show.slug)
    buyer.choose("Entry")
    programme.change_event(show, status=EventStatus.CANCELLED)
    new_buyer().open_event_when(show.slug, "This event was called off.")

    let_pass(buyer)

    expect(buyer.page.get_by_text("This event was called off.").first).to_be_visible()
    expect(buyer.page.locator("#availability-news")).to_have_text("This event was called off.")
    expect(buyer.button("Continue")).to_be_hidden()
    expect(buyer.quantity("Entry")).to_be_disabled()


def test_sale_to_come_without_scripts_says_when(new_buyer, programme):
    show = programme.put_on(TierSpec("Early bird", opens_in_days=2))
    buyer = new_buyer(java_script_enabled=False)

    buyer.open_event(show.slug)

    expect(buyer.page.get_by_text("Tickets go on sale on")).to_be_visible()
    expect(buyer.page.get_by_text("Reload this page then")).to_be_visible()
    expect(buyer.page.get_by_text("You can wait here")).to_be_hidden()
    expect(buyer.button("Continue")).to_be_hidden()
