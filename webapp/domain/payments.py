"""Attempts to pay: opened, seen at the gateway, applied to the order once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, select, update

from webapp.database import db
from webapp.domain import checkout_closing, emails, holds, outbox, settlement
from webapp.domain.payment_case import PaymentCase
from webapp.domain.payment_locks import lock_checkout_and_order, lock_payment, lock_payments
from webapp.domain.withdrawals import end_withdrawn
from webapp.models import (
    LIVE_PAYMENT_STATUSES,
    Checkout,
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
    Refund,
)
from webapp.ports import PaymentSighting

# A hosted session may live 30 minutes at least; exactly 30 fails when clocks differ.
SESSION_LIFETIME = timedelta(minutes=31)
# Seats stay guarded a little longer than the session: the last second's
# payment has to reach us first.
SESSION_GRACE = timedelta(minutes=5)
# How often an open attempt that nobody asks about is looked at.
CHECK_INTERVAL = timedelta(minutes=2)

# Built once: every order runs them.
_LIVE = select(Payment).where(
    Payment.order_id == bindparam("order_id"), Payment.status.in_(LIVE_PAYMENT_STATUSES)
)
_LIVE_OF_CHECKOUT = (
    select(Payment.id)
    .join(Order, Order.id == Payment.order_id)
    .where(Order.checkout_id == bindparam("checkout_id"), Payment.status.in_(LIVE_PAYMENT_STATUSES))
)
_ATTEMPTS_OF_CHECKOUT = (
    select(func.count())
    .select_from(Payment)
    .join(Order, Order.id == Payment.order_id)
    .where(Order.checkout_id == bindparam("checkout_id"))
)
_LAST_ATTEMPT = select(func.coalesce(func.max(Payment.attempt), 0)).where(
    Payment.order_id == bindparam("order_id")
)
_ATTEMPTS = (
    select(
        Payment.session_id,
        Payment.provider_payment_id,
        Payment.status,
        Payment.expires_at,
        exists().where(Refund.payment_id == Payment.id).label("has_refunds"),
    )
    .where(Payment.order_id == bindparam("order_id"), Payment.session_id.is_not(None))
    .order_by(Payment.attempt)
)


@dataclass(frozen=True, slots=True)
class AttemptRef:
    """What a look at the gateway needs to know of one attempt."""

    session_id: str
    provider_payment_id: str | None
    is_overdue: bool
    has_succeeded: bool
    has_refunds: bool


def find_live_payment(*, order_id: int) -> Payment | None:
    """The attempt that the gateway may still take money for; there is at most one."""
    return db.session.scalars(_LIVE, {"order_id": order_id}).one_or_none()


def has_live_payment(*, checkout_id: int) -> bool:
    """Whether the gateway may still take money for the checkout's order, if it has one."""
    return db.session.scalars(_LIVE_OF_CHECKOUT, {"checkout_id": checkout_id}).first() is not None


def has_open_page(*, checkout_id: int) -> bool:
    """Whether a payment page is open for the checkout, and no money on its way."""
    query = _LIVE_OF_CHECKOUT.where(Payment.status != PaymentStatus.PROCESSING)
    return db.session.scalars(query, {"checkout_id": checkout_id}).first() is not None


def count_attempts(*, checkout_id: int) -> int:
    """How often somebody went to pay for the checkout, however that ended."""
    return int(db.session.scalar(_ATTEMPTS_OF_CHECKOUT, {"checkout_id": checkout_id}) or 0)


def open_attempt(*, order: Order, checkout: Checkout, provider: str, now: datetime) -> Payment:
    """Save a new attempt and guard its seats before the gateway hears of it.

    The caller holds the locks of checkout and order, and has seen that no
    attempt is live (the database refuses a second one). Raises
    :class:`InsufficientInventory` when a lapsed seat is gone.
    """
    last = db.session.scalar(_LAST_ATTEMPT, {"order_id": order.id})
    attempt = int(last or 0) + 1
    payment = Payment(
        order_id=order.id,
        attempt=attempt,
        provider=provider,
        status=PaymentStatus.CREATED,
        amount_cents=order.total_cents,
        currency=order.currency,
        idempotency_key=f"order-{order.number}-{attempt}",
        expires_at=now + SESSION_LIFETIME,
        created_at=now,
    )
    db.session.add(payment)
    holds.guard_holds_for_payment(
        checkout=checkout, until=payment.expires_at + SESSION_GRACE, now=now
    )
    return payment


def note_session(*, payment_id: int, sighting: PaymentSighting, now: datetime) -> bool:
    """Keep the session's id before the buyer is sent there. Safe to repeat.

    False when the attempt was given up meanwhile: nobody may be sent there.
    """
    payment = lock_payment(payment_id)
    if payment.session_id is None:
        payment.session_id = sighting.session_id
        payment.session_url = sighting.url
        payment.checked_at = now
    if payment.status is PaymentStatus.CREATED:
        payment.status = PaymentStatus.OPEN
    return payment.status in LIVE_PAYMENT_STATUSES


def list_attempts(*, order_id: int, now: datetime) -> list[AttemptRef]:
    """The order's attempts that have a session, to be looked up at the gateway."""
    return [
        AttemptRef(
            session_id=payment.session_id or "",
            provider_payment_id=payment.provider_payment_id,
            is_overdue=payment.status in LIVE_PAYMENT_STATUSES and payment.expires_at <= now,
            has_succeeded=payment.status is PaymentStatus.SUCCEEDED,
            has_refunds=payment.has_refunds,
        )
        for payment in db.session.execute(_ATTEMPTS, {"order_id": order_id})
    ]


