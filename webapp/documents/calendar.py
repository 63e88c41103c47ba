"""An order's dates for calendars: a file that any of them reads, and links to two on the web.

Nothing here names the buyer, the order's price or a ticket's code.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from icalendar import Calendar, vCalAddress
from icalendar import Event as CalendarEvent

from webapp.domain import calendars
from webapp.domain.calendars import CalendarEntry, OrderSchedule
from webapp.extensions import settings
from webapp.formats import place_text
from webapp.links import absolute_url
from webapp.models import Event, Order, Ticket

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"
# A zone's rules are written down this long before and after what they are needed for.
ZONE_MARGIN = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class CalendarLinks:
    """Where a buyer puts one entry into a calendar on the web; ``name`` may be empty."""

    name: str
    google_url: str
    outlook_url: str


def order_calendar(order: Order) -> bytes | None:
    """The order's entries as iCalendar; None when it has no tickets.

    The same order and programme give the same bytes. The UIDs stay whatever
    changes, and SEQUENCE grows, so that a later file moves or removes what an
    earlier one added (RFC 5545, RFC 5546).
    """
    schedule = calendars.find_schedule(order=order)
    return None if schedule is None else _order_file(schedule, order)


def order_cancellation(order: Order) -> bytes | None:
    """The same file where it takes something out of the buyer's calendar; else None."""
    schedule = calendars.find_schedule(order=order)
    return _order_file(schedule, order) if schedule and schedule.takes_back else None


def _order_file(schedule: OrderSchedule, order: Order) -> bytes:
    return _calendar(
        schedule,
        event=order.event,
        name=order.number,
        stamped_at=order.fulfilled_at or order.created_at,
    )


def ticket_calendar(ticket: Ticket, *, is_held: bool = True) -> bytes:
    """The entries of one ticket as iCalendar, for whoever it was given to.

    Whoever gave it on, ``is_held`` false, is told to take them out.
    """
    return _calendar(
        calendars.get_ticket_schedule(ticket=ticket, is_held=is_held),
        event=ticket.order.event,
        name=ticket.serial_number,
        stamped_at=ticket.issued_at,
    )


def _calendar(schedule: OrderSchedule, *, event: Event, name: str, stamped_at: datetime) -> bytes:
    """The file; ``name`` begins the UIDs, ``stamped_at`` never changes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Yardpass//Tickets//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "CANCEL" if schedule.is_cancelled else "PUBLISH")
    for entry in schedule.entries:
        part = _entry(entry, event=event, schedule=schedule)
        part.add("uid", f"{name}-{entry.key}@{settings().site_host}")
        part.add("dtstamp", stamped_at.astimezone(UTC))
        calendar.add_component(part)
    calendar.add_missing_timezones(
        first_date=(min(each.starts_at for each in schedule.entries) - ZONE_MARGIN).date(),
        last_date=(max(each.ends_at for each in schedule.entries) + ZONE_MARGIN).date(),
    )
    return bytes(calendar.to_ical())


def calendar_links(order: Order) -> list[CalendarLinks]:
    """A pair of links for each entry; none when there is nothing to go to."""
    schedule = calendars.find_schedule(order=order)
    if schedule is None:
        return []
    return [
        CalendarLinks(
            name=entry.name,
            google_url=_google_url(entry, order.event),
            outlook_url=_outlook_url(entry, order.event),
        )
        for entry in schedule.entries
        if not entry.is_cancelled
    ]


def _entry(entry: CalendarEntry, *, event: Event, schedule: OrderSchedule) -> CalendarEvent:
    zone = ZoneInfo(event.time_zone)
    _, address = parseaddr(settings().mail_from)
    part = CalendarEvent()
    part.add("sequence", schedule.sequence_of(entry))
    part.add("dtstart", _unmistakable(entry.starts_at, zone))
    part.add("dtend", _unmistakable(entry.ends_at, zone))
    part.add("summary", _title(entry, event))
    part.add("location", place_text(event))
    part.add("url", _page(event))
    part.add("description", _description(event))
    part.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    sender = vCalAddress(f"mailto:{address}")
    sender.params["CN"] = settings().organisation_name
    part.add("organizer", sender)
    return part


def _unmistakable(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment where the event is, so that it stays at its hour there; else in UTC.

    A local time that the clocks show twice, when they are put back, names the first
    of the two moments in a calendar.
    """
    local = moment.astimezone(zone)
    is_shown_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return moment.astimezone(UTC) if is_shown_twice else local


def _google_url(entry: CalendarEntry, event: Event) -> str:
    span = "/".join(f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}" for moment in _span(entry))
    return f"{GOOGLE}?" + urlencode(
        {
            "action": "TEMPLATE",
            "text": _title(entry, event),
            "dates": span,
            "ctz": event.time_zone,
            "location": place_text(event),
            "details": _description(event),
        }
    )


def _outlook_url(entry: CalendarEntry, event: Event) -> str:
    starts, ends = (f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for moment in _span(entry))
    return f"{OUTLOOK}?" + urlencode(
        {
            "path": "/calendar/action/compose",
            "rru": "addevent",
            "subject": _title(entry, event),
            "startdt": starts,
            "enddt": ends,
            "location": place_text(event),
            "body": _description(event),
        }
    )


def _span(entry: CalendarEntry) -> tuple[datetime, datetime]:
    return entry.starts_at, entry.ends_at


def _title(entry: CalendarEntry, event: Event) -> str:
    return f"{event.title}: {entry.name}" if entry.name else event.title


def _description(event: Event) -> str:
    return "\n".join(text for text in (event.tagline, event.venue_note, _page(event)) if text)


def _page(event: Event) -> str:
    return absolute_url("events.show_event", slug=event.slug)
