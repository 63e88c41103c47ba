"""Money that goes back: asked for once, followed until it is settled."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func, select

from webapp.database import db
from webapp.domain import (
    audit,
    emails,
    holds,
    money_back,
    orders,
    outbox,
    voiding,
)
from webapp.models import (
    NEXT_STATUSES,
    Order,
    OrderStatus,
    OrderTransition,
    Payment,
    Refund,
    RefundStatus,
)
from webapp.ports import RefundSighting

LATE_PAYMENT = "late_payment"
DUPLICATE_PAYMENT = money_back.DUPLICATE_PAYMENT
# Asked for by staff at the gateway, seen there by us.
AT_GATEWAY = "at_gateway"

# Reasons that the buyer hears of as soon as the gateway has accepted the refund.
_APOLOGIES = {
    LATE_PAYMENT: emails.LATE_PAYMENT_REFUNDED,
    DUPLICATE_PAYMENT: emails.DUPLICATE_PAYMENT_REFUNDED,
}
# How far a refund has come. A settled one may still fail at the buyer's bank; a failed
# one stays so.
_STEPS = {
    RefundStatus.REQUESTED: 0,
    RefundStatus.PENDING: 1,
    RefundStatus.SUCCEEDED: 2,
    RefundStatus.FAILED: 3,
    RefundStatus.CANCELED: 3,
}


def request_refund(
    *,
    payment: Payment,
    reason: str,
    now: datetime,
    trace_id: str,
    amount_cents: int | None = None,
    round_no: int = 1,
) -> Refund:
    """Make the refund of a captured payment due, with the caller's transaction.

    All of it, unless an amount says that a part is back. The key is the payment's
    own with the reason: however often this is asked for, the gateway gives the
    money back once in each round, of which there is another only after a failure.
    """
    key = f"refund-{reason}-{payment.idempotency_key}"
    refund = Refund(
        order_id=payment.order_id,
        payment_id=payment.id,
        amount_cents=payment.taken_cents if amount_cents is None else amount_cents,
        reason=reason,
        status=RefundStatus.REQUESTED,
        idempotency_key=key if round_no == 1 else f"{key}-{round_no}",
        created_at=now,
    )
    db.session.add(refund)
    db.session.flush()
    outbox.add_work(
        kind=outbox.RUN_REFUND,
        subject_id=refund.id,
        key=str(refund.id),
        now=now,
        trace_id=trace_id,
    )
    return refund


def get_refund(*, refund_id: int) -> Refund:
    """The refund with its payment."""
    return db.session.scalars(select(Refund).where(Refund.id == refund_id)).one()


def note_requested_refund(*, refund_id: int, sighting: RefundSighting) -> None:
    """Tie our row to the gateway's refund; the status follows by :func:`apply_refunds`."""
    refund = db.session.scalars(
        select(Refund).where(Refund.id == refund_id).with_for_update()
    ).one()
    refund.provider_refund_id = sighting.refund_id


def apply_refunds(
    *,
    order_id: int,
    sightings: Sequence[RefundSighting],
    now: datetime,
    trace_id: str,
) -> str | None:
    """Bring the order's refunds up to what the gateway says. Safe to repeat.

    Refunds that staff made at the gateway become rows of their own. The caller
    holds the locks of checkout and order (:func:`lock_checkout_and_order`).
    The order's number when a refund of it turned out to have failed: somebody
    has to hear of it, once. None otherwise.
    """
    order = orders.lock_order(order_id=order_id)
    payments = {
        payment.provider_payment_id: payment
        for payment in db.session.scalars(select(Payment).where(Payment.order_id == order_id))
    }
    rows = db.session.scalars(
        select(Refund)
        .where(Refund.order_id == order_id)
        .with_for_update(of=Refund)
        .execution_options(populate_existing=True)
    ).all()
    known = {refund.provider_refund_id: refund for refund in rows if refund.provider_refund_id}
    unanswered = [
        refund
        for refund in rows
        if not refund.provider_refund_id and refund.status in money_back.OPEN_STATUSES
    ]
    has_failed = False
    succeeded = []
    for sighting in sightings:
        payment = payments.get(sighting.payment_id)
        if payment is None:
            continue
        refund = (
            known.get(sighting.refund_id)
            or _recognise(unanswered, payment, sighting)
            or _adopt(payment, sighting, now=now)
        )
        if not _apply(refund, sighting, now=now, trace_id=trace_id):
            continue
        has_failed |= refund.status in money_back.LOST_STATUSES
        if refund.status is RefundStatus.SUCCEEDED and refund.reason == AT_GATEWAY:
            succeeded.append(refund.id)
    db.session.flush()
    _conclude(order, now=now, trace_id=trace_id)
    if order.status is OrderStatus.PARTIALLY_REFUNDED:
        _tell_of_parts(order, succeeded, now=now, trace_id=trace_id)
    return order.number if has_failed else None


def _recognise(
    unanswered: list[Refund], payment: Payment, sighting: RefundSighting
) -> Refund | None:
    """The refund of ours that this is: made before its answer, or we, got lost."""
    for refund in unanswered:
        if (refund.payment_id, refund.amount_cents) == (payment.id, sighting.amount_cents):
            unanswered.remove(refund)
            refund.provider_refund_id = sighting.refund_id
            return refund
    return None


