"""Notices of a gateway: stored as they came, then a hint to look."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.database import db, table_of
from webapp.domain import outbox
from webapp.domain.payments import AttemptRef
from webapp.models import Order, Payment, WebhookEvent
from webapp.ports import Notice

# Built once: they run for every notice.
_events = table_of(WebhookEvent)
_KEEP = (
    insert(_events)
    .on_conflict_do_nothing(index_elements=["provider", "event_id"])
    .returning(_events.c.id)
)
_FIND = select(WebhookEvent).where(WebhookEvent.id == bindparam("webhook_event_id"))
_ORDER_OF_SESSION = (
    select(Payment.order_id).where(Payment.session_id == bindparam("session_id")).limit(1)
)
_ORDER_OF_PAYMENT = (
    select(Payment.order_id).where(Payment.provider_payment_id == bindparam("payment_id")).limit(1)
)
_MARK_PROCESSED = (
    update(_events)
    .where(_events.c.id == bindparam("webhook_event_id"), _events.c.processed_at.is_(None))
    .values(processed_at=bindparam("now"))
)


def record_notice(*, provider: str, notice: Notice, now: datetime, trace_id: str) -> bool:
    """Keep one verified notice and make it due; False when it was here before.

    The unique (provider, event id) decides, not a look first: two deliveries
    at the same moment leave one row and one piece of work. The work carries the trace id
    of the purchase; a notice that names none keeps ``trace_id``, its delivery's.
    """
    event = {
        "provider": provider,
        "event_id": notice.event_id,
        "type": notice.type,
        "object_id": notice.object_id or "",
        "livemode": notice.livemode,
        "concerns_order": notice.concerns_order,
        "says_paid": notice.says_paid,
        "session_id": notice.session_id or "",
        "payment_id": notice.payment_id or "",
        "order_number": notice.order_number or "",
        "payload": dict(notice.payload),
        "received_at": now,
    }
    webhook_event_id = db.session.scalar(_KEEP, event)
    if webhook_event_id is None:
        return False
    outbox.add_work(
        kind=outbox.PROCESS_WEBHOOK_EVENT,
        subject_id=webhook_event_id,
        key=str(webhook_event_id),
        now=now,
        trace_id=notice.trace_id or trace_id,
    )
    return True


def get_webhook_event(*, webhook_event_id: int) -> WebhookEvent:
    """The stored notice."""
    return db.session.scalars(_FIND, {"webhook_event_id": webhook_event_id}).one()


def find_order_id(event: WebhookEvent) -> int | None:
    """The order that a notice is about, as far as its own text and our rows tell."""
    found = None
    if event.session_id:
        found = find_order_id_of_session(session_id=event.session_id)
    if found is None and event.payment_id:
        found = db.session.scalar(_ORDER_OF_PAYMENT, {"payment_id": event.payment_id})
    if found is None and event.order_number:
        query = select(Order.id).where(Order.number == event.order_number)
        found = db.session.scalars(query).one_or_none()
    return found


def is_noted_success(event: WebhookEvent, attempts: Sequence[AttemptRef]) -> bool:
    """Whether the notice only says that money came which has had its effect already.

    Never true of another type: that may be the first word of a refund, a
    dispute or a failure, and somebody has to look.
    """
    return event.says_paid and any(
        attempt.has_succeeded
        and event.object_id in {attempt.session_id, attempt.provider_payment_id}
        for attempt in attempts
    )


def find_order_id_of_session(*, session_id: str) -> int | None:
    """The order that a gateway session belongs to."""
    return db.session.scalar(_ORDER_OF_SESSION, {"session_id": session_id})


def mark_processed(*, webhook_event_id: int, now: datetime) -> None:
    """The notice has had its effect; a repeat keeps the first moment."""
    db.session.execute(_MARK_PROCESSED, {"webhook_event_id": webhook_event_id, "now": now})
