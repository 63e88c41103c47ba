"""What an order's mails say: receipt, tickets, bad news, in the buyer's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import force_locale, gettext

from webapp.documents.calendar import order_calendar, order_cancellation
from webapp.documents.mail_message import render_mail
from webapp.documents.order_sheets import order_pdf
from webapp.documents.signed_links import order_link
from webapp.domain import add_ons, emails, mail_facts, order_lookups
from webapp.formats import event_time_text, money_text, place_text
from webapp.links import absolute_url
from webapp.models import EmailMessage, Order, OrderStatus, TierKind
from webapp.ports import Attachment, MailMessage

# A bigger one is only linked: not every mailbox takes it.
LARGEST_ATTACHMENT_BYTES = 5_000_000
# After these, what is in the buyer's calendar may be wrong.
_ABOUT_REFUNDS = frozenset({emails.ORDER_REFUNDED, emails.ORDER_PARTIALLY_REFUNDED})


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of the receipt, ready to print."""

    text: str
    amount: str


@dataclass(frozen=True, slots=True)
class OrderLink:
    """One order of an address: what it is for, and the link that opens it."""

    title: str
    when: str
    number: str
    url: str


def compose_mail(email: EmailMessage) -> MailMessage | None:
    """The message of ``email``. Reads the order; needs an application context.

    None for the confirmation of an order that was refunded, or cancelled by a person,
    before it went out: a mail that says so follows, and tickets that open nothing are no use.
    """
    if email.order_id is None:
        raise ValueError(f"mail {email.id} is about no order")
    order = mail_facts.get_order_for_mail(order_id=email.order_id)
    is_over = order.status in {OrderStatus.REFUNDED, OrderStatus.CANCELLED}
    if email.kind == emails.ORDER_CONFIRMATION and is_over:
        return None
    with force_locale(order.locale):
        return render_mail(
            email,
            _context(order, email=email),
            attachments=_attachments(email, order),
            tags={"order": order.number},
        )


def _context(order: Order, *, email: EmailMessage) -> dict[str, object]:
    refunded_cents = mail_facts.refunded_cents(
        order_id=order.id, kind=email.kind, sequence=email.sequence
    )
    first_order = add_ons.find_first_order(order=order)
    return {
        "order": order,
        "event": order.event,
        "when": event_time_text(order.event, locale=order.locale),
        "where": place_text(order.event),
        "lines": _receipt_lines(order),
        "total": _money(order.total_cents, order),
        "refunded": _refunded(refunded_cents, order),
        "has_tickets": any(item.kind is TierKind.TICKET for item in order.items),
        "first_number": first_order.number if first_order else "",
        "tickets_url": order_link(order),
        "wallet_url": absolute_url("wallet.show_wallet"),
        "order_links": _order_links(order, email=email),
        "event_url": absolute_url("events.show_event", slug=order.event.slug),
    }


def _order_links(order: Order, *, email: EmailMessage) -> list[OrderLink]:
    """Every order of the recipient, for the mail that somebody asked for who lost the others."""
    if email.kind != emails.ORDER_LINKS:
        return []
    return [
        OrderLink(
            title=each.event.title,
            when=event_time_text(each.event, locale=order.locale),
            number=each.number,
            url=order_link(each),
        )
        for each in order_lookups.list_orders_of(email=email.recipient, now=email.created_at)
    ]


def _receipt_lines(order: Order) -> list[ReceiptLine]:
    """Items, then what is added and taken off, as the buyer saw it before paying."""
    lines = [
        ReceiptLine(f"{item.quantity} × {item.name}", _money(item.subtotal_cents, order))  # noqa: RUF001 - a times sign
        for item in order.items
    ]
    extras: Sequence[tuple[str, int]] = (
        (gettext("Discount"), -order.discount_cents),
        (gettext("Fees"), order.fees_cents),
        (gettext("Tax"), order.tax_cents),
    )
    return lines + [ReceiptLine(text, _money(cents, order)) for text, cents in extras if cents]


def _attachments(email: EmailMessage, order: Order) -> list[Attachment]:
    if email.kind == emails.ORDER_CONFIRMATION:
        files = [
            _file(order, "pdf", order_pdf(order), "application/pdf"),
            _file(order, "ics", order_calendar(order), "text/calendar"),
        ]
    elif email.kind in _ABOUT_REFUNDS:
        files = [_file(order, "ics", order_cancellation(order), "text/calendar")]
    else:
        files = []
    return [file for file in files if file and len(file.content) < LARGEST_ATTACHMENT_BYTES]


def _file(order: Order, ending: str, content: bytes | None, kind: str) -> Attachment | None:
    return Attachment(f"{order.number}.{ending}", content, kind) if content else None


def _refunded(amount_cents: int, order: Order) -> str:
    if not amount_cents:
        return ""
    currency = mail_facts.taken_currency(order=order)
    return money_text(amount_cents, currency=currency, locale=order.locale)


def _money(amount_cents: int, order: Order) -> str:
    return money_text(amount_cents, currency=order.currency, locale=order.locale)
