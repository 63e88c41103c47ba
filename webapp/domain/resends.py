"""The confirmation once more, at the buyer's wish: to the address on file, and not too often."""

from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.database import db
from webapp.domain import emails, orders
from webapp.errors import NotFound
from webapp.models import EmailMessage, Order
from webapp.order_refusals import MailJustSent, TooManyMails

# Between two mails with the same content; a provider needs a moment, too.
PAUSE = timedelta(minutes=2)
# The first mail counts.
MOST_MAILS = 6


def can_resend(order: Order) -> bool:
    """Whether there is something to mail again."""
    return order.is_paid_for and order.fulfilled_at is not None and bool(order.contact_email)


def find_confirmation(*, order_id: int) -> EmailMessage | None:
    """The newest confirmation of the order."""
    query = (
        select(EmailMessage)
        .where(
            EmailMessage.order_id == order_id,
            EmailMessage.kind == emails.ORDER_CONFIRMATION,
        )
        .order_by(EmailMessage.sequence.desc())
        .limit(1)
    )
    return db.session.scalars(query).one_or_none()


def resend_confirmation(*, order_id: int, now: datetime, trace_id: str) -> None:
    """Make one more confirmation due. A repeat while one is on its way is a no-op.

    Raises :class:`NotFound` when the order has nothing to mail,
    :class:`MailJustSent` within :data:`PAUSE` of the last one and
    :class:`TooManyMails` after :data:`MOST_MAILS`.
    """
    # The lock makes two clicks one after the other.
    order = orders.lock_order(order_id=order_id)
    if not can_resend(order):
        raise NotFound
    last = find_confirmation(order_id=order.id)
    sequence = 1
    if last is not None:
        if last.is_under_way:
            return
        if last.sequence >= MOST_MAILS:
            raise TooManyMails
        if now < (last.sent_at or last.created_at) + PAUSE:
            raise MailJustSent
        sequence = last.sequence + 1
    emails.queue_email(
        order_id=order.id,
        kind=emails.ORDER_CONFIRMATION,
        sequence=sequence,
        now=now,
        trace_id=trace_id,
    )
