"""Giving money back: ask once per key, then follow what the gateway says."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from webapp import failpoints
from webapp.domain import payment_locks, refunds
from webapp.flows.endings import Finish, nothing_to_finish
from webapp.models import RefundStatus
from webapp.ports import Ports, RefundSighting
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

log = logging.getLogger(__name__)

# The gateway may forget a key after a day: asked anew under it, it would refuse what it
# has done, or do it twice.
KEY_KEPT_FOR = timedelta(hours=23)


def run_refund(*, refund_id: int, ports: Ports, finish: Finish = nothing_to_finish) -> None:
    """Make the gateway give the money back, however often this runs.

    The key names our refund row, so a repeat after a lost answer finds the
    refund that was made. A key is remembered for a day at least; an older row
    is looked for among the payment's refunds before anything is asked again.
    Raises :class:`GatewayUnavailable` or :class:`GatewayRefused`.
    """
    with transaction():
        refund = refunds.get_refund(refund_id=refund_id)
        if refund.status not in {RefundStatus.REQUESTED, RefundStatus.PENDING}:
            finish()
            return
        order_id, provider_payment_id = refund.order_id, refund.payment.provider_payment_id
        is_asked = refund.provider_refund_id is not None
        amount_cents, key = refund.amount_cents, refund.idempotency_key
        is_key_known = ports.utc_now() < refund.created_at + KEY_KEPT_FOR
    if provider_payment_id is None:
        raise RuntimeError(f"refund {refund_id} belongs to a payment that took no money")
    if not is_asked and not is_key_known:
        is_asked = _find_made(refund_id, order_id, provider_payment_id, ports=ports)
    if not is_asked:
        sighting = ports.payments.refund_payment(
            payment_id=provider_payment_id, amount_cents=amount_cents, idempotency_key=key
        )
        failpoints.reach("refund.after_call")
        with transaction():
            refunds.note_requested_refund(refund_id=refund_id, sighting=sighting)
    sightings = ports.payments.list_refunds(provider_payment_id)
    with transaction():
        payment_locks.lock_checkout_and_order(order_id=order_id)
        follow_refunds(order_id=order_id, sightings=sightings, now=ports.utc_now())
        finish()


def _find_made(refund_id: int, order_id: int, provider_payment_id: str, *, ports: Ports) -> bool:
    """Whether the gateway made the refund, as far as its list tells; it is ours from then on."""
    sightings = ports.payments.list_refunds(provider_payment_id)
    with transaction():
        payment_locks.lock_checkout_and_order(order_id=order_id)
        follow_refunds(order_id=order_id, sightings=sightings, now=ports.utc_now())
        return refunds.get_refund(refund_id=refund_id).provider_refund_id is not None


def follow_refunds(*, order_id: int, sightings: Sequence[RefundSighting], now: datetime) -> None:
    """Apply what the gateway says of an order's refunds, and warn when one has failed.

    Within the caller's transaction, which holds the locks of checkout and order.
    """
    number = refunds.apply_refunds(
        order_id=order_id, sightings=sightings, now=now, trace_id=current_trace_id()
    )
    if number is not None:
        log.warning("refund failed", extra={"order_number": number})
