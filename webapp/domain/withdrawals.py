"""A buyer who goes on without the open payment: the basket is still theirs."""

from datetime import datetime, timedelta

from webapp.domain import holds
from webapp.domain.payment_locks import lock_checkout_and_order, lock_payments
from webapp.models import (
    LIVE_PAYMENT_STATUSES,
    Checkout,
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
)

# What a buyer who comes back from the gateway has at least.
RETURN_GRACE = timedelta(minutes=5)


def begin_withdrawal(*, order_id: int, now: datetime) -> str | None:
    """Note that the buyer goes on without the open attempt; the session to be closed, if any.

    An attempt that the gateway never answered is dropped at once: nobody was
    sent there. Noted before the gateway is asked, because its own notice that
    the session ended may be here before its answer.
    """
    checkout, order = lock_checkout_and_order(order_id=order_id)
    for payment in lock_payments(order_id):
        if payment.status not in LIVE_PAYMENT_STATUSES:
            continue
        if payment.session_id is not None:
            payment.withdrawn_at = now
            return payment.session_id
        payment.status = PaymentStatus.FAILED
        _unguard(payment, checkout, order, now=now)
    return None


def drop_unborn_attempt(*, order_id: int, now: datetime) -> None:
    """Let a buyer go on whose attempt made no session that anybody was sent to."""
    checkout, order = lock_checkout_and_order(order_id=order_id)
    for payment in lock_payments(order_id):
        if payment.status is PaymentStatus.CREATED:
            payment.status = PaymentStatus.FAILED
            _unguard(payment, checkout, order, now=now)


def withdraw_attempt(*, order_id: int, session_id: str, now: datetime) -> None:
    """The gateway closed the session at our wish: the order waits for another attempt."""
    checkout, order = lock_checkout_and_order(order_id=order_id)
    for payment in lock_payments(order_id):
        if payment.session_id == session_id and payment.status in LIVE_PAYMENT_STATUSES:
            payment.checked_at = now
            end_withdrawn(payment, checkout=checkout, order=order, now=now)


def end_withdrawn(payment: Payment, *, checkout: Checkout, order: Order, now: datetime) -> None:
    """End a withdrawn attempt after the gateway's word; the clock rules the holds again."""
    payment.status = PaymentStatus.EXPIRED
    _unguard(payment, checkout, order, now=now)


def _unguard(payment: Payment, checkout: Checkout, order: Order, *, now: datetime) -> None:
    """Let the clock rule the holds again, but for those of money that a person looks at."""
    if order.status is OrderStatus.PENDING:
        holds.unguard_holds(checkout=checkout, until=_end_after(payment, checkout, now=now))


def _end_after(payment: Payment, checkout: Checkout, *, now: datetime) -> datetime:
    """When a hold ends whose buyer came back: not before a few minutes, nor renewed by it."""
    planned = payment.created_at + timedelta(seconds=checkout.event.hold_seconds)
    return max(min(planned, checkout.hold_limit_at), now + RETURN_GRACE)
