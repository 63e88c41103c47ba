"""Giving money back: ask once per key, then follow what the gateway says."""

import logging
from collections.abc import Sequence
from datetime import datetime

from webapp import failpoints
from webapp.domain import payment_locks, refunds
from webapp.flows.endings import Finish, nothing_to_finish
from webapp.models import RefundStatus
from webapp.ports import GatewayKeyRefused, GatewayRefused, Ports, RefundSighting
from webapp.transaction import transaction

log = logging.getLogger(__name__)


def run_refund(*, refund_id: int, ports: Ports, finish: Finish = nothing_to_finish) -> None:
    """Make the gateway give the money back, however often this runs.

    The key names our refund row, so a repeat after a lost answer finds the
    refund that was made. A key is remembered for a day; an older row is looked for
    among the payment's refunds before anything is asked again.
    Raises :class:`GatewayUnavailable`, or :class:`GatewayRefused` when the gateway
    says no and has not made it.
    """
    with transaction():
        refund = refunds.get_refund(refund_id=refund_id)
        if refund.status not in {RefundStatus.REQUESTED, RefundStatus.PENDING}:
            finish()
            return
        order_id, provider_payment_id = refund.order_id, refund.payment.provider_payment_id
        is_asked = refund.provider_refund_id is not None
        is_old = refunds.may_be_forgotten(refund, now=ports.utc_now())
        amount_cents, key = refund.amount_cents, refund.idempotency_key
    if provider_payment_id is None:
        raise RuntimeError(f"refund {refund_id} belongs to a payment that took no money")
    if is_old:
        is_asked = _was_made(order_id, refund_id, provider_payment_id, ports=ports)
    if not is_asked:
        try:
            sighting = ports.payments.refund_payment(
                payment_id=provider_payment_id, amount_cents=amount_cents, idempotency_key=key
            )
        except GatewayKeyRefused:
            raise
        except GatewayRefused:
            # It may have been made: by staff, or by us with words that the key does not fit now.
            if not _was_made(order_id, refund_id, provider_payment_id, ports=ports, finish=finish):
                raise
            return
        failpoints.reach("refund.after_call")
        with transaction():
            refunds.note_requested_refund(refund_id=refund_id, sighting=sighting)
    sightings = ports.payments.list_refunds(provider_payment_id)
    with transaction():
        _follow(order_id=order_id, sightings=sightings, ports=ports)
        finish()


def follow_refunds(*, order_id: int, sightings: Sequence[RefundSighting], now: datetime) -> None:
    """Apply what the gateway says of an order's refunds, and warn when one has failed.

    Within the caller's transaction, which holds the locks of checkout and order.
    """
    number = refunds.apply_refunds(order_id=order_id, sightings=sightings, now=now)
    if number is not None:
        # Not every order that it concerns can be put under review: this line is for all.
        log.error("refund failed", extra={"order_number": number})


def _follow(*, order_id: int, sightings: Sequence[RefundSighting], ports: Ports) -> None:
    payment_locks.lock_checkout_and_order(order_id=order_id)
    follow_refunds(order_id=order_id, sightings=sightings, now=ports.utc_now())


def _was_made(
    order_id: int,
    refund_id: int,
    provider_payment_id: str,
    *,
    ports: Ports,
    finish: Finish = nothing_to_finish,
) -> bool:
    """Whether the payment's refunds at the gateway have ours among them; then ``finish``."""
    sightings = ports.payments.list_refunds(provider_payment_id)
    with transaction():
        _follow(order_id=order_id, sightings=sightings, ports=ports)
        is_made = refunds.get_refund(refund_id=refund_id).provider_refund_id is not None
        if is_made:
            finish()
    return is_made
