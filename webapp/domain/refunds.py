"""Money that goes back: asked for once, followed until it is settled."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.database import db
from webapp.domain import audit, emails, money_back, orders, outbox, refunded_orders
from webapp.models import Payment, Refund, RefundStatus
from webapp.ports import RefundSighting

# Reasons that the buyer hears of as soon as the gateway has accepted the refund.
_APOLOGIES = {
    money_back.LATE_PAYMENT: emails.LATE_PAYMENT_REFUNDED,
    money_back.DUPLICATE_PAYMENT: emails.DUPLICATE_PAYMENT_REFUNDED,
}
# A key that is older may have been forgotten by the gateway, which would give the money
# back again; it promises a day, and clocks differ.
KEY_LIFETIME = timedelta(hours=23)
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
) -> Refund:
    """Make the refund of a captured payment due, with the caller's transaction.

    All of it: then once for a payment and a reason. Or as much of it as is left, which
    may be due again after it failed. However often the gateway is asked under the key,
    it gives the money back once.
    """
    key = f"refund-{reason}-{payment.idempotency_key}"
    refund = Refund(
        order_id=payment.order_id,
        payment_id=payment.id,
        amount_cents=payment.taken_cents if amount_cents is None else amount_cents,
        reason=reason,
        status=RefundStatus.REQUESTED,
        idempotency_key=key if amount_cents is None else _next_key(payment, reason),
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


def note_outside_refund(*, payment: Payment, amount_cents: int, now: datetime) -> None:
    """Count money that staff sent back another way, after the gateway could not."""
    refund = Refund(
        order_id=payment.order_id,
        payment_id=payment.id,
        amount_cents=amount_cents,
        reason=money_back.OUTSIDE_GATEWAY,
        status=RefundStatus.SUCCEEDED,
        idempotency_key=_next_key(payment, money_back.OUTSIDE_GATEWAY),
        created_at=now,
        settled_at=now,
    )
    db.session.add(refund)


def _next_key(payment: Payment, reason: str) -> str:
    """A key for one more refund of a payment whose rows are locked."""
    query = select(func.count()).where(Refund.payment_id == payment.id, Refund.reason == reason)
    count = int(db.session.scalar(query) or 0)
    return f"refund-{reason}-{payment.idempotency_key}-{count + 1}"


def get_refund(*, refund_id: int) -> Refund:
    """The refund with its payment."""
    return db.session.scalars(select(Refund).where(Refund.id == refund_id)).one()


def may_be_forgotten(refund: Refund, *, now: datetime) -> bool:
    """Whether the gateway may have made the refund and know its key no more."""
    return refund.provider_refund_id is None and now >= refund.created_at + KEY_LIFETIME


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
) -> str | None:
    """Bring the order's refunds up to what the gateway says. Safe to repeat.

    Refunds that staff made at the gateway become rows of their own. The caller
    holds the locks of checkout and order (:func:`lock_checkout_and_order`).
    The order's number when a refund of it turned out to have failed: somebody
    has to hear of it, once. None otherwise.
    """
    order = orders.lock_order(order_id=order_id)
    trace_id = order.trace_id
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
        if refund.status is RefundStatus.SUCCEEDED and refund.reason == money_back.AT_GATEWAY:
            succeeded.append(refund.id)
    db.session.flush()
    refunded_orders.conclude_refunds(order=order, part_ids=succeeded, now=now, trace_id=trace_id)
    return order.number if has_failed else None


def _recognise(
    unanswered: list[Refund], payment: Payment, sighting: RefundSighting
) -> Refund | None:
    """The refund of ours that this is: made before its answer, or we, got lost.

    One without a key was made by staff, in the place of ours if it is for as much.
    """
    for refund in unanswered:
        is_as_much = (refund.payment_id, refund.amount_cents) == (payment.id, sighting.amount_cents)
        if is_as_much and sighting.key in {"", refund.idempotency_key}:
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
        reason=money_back.AT_GATEWAY,
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
