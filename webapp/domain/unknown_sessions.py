"""Attempts whose session the gateway does not know: ended once nobody can have paid on it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select

from webapp.database import db
from webapp.domain import audit, payments
from webapp.domain.payment_locks import lock_checkout_and_order, lock_payments
from webapp.models import LIVE_PAYMENT_STATUSES, Order, Payment, PaymentStatus, WebhookEvent

# A live account forgets no session, so it is most likely asked with the key of another one,
# where somebody may have paid: a person has a day and more to put the right key back.
LIVE_GRACE = timedelta(hours=31)


def close_unknown(*, order_id: int, sessions: Mapping[str, bool], now: datetime) -> bool:
    """End the order's attempts on ``sessions`` that nobody can pay on; whether none is left open.

    A session is given with whether it is a test one, which takes no real money.
    Never ended is an attempt with a trace of money: on its way, named by the
    gateway, or told of by a notice. Money that turns up after all is late money,
    as after any other end. Safe to repeat; locks as :func:`payments.sync_payment`.
    """
    is_settled = True
    checkout, order = lock_checkout_and_order(order_id=order_id)
    for payment in lock_payments(order_id):
        is_test = sessions.get(payment.session_id or "")
        if is_test is None:
            continue
        if payment.status in LIVE_PAYMENT_STATUSES:
            payment.checked_at = now
            if _is_over(payment, is_test=is_test, now=now) and not _may_have_money(payment, order):
                _note(payment, now=now, trace_id=order.trace_id)
                payments.end_expired(payment, checkout=checkout, order=order, now=now)
                continue
        is_settled &= payment.status in {PaymentStatus.EXPIRED, PaymentStatus.FAILED}
    return is_settled


def _is_over(payment: Payment, *, is_test: bool, now: datetime) -> bool:
    grace = payments.SESSION_GRACE + (timedelta(0) if is_test else LIVE_GRACE)
    return payment.expires_at + grace <= now


def _may_have_money(payment: Payment, order: Order) -> bool:
    if payment.status is PaymentStatus.PROCESSING or payment.provider_payment_id is not None:
        return True
    query = select(
        exists().where(
            WebhookEvent.received_at >= payment.created_at,
            WebhookEvent.says_paid,
            or_(
                WebhookEvent.session_id == payment.session_id,
                WebhookEvent.order_number == order.number,
            ),
        )
    )
    return bool(db.session.scalar(query))


def _note(payment: Payment, *, now: datetime, trace_id: str) -> None:
    audit.note(
        subject="payment",
        subject_id=payment.id,
        action="session_unknown",
        actor="system",
        details={
            "attempt": payment.attempt,
            "amount_cents": payment.amount_cents,
            "status": payment.status.value,
        },
        now=now,
        trace_id=trace_id,
    )
