"""What a buyer who presses "pay" asks for, and the order and payment that it leads to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from webapp.domain import (
    add_ons,
    basket_marks,
    checkouts,
    code_limits,
    details,
    events,
    orders,
    payments,
    person_limits,
    pricing,
    settlement,
)
from webapp.domain.contacts import Contact
from webapp.domain.details import CheckedDetails
from webapp.errors import CheckoutClosed, HoldExpired, HoldLimitReached
from webapp.models import Checkout, CheckoutStatus, Order, OrderStatus, Payment, PaymentStatus
from webapp.payment_refusals import EmailMissing, PaymentPending


class OpenForAnother(Exception):
    """An open payment page names another contact than the buyer just gave.

    No refusal: whoever asked closes the page and asks again.
    """


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """One press on "pay": for which checkout, below which basket and details.

    An empty ``seen_basket`` claims nothing; without ``checked`` the checkout's own
    contact counts. ``own_references`` are the checkouts that the same browser may open.
    """

    reference: str
    seen_basket: str
    checked: CheckedDetails | None
    own_references: Collection[str] = ()


def open_payment(
    *, request: PaymentRequest, provider: str, now: datetime, trace_id: str
) -> tuple[Order, Payment | None]:
    """Save order, payment and key; None instead of a payment when nothing is to be paid.

    Safe to repeat: a payment that may still be made is answered again. Raises
    :class:`OpenForAnother`, :class:`EmailMissing`, :class:`BasketChanged`,
    :class:`SalesClosed`, :class:`FirstOrderOver`, :class:`HoldExpired`,
    :class:`HoldLimitReached`, :class:`CheckoutClosed`, :class:`TotalTooSmall`,
    :class:`PersonLimitReached`, :class:`InsufficientInventory`, :class:`CodeRefused`
    and :class:`PaymentPending`.
    """
    checkout = checkouts.lock_checkout(reference=request.reference)
    order = orders.lock_order_of_checkout(checkout_id=checkout.id)
    if checkout.status is CheckoutStatus.CONVERTED and order is not None:
        return order, None
    if checkout.status is CheckoutStatus.PENDING:
        events.refuse_closed_sales(checkout.event, now=now)
        add_ons.refuse_ended_order(checkout_id=checkout.id)
        basket_marks.refuse_other_basket(checkout, mark=request.seen_basket)
    if order is not None and (live := payments.find_live_payment(order_id=order.id)):
        return order, _take_up(live, request=request, order=order)
    if checkout.status is not CheckoutStatus.PENDING:
        raise HoldExpired if checkout.status is CheckoutStatus.EXPIRED else CheckoutClosed
    if not checkout.is_open(now=now):
        raise HoldExpired
    if now >= checkout.hold_limit_at:
        raise HoldLimitReached
    _take_details(request, checkout=checkout)
    if not checkout.contact_email:
        raise EmailMissing
    pricing.refuse_unpayable(total_cents=checkout.total_cents, event=checkout.event)
    # Before the counter of numbers is locked, which everybody who orders waits for.
    person_limits.refuse_too_many(checkout=checkout, now=now, own_references=request.own_references)
    order = orders.place_order(checkout=checkout, order=order, trace_id=trace_id, now=now)
    if order.status is not OrderStatus.PENDING:
        # There was money already, and a person has to say what becomes of it.
        raise PaymentPending
    code_limits.refuse_repeated_use(checkout=checkout, now=now)
    if order.total_cents == 0:
        settlement.complete_free_order(checkout=checkout, order=order, now=now, trace_id=trace_id)
        return order, None
    return order, payments.open_attempt(order=order, checkout=checkout, provider=provider, now=now)


def _take_up(live: Payment, *, request: PaymentRequest, order: Order) -> Payment:
    """The payment that may still be made, for who buys now."""
    if live.status is PaymentStatus.PROCESSING:
        raise PaymentPending
    _take_details(request, checkout=order.checkout, open_for=Contact.of(order))
    return live


def _take_details(
    request: PaymentRequest, *, checkout: Checkout, open_for: Contact | None = None
) -> None:
    """Let what the buyer pressed "pay" below count; ``open_for`` is whom an open page names."""
    if request.checked is None:
        return
    if open_for is not None and open_for != request.checked.contact:
        raise OpenForAnother
    details.take_details(checkout=checkout, checked=request.checked)
