"""Mails about an event to a mailbox that holds its tickets, in the holder's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale, gettext

from webapp.documents.calendar import order_calendar, ticket_calendar
from webapp.documents.mail_message import render_mail
from webapp.documents.signed_links import order_link, ticket_link
from webapp.domain import calendars, holdings, reminders, schedule_changes
from webapp.domain.calendars import CalendarEntry
from webapp.domain.holdings import Holding
from webapp.formats import day_text, place_text, span_text, time_text
from webapp.links import absolute_url
from webapp.models import EmailMessage, Event, EventStatus
from webapp.ports import Attachment, MailMessage

# A season ticket has dozens of dates; the page lists them all.
MOST_DATES = 8


@dataclass(frozen=True, slots=True)
class HeldDate:
    """One date to be there; ``name`` is empty when it is the whole event."""

    name: str
    when: str


@dataclass(frozen=True, slots=True)
class TicketsLink:
    """A link that opens tickets; ``label`` says which, when there are several."""

    label: str
    url: str


def compose_event_mail(email: EmailMessage, *, event_id: int, now: datetime) -> MailMessage | None:
    """The message of ``email`` as things are at ``now``; None when there is nothing to say.

    That is so when the mailbox holds no valid ticket any more, when the event
    was called off, when what it holds has begun, when a later mail says more, and
    when it is too late for a reminder of its kind.
    Needs an application context.
    """
    holding = holdings.find_holding(event_id=event_id, mailbox=email.recipient)
    if email.kind == schedule_changes.SCHEDULE_CHANGED and schedule_changes.is_superseded(email):
        return None
    if holding is None or holding.event.status is not EventStatus.PUBLISHED:
        return None
    entries = [
        entry
        for entry in calendars.list_entries(event=holding.event, tickets=holding.tickets)
        if entry.starts_at > now
    ]
    if not entries:
        return None
    if reminders.is_too_late(kind=email.kind, starts_at=entries[0].starts_at, now=now):
        return None
    with force_locale(holding.locale):
        return render_mail(
            email, _context(holding, entries), attachments=_attachments(email, holding)
        )


def _context(holding: Holding, entries: Sequence[CalendarEntry]) -> dict[str, object]:
    event, locale = holding.event, holding.locale
    first = entries[0].starts_at
    return {
        "event": event,
        "first_day": day_text(first, time_zone=event.time_zone, locale=locale),
        "first_time": time_text(first, time_zone=event.time_zone, locale=locale),
        "dates": [_date(entry, event, locale) for entry in entries[:MOST_DATES]],
        "more_dates": max(0, len(entries) - MOST_DATES),
        "where": place_text(event),
        "ticket_count": len(holding.tickets),
        "links": _links(holding),
        "event_url": absolute_url("events.show_event", slug=event.slug),
    }


def _attachments(email: EmailMessage, holding: Holding) -> list[Attachment]:
    """After a change: the entries that move those which were added to a calendar before."""
    if email.kind != schedule_changes.SCHEDULE_CHANGED:
        return []
    files = [(order.number, order_calendar(order)) for order in holding.orders]
    files += [(ticket.serial_number, ticket_calendar(ticket)) for ticket in holding.given]
    return [
        Attachment(f"{name}.ics", entries, "text/calendar") for name, entries in files if entries
    ]


def _date(entry: CalendarEntry, event: Event, locale: str) -> HeldDate:
    when = span_text(entry.starts_at, entry.ends_at, time_zone=event.time_zone, locale=locale)
    return HeldDate(entry.name, when)


def _links(holding: Holding) -> list[TicketsLink]:
    links = [
        TicketsLink(
            gettext("Order %(number)s", number=order.number),
            order_link(order),
        )
        for order in holding.orders
    ]
    return links + [
        TicketsLink(
            gettext("Ticket %(serial)s", serial=ticket.serial_number),
            ticket_link(ticket),
        )
        for ticket in holding.given
    ]