def sync_payment(
    *,
    order_id: int,
    sightings: Sequence[PaymentSighting],
    livemode: bool,
    now: datetime,
) -> None:
    """Bring the order up to what the gateway says; the one way money enters.

    Idempotent and row-locked: the webhook job, the return page and the
    reconciler all call it, in any order and at once. Locks checkout, order,
    payments, holds, pools in that order. An attempt that never got a session
    is closed once its time is over.
    """
    checkout, order = lock_checkout_and_order(order_id=order_id)
    locked = lock_payments(order_id)
    for unborn in locked:
        if unborn.status is PaymentStatus.CREATED:
            unborn.checked_at = now
    by_session = {payment.session_id: payment for payment in locked}
    for sighting in sightings:
        payment = by_session.get(sighting.session_id)
        if payment is None:
            continue
        payment.checked_at = now
        case = PaymentCase(checkout, order, payment, sighting, livemode, now)
        if sighting.status == "complete":
            _apply_complete(case)
        elif sighting.status == "expired" and payment.status in LIVE_PAYMENT_STATUSES:
            end_expired(payment, checkout=checkout, order=order, now=now)
    _close_unborn(locked, checkout=checkout, now=now)


def note_refused_look(*, order_id: int, now: datetime) -> None:
    """Note that the gateway was asked about the order's live attempts, and would not tell."""
    live = Payment.status.in_(LIVE_PAYMENT_STATUSES)
    db.session.execute(
        update(Payment)
        .where(Payment.order_id == order_id, live)
        .values(checked_at=now)
        .execution_options(synchronize_session=False)
    )


def list_overdue_orders(*, now: datetime, limit: int) -> list[int]:
    """Orders with an open attempt that is past its end, or a live one not looked at for a while.

    Without those whose look waits, runs or was given up on: they must not stand in
    the way of the others.
    """
    query = (
        select(Payment.order_id)
        .where(
            Payment.status.in_(LIVE_PAYMENT_STATUSES),
            # A bank may confirm for days: it is asked about as rarely after the end as before.
            ((Payment.expires_at <= now) & (Payment.status != PaymentStatus.PROCESSING))
            | (func.coalesce(Payment.checked_at, Payment.created_at) <= now - CHECK_INTERVAL),
            ~outbox.has_open_work(outbox.SYNC_PAYMENT, Payment.order_id),
        )
        .order_by(func.coalesce(Payment.checked_at, Payment.created_at))
        .limit(limit)
    )
    return list(db.session.scalars(query))


def _close_unborn(locked: Sequence[Payment], *, checkout: Checkout, now: datetime) -> None:
    """Release what waits for a session that nobody was ever sent to.

    An attempt without a session id past its end and its grace: whatever the
    gateway may have made is expired by now, and its address was lost with the
    process that asked for it.
    """
    for payment in locked:
        is_unborn = payment.status is PaymentStatus.CREATED and payment.session_id is None
        if is_unborn and payment.expires_at + SESSION_GRACE <= now:
            payment.status = PaymentStatus.EXPIRED
            checkout_closing.expire_checkout(checkout=checkout, now=now, trace_id=checkout.trace_id)


def _apply_complete(case: PaymentCase) -> None:
    sighting, payment = case.sighting, case.payment
    if sighting.payment_status in {"paid", "no_payment_required"}:
        settlement.settle_payment(case)
        if sighting.disputed and case.order.disputed_at is None:
            case.order.disputed_at = case.now
    elif sighting.payment_failed:
        _apply_failed(case)
    elif payment.status in LIVE_PAYMENT_STATUSES:
        payment.status = PaymentStatus.PROCESSING
        payment.provider_payment_id = sighting.payment_id
        if case.order.status is OrderStatus.PENDING:
            case.move_order(OrderStatus.PROCESSING)


def _apply_failed(case: PaymentCase) -> None:
    """A delayed method ended without money: nothing more can be paid in this session."""
    if case.payment.status not in LIVE_PAYMENT_STATUSES:
        return
    case.payment.status = PaymentStatus.FAILED
    if case.order.status in {OrderStatus.PENDING, OrderStatus.PROCESSING}:
        case.move_order(OrderStatus.FAILED)
        checkout_closing.expire_checkout(
            checkout=case.checkout, now=case.now, trace_id=case.trace_id
        )
        emails.queue_email(
            order_id=case.order.id,
            kind=emails.PAYMENT_FAILED,
            now=case.now,
            trace_id=case.trace_id,
        )


def end_expired(payment: Payment, *, checkout: Checkout, order: Order, now: datetime) -> None:
    """End a locked attempt whose seats can no longer be paid for: they go back on sale.

    Not when the buyer withdrew the attempt: the basket is still theirs.
    """
    if payment.withdrawn_at is not None and order.status is OrderStatus.PENDING:
        end_withdrawn(payment, checkout=checkout, order=order, now=now)
        return
    payment.status = PaymentStatus.EXPIRED
    if order.status is OrderStatus.PENDING:
        checkout_closing.expire_checkout(checkout=checkout, now=now, trace_id=order.trace_id)
