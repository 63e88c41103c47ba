"""What became of mails at their addresses, as the mail service tells it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.database import db
from webapp.domain import audit
from webapp.models import Delivery, EmailMessage, Order, WebhookEvent
from webapp.models.ledger import UNDELIVERED
from webapp.notice_types import MAIL_NOTICE_TYPES

# A notice may be faster than our own note of the mail's id at the service. After that it
# is about a mail of somebody else with the same account there.
NOTED_WITHIN = timedelta(minutes=10)
# How far each word goes: a mail that was taken may come back later, never the other way.
_STEPS = {
    Delivery.UNKNOWN: 0,
    Delivery.DELIVERED: 1,
    Delivery.COMPLAINED: 2,
    Delivery.FAILED: 3,
    Delivery.SUPPRESSED: 3,
    Delivery.BOUNCED: 3,
}


class UnknownMail(Exception):
    """A notice names a mail whose id we may be about to note: worth another look soon."""


def note_delivery(event: WebhookEvent, *, now: datetime, trace_id: str) -> EmailMessage | None:
    """Note what a stored notice says of one of our mails; the mail, if that was news.

    Safe to repeat, in any order. ``trace_id`` is for mails that are about no order.
    Raises :class:`UnknownMail` while the mail may still turn out to be ours.
    """
    told = MAIL_NOTICE_TYPES.get(event.type)
    if told is None or not event.object_id:
        return None
    delivery = Delivery(told)
    query = (
        select(EmailMessage)
        .where(EmailMessage.provider_message_id == event.object_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    email = db.session.scalars(query).one_or_none()
    if email is None:
        if now < event.received_at + NOTED_WITHIN:
            raise UnknownMail
        return None
    if _STEPS[delivery] <= _STEPS[email.delivery]:
        return None
    email.delivery = delivery
    if delivery is not Delivery.DELIVERED:
        audit.note(
            subject="email_message",
            subject_id=email.id,
            action=delivery.value,
            actor="mail_service",
            details={"kind": email.kind},
            now=now,
            trace_id=_trace_of(email) or trace_id,
        )
    return email


def _trace_of(email: EmailMessage) -> str:
    order = db.session.get(Order, email.order_id) if email.order_id else None
    return order.trace_id if order else ""


def list_undelivered(*, since: datetime) -> Sequence[tuple[EmailMessage, str]]:
    """Mails that did not arrive, the newest first, with their order's number or nothing."""
    query = (
        select(EmailMessage, Order.number)
        .outerjoin(Order, Order.id == EmailMessage.order_id)
        .where(EmailMessage.delivery.in_(UNDELIVERED), EmailMessage.created_at >= since)
        .order_by(EmailMessage.id.desc())
    )
    return [(email, number or "") for email, number in db.session.execute(query)]
