"""Money has arrived: seats and tickets for it, or the money goes back."""

import logging
from datetime import datetime

from webapp.domain import (
    audit,
    checkout_closing,
    code_uses,
    events,
    holds,
    money_back,
    orders,
    refunds,
)
from webapp.domain.payment_case import PaymentCase
from webapp.errors import InsufficientInventory
from webapp.models import (
    NEXT_STATUSES,
    Checkout,
    CheckoutStatus,
    CheckoutStep,
    Order,
    OrderStatus,
    PaymentStatus,
)

log = logging.getLogger(__name__)


def settle_payment(case: PaymentCase) -> None:
    """Note the money of one attempt, once, and give the buyer something for it.

    Seats and tickets when they can be had; a refund when the seats are gone, the
    event was called off or the order was paid before, whatever the amount; a person's decision
    when the amount, the currency or the mode is not what was asked for.
    """
    payment, sighting = case.payment, case.sighting
    if payment.status is PaymentStatus.SUCCEEDED:
        return
    payment.status = PaymentStatus.SUCCEEDED
    payment.succeeded_at = case.now
    payment.provider_payment_id = sighting.payment_id
    payment.captured_cents = sighting.amount_cents
    payment.captured_currency = sighting.currency
    payment.method = sighting.method or ""
    difference = _difference(case)
    is_paid_before = OrderStatus.PAID not in NEXT_STATUSES[case.order.status]
    if difference and not (is_paid_before and _can_go_back(case)):
        _ask_for_review(case, reason=difference)
    elif is_paid_before:
        refunds.request_refund(
            payment=payment,
            reason=money_back.DUPLICATE_PAYMENT,
            now=case.now,
            trace_id=case.trace_id,
        )
    elif events.is_called_off(event_id=case.order.event_id):
        _end_and_refund(case)
    else:
        _seat_or_refund(case)


def complete_free_order(*, checkout: Checkout, order: Order, now: datetime, trace_id: str) -> None:
    """Finish an order that costs nothing: no gateway is ever asked.

    Raises :class:`CodeRefused` when the code that made it free went to somebody else.
    """
    code_uses.keep_use(checkout=checkout, now=now)
    holds.sell_holds(checkout=checkout, now=now)
    convert_checkout(checkout)
    orders.move_order(
        order, OrderStatus.PAID, actor="buyer", reason="free", now=now, trace_id=trace_id
    )


def convert_checkout(checkout: Checkout) -> None:
    """End the checkout: it was paid for."""
    checkout.note_step(CheckoutStep.PAYMENT)
    checkout.status = CheckoutStatus.CONVERTED
    checkout.paying_until = None


def _difference(case: PaymentCase) -> str:
    """A stable word for what is not as it was asked for; empty when all agrees."""
    payment, sighting = case.payment, case.sighting
    if sighting.livemode is not case.livemode:
        return "livemode_differs"
    if sighting.currency != payment.currency or payment.currency != case.order.currency:
        return "currency_differs"
    if sighting.amount_cents != payment.amount_cents:
        return "amount_differs"
    # Tickets are made of the order's lines, seats sold as the checkout has them.
    if payment.amount_cents != case.order.total_cents or orders.is_basket_changed(order=case.order):
        return "order_changed"
    if case.order.status is OrderStatus.NEEDS_REVIEW:
        return "paid_during_review"
    return ""


def _can_go_back(case: PaymentCase) -> bool:
    """Whether there is money that no person has to understand before it goes back."""
    payment, sighting = case.payment, case.sighting
    return (
        payment.taken_cents > 0
        and sighting.livemode is case.livemode
        and sighting.currency == payment.currency == case.order.currency
    )


def _ask_for_review(case: PaymentCase, *, reason: str) -> None:
    audit.note(
        subject="payment",
        subject_id=case.payment.id,
        action="needs_review",
        actor="gateway",
        details={
            "reason": reason,
            "expected_cents": case.payment.amount_cents,
            "seen_cents": case.sighting.amount_cents,
            "seen_currency": case.sighting.currency,
        },
        now=case.now,
        trace_id=case.trace_id,
    )
    if OrderStatus.NEEDS_REVIEW in NEXT_STATUSES[case.order.status]:
        case.move_order(OrderStatus.NEEDS_REVIEW, reason=reason)
    else:
        # Its tickets stand. `list-reviews` shows it for as long as the money is here.
        log.error(
            "money beside a paid order",
            extra={"order_number": case.order.number, "reason": reason},
        )


def _seat_or_refund(case: PaymentCase) -> None:
    """Sell the held seats, taking lapsed ones again; without seats the money goes back."""
    is_late = case.order.status in {
        OrderStatus.EXPIRED,
        OrderStatus.CANCELLED,
        OrderStatus.FAILED,
    }
    try:
        holds.sell_holds(checkout=case.checkout, now=case.now)
    except InsufficientInventory:
        _end_and_refund(case)
        return
    convert_checkout(case.checkout)
    case.move_order(OrderStatus.PAID, reason="late" if is_late else "")


def _end_and_refund(case: PaymentCase) -> None:
    """Nothing can be had for the money: what is not over yet ends, and it goes back."""
    if case.order.status is OrderStatus.PROCESSING:
        case.move_order(OrderStatus.FAILED)
    if case.checkout.status is CheckoutStatus.PENDING:
        # Over, even if no sweep has said so: a refund closes what has ended only.
        checkout_closing.expire_checkout(
            checkout=case.checkout, now=case.now, trace_id=case.trace_id
        )
    refunds.request_refund(
        payment=case.payment, reason=money_back.LATE_PAYMENT, now=case.now, trace_id=case.trace_id
    )
