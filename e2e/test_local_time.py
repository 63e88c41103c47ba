"""When an event begins, by the clocks of the place and by the reader's own."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

STARTS = datetime(2029, 4, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def show(programme):
    """Saturday evening in Denver."""
    return programme.put_on(starts_at=STARTS, ends_at=STARTS + timedelta(hours=5))


def line(buyer):
    return buyer.page.locator("[data-local-time]")


def test_reader_elsewhere_is_told_the_own_time(new_buyer, show):
    buyer = new_buyer(timezone_id="Europe/Berlin")

    buyer.open_event(show.slug)

    expect(buyer.page.get_by_text("Saturday, March 31, 2029, 7:00 PM MDT")).to_be_visible()
    expect(line(buyer)).to_have_text("Your time: Sun, Apr 1, 3:00 AM GMT+2")


def test_reader_with_the_same_clock_is_told_nothing_twice(new_buyer, show):
    # Another zone by name, and in summer another winter; that evening the same time.
    buyer = new_buyer(timezone_id="America/Boise")

    buyer.open_event(show.slug)

    expect(line(buyer)).to_have_text("")


def test_line_keeps_its_room_so_that_nothing_jumps(new_buyer, show):
    near, far = new_buyer(timezone_id="America/Denver"), new_buyer(timezone_id="Asia/Tokyo")
    near.open_event(show.slug)
    far.open_event(show.slug)
    expect(line(far)).to_contain_text("Your time")

    headings = [buyer.page.get_by_role("heading", name="Tickets") for buyer in (near, far)]
    tops = [heading.bounding_box()["y"] for heading in headings]

    assert tops[0] == tops[1]


def test_reader_without_scripts_sees_only_the_time_of_the_place(new_buyer, show):
    buyer = new_buyer(timezone_id="Europe/Berlin", java_script_enabled=False)

    buyer.open_event(show.slug)

    expect(line(buyer)).to_be_hidden()