def _adopt(payment: Payment, sighting: RefundSighting, *, now: datetime) -> Refund:
    """A refund that we did not ask for: somebody used the gateway's own pages."""
    refund = Refund(
        order_id=payment.order_id,
        payment_id=payment.id,
        amount_cents=sighting.amount_cents,
        reason=AT_GATEWAY,
        status=RefundStatus.REQUESTED,
        idempotency_key=f"gateway-{sighting.refund_id}",
        provider_refund_id=sighting.refund_id,
        created_at=now,
    )
    db.session.add(refund)
    return refund


def _apply(refund: Refund, sighting: RefundSighting, *, now: datetime, trace_id: str) -> bool:
    """Follow one refund forwards, never back; say whether it came to another end just now."""
    status = RefundStatus(sighting.status)
    if _STEPS[status] < _STEPS[refund.status]:
        # Seen before what we know already: two looks crossed.
        return False
    has_changed = refund.status is not status
    if has_changed:
        refund.status = status
        refund.settled_at = None if status in money_back.OPEN_STATUSES else now
    kind = _APOLOGIES.get(refund.reason)
    if kind and status in money_back.ACCEPTED_STATUSES:
        emails.queue_email(order_id=refund.order_id, kind=kind, now=now, trace_id=trace_id)
    has_ended = has_changed and status not in money_back.OPEN_STATUSES
    if has_ended:
        db.session.flush()
        audit.note(
            subject="refund",
            subject_id=refund.id,
            action="succeeded" if status is RefundStatus.SUCCEEDED else "failed",
            actor="gateway",
            details={
                "status": status.value,
                "amount_cents": refund.amount_cents,
                "reason": refund.reason,
            },
            now=now,
            trace_id=trace_id,
        )
    return has_ended


def _tell_of_parts(
    order: Order, refund_ids: Sequence[int], *, now: datetime, trace_id: str
) -> None:
    """One mail for each part of the money that staff gave back: an amount ends no ticket."""
    every_id = db.session.scalars(
        select(Refund.id).where(Refund.order_id == order.id).order_by(Refund.id)
    ).all()
    for number, refund_id in enumerate(every_id, start=1):
        if refund_id in refund_ids:
            emails.queue_email(
                order_id=order.id,
                kind=emails.ORDER_PARTIALLY_REFUNDED,
                sequence=number,
                now=now,
                trace_id=trace_id,
            )


def _conclude(order: Order, *, now: datetime, trace_id: str) -> None:
    """Move the order when its money is back, or has not come back as it should have."""
    is_lost = money_back.is_refund_lost(order=order)
    if is_lost and OrderStatus.NEEDS_REVIEW in NEXT_STATUSES[order.status]:
        orders.move_order(
            order,
            OrderStatus.NEEDS_REVIEW,
            actor="gateway",
            reason=money_back.REFUND_FAILED,
            now=now,
            trace_id=trace_id,
        )
    captured = money_back.captured_cents(order_id=order.id)
    returned = money_back.returned_cents(order_id=order.id)
    if captured == 0 or returned == 0 or order.status is OrderStatus.REFUNDED:
        return
    kept = captured - returned
    if kept <= 0:
        _conclude_refunded(order, is_second_try=is_lost, now=now, trace_id=trace_id)
    elif order.status is OrderStatus.PAID and kept < money_back.price_taken_cents(order=order):
        orders.move_order(
            order, OrderStatus.PARTIALLY_REFUNDED, actor="gateway", now=now, trace_id=trace_id
        )


def _conclude_refunded(order: Order, *, is_second_try: bool, now: datetime, trace_id: str) -> None:
    """All money is back: the tickets end, and the buyer hears of it."""
    was_paid = order.is_paid_for
    was_reviewed = _was_reviewed(order)
    orders.move_order(order, OrderStatus.REFUNDED, actor="gateway", now=now, trace_id=trace_id)
    voiding.void_tickets(order, now=now, trace_id=trace_id)
    holds.release_holds(checkout_ids=[order.checkout_id])
    if was_paid or was_reviewed or is_second_try:
        emails.queue_email(
            order_id=order.id,
            kind=emails.ORDER_REFUNDED,
            sequence=_count_refunded(order),
            now=now,
            trace_id=trace_id,
        )


def _was_reviewed(order: Order) -> bool:
    """Whether a person had to look at it: the buyer was told that we would write."""
    query = select(
        exists().where(
            OrderTransition.order_id == order.id,
            OrderTransition.to_status == OrderStatus.NEEDS_REVIEW.value,
        )
    )
    return bool(db.session.scalar(query))


def _count_refunded(order: Order) -> int:
    """How often the order became refunded: more than once when a refund had failed."""
    db.session.flush()
    query = select(func.count()).where(
        OrderTransition.order_id == order.id,
        OrderTransition.to_status == OrderStatus.REFUNDED.value,
    )
    return int(db.session.scalar(query) or 0)
