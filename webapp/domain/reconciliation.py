"""What a lost notice, a lost ring or a killed process left behind, found by its rows."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, delete, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.database import db
from webapp.domain import emails, idempotency, order_lookups, outbox, payments, push_messages
from webapp.models import (
    EmailMessage,
    IdempotencyKey,
    Order,
    OrderLookup,
    OrderStatus,
    Outbox,
    OutboxStatus,
    PushMessage,
    Refund,
    RefundStatus,
)

# Work in progress is left alone for a moment.
SETTLING = timedelta(seconds=30)
# How often a refund that the gateway has yet to settle is looked at.
REFUND_CHECK = timedelta(minutes=10)
# A settled refund may still fail at the buyer's bank: how long it is looked after, how often.
REFUND_WATCH = timedelta(days=10)
REFUND_WATCH_CHECK = timedelta(hours=6)
DONE_WORK_LIFETIME = timedelta(days=14)


def add_overdue_payments(*, now: datetime, limit: int) -> int:
    """Make a look at the gateway due for attempts that ended or were long not looked at."""
    order_ids = payments.list_overdue_orders(now=now, limit=limit)
    return _make_orders_due(outbox.SYNC_PAYMENT, order_ids, now=now)


def add_unissued_orders(*, now: datetime, limit: int) -> int:
    """Make the issuing of tickets due for orders that were paid and got none."""
    query = (
        select(Order.id)
        .where(
            Order.status == OrderStatus.PAID,
            Order.fulfilled_at.is_(None),
            Order.paid_at <= now - SETTLING,
            ~outbox.has_open_work(outbox.ISSUE_TICKETS, Order.id),
        )
        .order_by(Order.id)
        .limit(limit)
    )
    order_ids = db.session.scalars(query).all()
    return _make_orders_due(outbox.ISSUE_TICKETS, order_ids, now=now)


def add_unmailed_orders(*, now: datetime, limit: int) -> int:
    """Write the confirmation of orders that have tickets and no such mail."""
    is_written = exists().where(
        EmailMessage.order_id == Order.id, EmailMessage.kind == emails.ORDER_CONFIRMATION
    )
    query = (
        select(Order.id, Order.trace_id)
        .where(
            Order.status == OrderStatus.PAID,
            Order.fulfilled_at <= now - SETTLING,
            Order.contact_email != "",
            ~is_written,
        )
        .order_by(Order.id)
        .limit(limit)
    )
    unmailed = db.session.execute(query).all()
    for order_id, trace_id in unmailed:
        emails.queue_email(
            order_id=order_id, kind=emails.ORDER_CONFIRMATION, now=now, trace_id=trace_id
        )
    return len(unmailed)


def add_unsettled_refunds(*, now: datetime, limit: int) -> int:
    """Make a look due at refunds whose end the gateway has yet to tell us."""
    is_looked_at = _has_work(outbox.RUN_REFUND, Refund.id, done_after=now - REFUND_CHECK)
    query = (
        select(Refund.id, Order.trace_id)
        .join(Order, Order.id == Refund.order_id)
        .where(
            Refund.status.in_([RefundStatus.REQUESTED, RefundStatus.PENDING]),
            Refund.created_at <= now - SETTLING,
            ~is_looked_at,
        )
        .order_by(Refund.id)
        .limit(limit)
    )
    return _make_due(outbox.RUN_REFUND, db.session.execute(query).all(), now=now)


def add_settled_refunds(*, now: datetime, limit: int) -> int:
    """Make a look due at orders whose money went back lately: it may have come back since."""
    is_looked_at = _has_work(
        outbox.SYNC_PAYMENT, Refund.order_id, done_after=now - REFUND_WATCH_CHECK
    )
    query = (
        select(Refund.order_id)
        .where(
            Refund.status == RefundStatus.SUCCEEDED,
            Refund.settled_at > now - REFUND_WATCH,
            Refund.settled_at <= now - REFUND_CHECK,
            ~is_looked_at,
        )
        .distinct()
        .order_by(Refund.order_id)
        .limit(limit)
    )
    order_ids = db.session.scalars(query).all()
    return _make_orders_due(outbox.SYNC_PAYMENT, order_ids, now=now)


def delete_old_rows(*, now: datetime) -> int:
    """Forget saved answers, finished work and lookups after a while; say how many rows went."""
    old_keys = delete(IdempotencyKey).where(IdempotencyKey.created_at < now - idempotency.KEPT_FOR)
    old_work = delete(Outbox).where(
        Outbox.status == OutboxStatus.DONE, Outbox.done_at < now - DONE_WORK_LIFETIME
    )
    old_lookups = delete(OrderLookup).where(OrderLookup.requested_at < now - order_lookups.KEPT_FOR)
    old_pushes = delete(PushMessage).where(PushMessage.expires_at < now - push_messages.KEPT_FOR)
    return sum(
        len(db.session.execute(statement).all())
        for statement in (
            old_pushes.returning(PushMessage.id),
            old_keys.returning(IdempotencyKey.id),
            old_work.returning(Outbox.id),
            old_lookups.returning(OrderLookup.id),
        )
    )


def _has_work(
    kind: str, subject_id: InstrumentedAttribute[int], *, done_after: datetime
) -> ColumnElement[bool]:
    """Whether work for the row waits, runs or failed, or was done after that moment."""
    return exists().where(
        Outbox.kind == kind,
        Outbox.subject_id == subject_id,
        (Outbox.status != OutboxStatus.DONE) | (Outbox.done_at > done_after),
    )


def _make_orders_due(kind: str, order_ids: Sequence[int], *, now: datetime) -> int:
    query = select(Order.id, Order.trace_id).where(Order.id.in_(order_ids)).order_by(Order.id)
    return _make_due(kind, db.session.execute(query).all(), now=now)


def _make_due(kind: str, subjects: Sequence[Row[int, str]], *, now: datetime) -> int:
    """Each with the trace id of its purchase: that is the one that somebody looks for.

    A sweep has no news: what runs goes on, and what was given up on waits for a person.
    """
    for subject_id, trace_id in subjects:
        outbox.add_work(
            kind=kind,
            subject_id=subject_id,
            key=str(subject_id),
            now=now,
            trace_id=trace_id,
            is_news=False,
        )
    return len(subjects)
