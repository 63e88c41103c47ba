"""Mails about an order: at most one of each kind and sequence, sent once."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.database import db, table_of
from webapp.domain import outbox
from webapp.models import EmailMessage, EmailStatus, Order, Outbox, OutboxStatus
from webapp.models.ledger import UNDER_WAY

ORDER_CONFIRMATION = "order_confirmation"
PAYMENT_FAILED = "payment_failed"
LATE_PAYMENT_REFUNDED = "late_payment_refunded"
DUPLICATE_PAYMENT_REFUNDED = "duplicate_payment_refunded"
ORDER_REFUNDED = "order_refunded"
ORDER_PARTIALLY_REFUNDED = "order_partially_refunded"
ORDER_LINKS = "order_links"
KINDS = (
    ORDER_CONFIRMATION,
    PAYMENT_FAILED,
    LATE_PAYMENT_REFUNDED,
    DUPLICATE_PAYMENT_REFUNDED,
    ORDER_REFUNDED,
    ORDER_PARTIALLY_REFUNDED,
    ORDER_LINKS,
)

# A mail without open work this long after it was written was forgotten.
FORGOTTEN_AFTER = timedelta(minutes=2)

# Built once: every order runs them.
_mails = table_of(EmailMessage)
_WRITE_DOWN = insert(_mails).on_conflict_do_nothing().returning(_mails.c.id)
_CLAIM = (
    update(EmailMessage)
    .where(EmailMessage.id == bindparam("email_message_id"))
    .where(EmailMessage.status.not_in([EmailStatus.SENT, EmailStatus.DROPPED]))
    .values(status=EmailStatus.SENDING)
    .returning(EmailMessage)
    .execution_options(synchronize_session=False, populate_existing=True)
)
_MARK_SENT = (
    update(_mails)
    .where(_mails.c.id == bindparam("email_message_id"), _mails.c.status != EmailStatus.SENT)
    .values(
        status=EmailStatus.SENT,
        provider_message_id=bindparam("provider_id"),
        sent_at=bindparam("now"),
    )
)


def queue_email(
    *,
    order_id: int,
    kind: str,
    now: datetime,
    trace_id: str,
    sequence: int = 1,
    recipient: str = "",
) -> None:
    """Write a mail to the order's contact, or to ``recipient``, down and make it due, once.

    The same order, kind and sequence again is a no-op, and so is an order
    without an address. The idempotency key is the same string at the provider.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind of mail {kind!r}")
    order = db.session.get_one(Order, order_id)
    recipient = recipient or order.contact_email
    if not recipient:
        return
    mail = {
        "order_id": order_id,
        "kind": kind,
        "sequence": sequence,
        "recipient": recipient,
        "idempotency_key": f"{kind}/{order.number}/{sequence}",
        "status": EmailStatus.QUEUED,
        "provider_message_id": "",
        "created_at": now,
    }
    email_id = db.session.scalar(_WRITE_DOWN, mail)
    if email_id is not None:
        make_due(email_id, now=now, trace_id=trace_id)


def make_due(email_id: int, *, now: datetime, trace_id: str) -> None:
    """Make the sending of a mail that was written down due."""
    outbox.add_work(
        kind=outbox.SEND_EMAIL,
        subject_id=email_id,
        key=str(email_id),
        now=now,
        trace_id=trace_id,
    )


def claim_email(*, email_message_id: int) -> EmailMessage | None:
    """Mark the mail as being sent; None when it was sent or dropped already.

    ``sending`` and ``failed`` are claimed again: the key makes a repeat harmless.
    """
    return db.session.scalars(_CLAIM, {"email_message_id": email_message_id}).one_or_none()


def mark_sent(*, email_message_id: int, provider_message_id: str, now: datetime) -> None:
    """Note that the provider has the mail. Safe to repeat."""
    sent = {
        "email_message_id": email_message_id,
        "provider_id": provider_message_id,
        "now": now,
    }
    db.session.execute(_MARK_SENT, sent)


def mark_failed(*, email_message_id: int) -> None:
    """Note that the provider will never take the mail; its work goes to the dead letters."""
    email = _lock(email_message_id)
    if email is not None and email.status is not EmailStatus.SENT:
        email.status = EmailStatus.FAILED


def mark_dropped(*, email_message_id: int) -> None:
    """Note that the mail has nothing to say any more, and never goes out."""
    email = _lock(email_message_id)
    if email is not None and email.status is not EmailStatus.SENT:
        email.status = EmailStatus.DROPPED


def make_forgotten_emails_due(*, now: datetime, trace_id: str, limit: int) -> int:
    """Make the sending of unsent mails due that no open or dead work stands for; say how many.

    ``trace_id`` is for mails that are about no order.
    """
    open_work = exists().where(
        Outbox.kind == outbox.SEND_EMAIL,
        Outbox.subject_id == EmailMessage.id,
        Outbox.status != OutboxStatus.DONE,
    )
    forgotten = (
        select(EmailMessage.id, func.coalesce(Order.trace_id, trace_id))
        .outerjoin(Order, Order.id == EmailMessage.order_id)
        .where(
            EmailMessage.status.in_(UNDER_WAY),
            EmailMessage.created_at <= now - FORGOTTEN_AFTER,
            ~open_work,
        )
        .order_by(EmailMessage.id)
        .limit(limit)
    )
    found = db.session.execute(forgotten).all()
    for email_id, found_trace_id in found:
        make_due(email_id, now=now, trace_id=found_trace_id)
    return len(found)


def _lock(email_message_id: int) -> EmailMessage | None:
    query = (
        select(EmailMessage)
        .where(EmailMessage.id == email_message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).one_or_none()
