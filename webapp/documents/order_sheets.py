"""An order's tickets as a PDF, in the buyer's language."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import force_locale, gettext

from webapp.documents.ticket_sheets import SheetLabels, TicketSheet
from webapp.domain import orders, ticket_texts
from webapp.extensions import key_seal, settings
from webapp.formats import event_time_text, place_text
from webapp.models import Event, Order, Ticket, TicketStatus


def order_pdf(order: Order) -> bytes | None:
    """A page for each ticket of ``order`` that is the buyer's; None when there is none.

    A void ticket gets a page without a code, so that nobody stands at the door
    with one that looks good. One that was given away has none at all.
    """
    tickets = [each for each in orders.list_tickets(order_id=order.id) if not each.is_given]
    if not tickets:
        return None
    texts = ticket_texts.list_ticket_texts(tickets, event=order.event, seal=key_seal())
    with force_locale(order.locale):
        return _print(
            [
                _sheet(
                    ticket,
                    order.event,
                    qr_text=texts[ticket.id],
                    locale=order.locale,
                    order_number=order.number,
                )
                for ticket in tickets
            ],
            title=gettext("Tickets %(number)s", number=order.number),
            made_at=tickets[0].issued_at,
        )


def held_ticket_pdf(ticket: Ticket, *, locale: str) -> bytes:
    """One page for whoever the ticket was given to; the order stays the buyer's business."""
    event = ticket.order.event
    texts = ticket_texts.list_ticket_texts([ticket], event=event, seal=key_seal())
    with force_locale(locale):
        return _print(
            [_sheet(ticket, event, qr_text=texts[ticket.id], locale=locale)],
            title=gettext("Ticket %(serial)s", serial=ticket.serial_number),
            made_at=ticket.issued_at,
        )


def _print(sheets: Sequence[TicketSheet], *, title: str, made_at: datetime) -> bytes:
    # A quarter of a second of every process's start; only those that print pay it, once.
    from webapp.documents.ticket_pdf import tickets_pdf  # noqa: PLC0415

    return tickets_pdf(sheets, title=title, made_at=made_at)


def _sheet(
    ticket: Ticket, event: Event, *, qr_text: str, locale: str, order_number: str = ""
) -> TicketSheet:
    is_void = ticket.status is TicketStatus.VOID
    return TicketSheet(
        event_title=event.title,
        when=event_time_text(event, locale=locale),
        where=place_text(event),
        tier_name=ticket.item.name,
        holder_name=ticket.attendee_name,
        serial_number=ticket.serial_number,
        code=ticket.code,
        qr_text=qr_text,
        order_number=order_number,
        labels=SheetLabels(
            holder=gettext("Name"),
            serial=gettext("Ticket number"),
            order=gettext("Order"),
            void=gettext("This ticket is no longer valid.") if is_void else "",
            hint=gettext("Show this code at the door, on paper or on a screen."),
            seller=gettext("Sold by %(organisation)s", organisation=settings().organisation_name),
        ),
    )
