"""An order's dates: read by any calendar, at the right hour, moved and removed later on."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from icalendar import Calendar

from tests.factories import make_checkout, make_event, make_tier
from tests.issued import give_away
from webapp.database import db
from webapp.documents.calendar import calendar_links, order_calendar
from webapp.domain import orders, tickets
from webapp.models import (
    Event,
    Occurrence,
    Order,
    OrderStatus,
    Ticket,
    TicketStatus,
    Tier,
    TierKind,
)
from webapp.transaction import transaction

# A summer and a winter moment on either side of the equator.
JULY = datetime(2027, 7, 3, 1, 0, tzinfo=UTC)
JANUARY = datetime(2027, 12, 11, 1, 0, tzinfo=UTC)


def make_issued_order(*lines: tuple[Tier, int], now) -> Order:
    checkout = make_checkout(*lines)
    with transaction():
        order = orders.place_order(checkout=checkout, order=None, trace_id="0" * 32, now=now)
        orders.move_order(order, OrderStatus.PAID, actor="test", now=now, trace_id="0" * 32)
        tickets.issue_tickets(order_id=order.id, now=now, trace_id="0" * 32)
    return order


def event_at(*moments: datetime, time_zone: str) -> Event:
    """An event with an evening of three hours at each moment."""
    event = make_event(
        time_zone=time_zone,
        starts_at=moments[0],
        ends_at=moments[-1] + timedelta(hours=3),
        title="Rueda Night",
    )
    db.session.delete(event.occurrences[0])
    db.session.commit()
    db.session.refresh(event)
    for number, moment in enumerate(moments, start=1):
        event.occurrences.append(
            Occurrence(
                name=f"Night {number}", starts_at=moment, ends_at=moment + timedelta(hours=3)
            )
        )
    db.session.commit()
    return event


def opening(event: Event, *occurrences: Occurrence) -> Tier:
    tier = make_tier(event)
    tier.occurrences.extend(occurrences)
    db.session.commit()
    return tier


def read(order: Order) -> Calendar:
    db.session.expire_all()
    content = order_calendar(order)
    assert content is not None
    assert b"\r\n" in content
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    return Calendar.from_ical(content)


@pytest.mark.parametrize(
    ("time_zone", "summer", "winter"),
    [("America/Denver", JULY, JANUARY), ("Australia/Sydney", JANUARY, JULY)],
)
def test_each_date_keeps_its_hour_on_both_sides_of_the_clock_change(
    app, clock, time_zone, summer, winter
):
    first, second = sorted([summer, winter])
    event = event_at(first, second, time_zone=time_zone)
    order = make_issued_order((opening(event, *event.occurrences), 1), now=clock())

    calendar = read(order)

    assert [entry["dtstart"].dt for entry in calendar.events] == [first, second]
    assert {entry["dtstart"].params["TZID"] for entry in calendar.events} == {time_zone}
    (zone,) = calendar.timezones
    assert zone.tz_name == time_zone
    # The file's own rules, not those of the reader's machine.
    own_rules = zone.to_tz(lookup_tzid=False)
    offsets = {}
    for moment, entry in zip((first, second), calendar.events, strict=True):
        local = entry["dtstart"].dt.replace(tzinfo=None)
        offsets[moment] = local.replace(tzinfo=own_rules).utcoffset()
        assert local - offsets[moment] == moment.replace(tzinfo=None)
    assert offsets[summer] - offsets[winter] == timedelta(hours=1)


def test_only_what_the_tickets_open_is_listed(app, clock):
    event = event_at(JULY, JULY + timedelta(days=1), JULY + timedelta(days=2), time_zone="UTC")
    first, _, third = event.occurrences
    order = make_issued_order((opening(event, first), 2), (opening(event, third), 1), now=clock())

    entries = read(order).events

    assert [str(entry["summary"]) for entry in entries] == [
        "Rueda Night: Night 1",
        "Rueda Night: Night 3",
    ]


def test_tickets_that_name_no_date_are_for_the_whole_event(app, clock):
    event = event_at(JULY, JULY + timedelta(days=1), time_zone="UTC")
    order = make_issued_order((make_tier(event), 1), now=clock())

    (entry,) = read(order).events

    assert (entry["dtstart"].dt, entry["dtend"].dt) == (event.starts_at, event.ends_at)
    assert str(entry["summary"]) == "Rueda Night"


def test_same_order_gives_the_same_file(app, clock):
    event = event_at(JULY, time_zone="America/Denver")
    order = make_issued_order((opening(event, *event.occurrences), 1), now=clock())

    assert order_calendar(order) == order_calendar(order)


def test_moved_date_keeps_its_uid_and_raises_the_sequence(app, clock):
    event = event_at(JULY, time_zone="America/Denver")
    order = make_issued_order((opening(event, *event.occurrences), 1), now=clock())
    (before,) = read(order).events
    event.occurrences[0].starts_at += timedelta(hours=1)
    db.session.commit()

    (after,) = read(order).events

    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["dtstart"].dt == before["dtstart"].dt + timedelta(hours=1)


@pytest.mark.parametrize("change", [{"title": "Son Night"}, {"venue_address": "2 Other Street"}])
def test_changed_event_raises_the_sequence(app, clock, change):
    event = event_at(JULY, time_zone="America/Denver")
    order = make_issued_order((opening(event, *event.occurrences), 1), now=clock())
    (before,) = read(order).events
    for name, value in change.items():
        setattr(event, name, value)
    db.session.commit()

    (after,) = read(order).events

    assert after["sequence"] > before["sequence"]


def test_sale_alone_leaves_the_sequence(app, clock):
    event = event_at(JULY, time_zone="America/Denver")
    tier = opening(event, *event.occurrences)
    order = make_issued_order((tier, 1), now=clock())
    (before,) = read(order).events
    make_issued_order((tier, 1), now=clock())

    (after,) = read(order).events

    assert after["sequence"] == before["sequence"]


def test_void_tickets_take_the_dates_back(app, clock):
    event = event_at(JULY, time_zone="America/Denver")
    order = make_issued_order((opening(event, *event.occurrences), 1), now=clock())
    (before,) = read(order).events
    db.session.query(Ticket).update({"status": TicketStatus.VOID})
    db.session.commit()

    calendar = read(order)

    (after,) = calendar.events
    assert (str(calendar["method"]), str(after["status"])) == ("CANCEL", "CANCELLED")
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert calendar_links(order) == []


@pytest.mark.parametrize("how", ["void", "given away"])
def test_date_that_only_a_ticket_opened_which_went_is_taken_back(app, clock, how):
    event = event_at(JULY, JULY + timedelta(days=1), time_zone="America/Denver")
    first, second = event.occurrences
    order = make_issued_order((opening(event, first), 1), (opening(event, second), 1), now=clock())
    before = read(order).events
    ticket = orders.list_tickets(order_id=order.id)[1]
    if how == "void":
        ticket.status = TicketStatus.VOID
        db.session.commit()
    else:
        give_away(ticket, "bo@example.com")

    calendar = read(order)

    kept, gone = calendar.events
    assert [entry["uid"] for entry in before] == [kept["uid"], gone["uid"]]
    assert str(calendar["method"]) == "PUBLISH"
    assert [str(each["status"]) for each in (kept, gone)] == ["CONFIRMED", "CANCELLED"]
    assert kept["sequence"] == before[0]["sequence"]
    assert gone["sequence"] > before[1]["sequence"]
    assert len(calendar_links(order)) == 1


def test_date_is_kept_while_another_ticket_opens_it(app, clock):
    event = event_at(JULY, time_zone="America/Denver")
    order = make_issued_order((opening(event, *event.occurrences), 2), now=clock())
    give_away(orders.list_tickets(order_id=order.id)[0], "bo@example.com")

    (entry,) = read(order).events

    assert str(entry["status"]) == "CONFIRMED"


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        # Clocks in Berlin are put back from 03:00 to 02:00 at 01:00 UTC.
        (datetime(2027, 10, 30, 20, 0, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),
        (datetime(2027, 10, 31, 0, 45, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),
    ],
)
def test_moment_in_the_hour_that_comes_twice_is_that_moment(app, clock, starts, ends):
    event = make_event(time_zone="Europe/Berlin", starts_at=starts, ends_at=ends)
    order = make_issued_order((make_tier(event), 1), now=clock())

    (entry,) = read(order).events

    assert entry["dtstart"].dt.astimezone(UTC) == starts
    assert entry["dtend"].dt.astimezone(UTC) == ends
    assert entry["dtend"].dt.utcoffset() == timedelta(0)


def test_order_without_tickets_has_no_dates(app, clock):
    event = event_at(JULY, time_zone="America/Denver")
    order = make_issued_order((make_tier(event, kind=TierKind.ADD_ON), 1), now=clock())

    assert order_calendar(order) is None


def test_nothing_in_file_or_links_names_the_buyer_or_a_code(app, clock):
    event = event_at(JULY, time_zone="America/Denver")
    order = make_issued_order((opening(event, *event.occurrences), 1), now=clock())
    (ticket,) = orders.list_tickets(order_id=order.id)

    content = (order_calendar(order) or b"").decode()
    (links,) = calendar_links(order)

    for secret in ("guest@example.com", "Ada Example", ticket.code, ticket.serial_number):
        for text in (content, links.google_url, links.outlook_url):
            assert secret not in text
    assert order.number not in links.google_url + links.outlook_url


def test_links_say_what_when_and_where(app, clock):
    event = event_at(JULY, time_zone="America/Denver")
    order = make_issued_order((opening(event, *event.occurrences), 1), now=clock())

    (links,) = calendar_links(order)

    google, outlook = urlsplit(links.google_url), urlsplit(links.outlook_url)
    assert google.hostname == "calendar.google.com"
    assert parse_qs(google.query)["dates"] == ["20270703T010000Z/20270703T040000Z"]
    assert parse_qs(google.query)["text"] == ["Rueda Night"]
    assert outlook.hostname == "outlook.live.com"
    assert parse_qs(outlook.query)["startdt"] == ["2027-07-03T01:00:00Z"]
    assert parse_qs(outlook.query)["location"] == ["The Hall, 1 Example Street, Boulder"]
