"""Going to pay: everything is saved before the gateway is asked."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from webapp import failpoints
from webapp.domain import payment_requests, payments, pricing, withdrawals
from webapp.domain.contacts import ascii_address
from webapp.domain.details import CheckedDetails
from webapp.domain.payment_requests import OpenForAnother, PaymentRequest
from webapp.errors import CodeInUse, SalesClosed
from webapp.flows.payments import (
    close_session,
    try_to_sync_order_payment,
    withdraw_payment,
)
from webapp.flows.rivals import close_rivals
from webapp.models import Checkout, Order, Payment, TierKind
from webapp.payment_refusals import (
    FirstOrderOver,
    PaymentPending,
    PaymentUnavailable,
    PersonLimitInUse,
)
from webapp.ports import (
    GatewayFailed,
    GatewayKeyRefused,
    GatewayRefused,
    GatewayUnavailable,
    PaymentSighting,
    Ports,
    SessionLine,
    SessionRequest,
)
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

# Sessions tried for one click: the second only when the first turned out to be over, or
# the gateway refused it because its saved end had come too near.
MAX_SESSION_TRIES = 2
# Payment pages in the way that one click closes: two tabs that go to pay with two
# addresses at once close each other's, and one of them has to give in.
MAX_CLOSED_PAGES = 2


@dataclass(frozen=True, slots=True)
class ReturnLinks:
    """Absolute addresses that the gateway sends the buyer back to, and page wording.

    ``fees_label`` names the fees line on the gateway's page in the buyer's
    language, ``held_until`` turns a moment and the event's time zone into the sentence
    beside its button.
    """

    success_url: str
    cancel_url: str
    fees_label: str
    held_until: Callable[[datetime, str], str]


@dataclass(frozen=True, slots=True)
class PaymentStart:
    """Where the buyer goes next; ``url`` is None when nothing has to be paid."""

    order_number: str
    is_converted: bool
    url: str | None
    provider: str
    expires_at: datetime


def start_payment(
    *,
    reference: str,
    links: ReturnLinks,
    ports: Ports,
    seen_basket: str = "",
    own_references: Collection[str] = (),
    checked: CheckedDetails | None = None,
) -> PaymentStart:
    """Open the gateway's page for a checkout, or finish it when it is free.

    ``checked`` is what the buyer pressed "pay" below: it becomes the checkout's and the
    order's in the transaction that begins the payment, so that nothing typed before and
    late on the network decides where the tickets go. An open page that names another
    contact is closed first. Without it the checkout's own contact counts.
    ``seen_basket`` is the mark of the basket that the buyer saw, if it is known.
    ``own_references`` are the checkouts that the same browser may cancel: a payment
    page of theirs never keeps a code or tickets from its own buyer. Repeating answers the same
    open session. Raises what :func:`webapp.domain.payment_requests.open_payment` raises
    but for :class:`OpenForAnother`, and :class:`PaymentUnavailable` with the hold kept.
    """
    request = PaymentRequest(
        reference=reference,
        seen_basket=seen_basket,
        checked=checked,
        own_references=own_references,
    )
    closings_left = MAX_CLOSED_PAGES
    while True:
        try:
            return _start(request, links=links, ports=ports)
        except (SalesClosed, FirstOrderOver):
            # Nobody may pay on a page that is open from before, either.
            withdraw_payment(reference=reference, ports=ports)
            raise
        except OpenForAnother as fault:
            if not closings_left:
                raise PaymentPending from fault
            withdraw_payment(reference=reference, ports=ports)
        except (CodeInUse, PersonLimitInUse):
            # Refused again where nothing could be closed, and where somebody was faster.
            if not closings_left:
                raise
            close_rivals(
                reference=reference,
                email=checked.contact.email if checked else None,
                own_references=own_references,
                ports=ports,
            )
        closings_left -= 1


def _start(request: PaymentRequest, *, links: ReturnLinks, ports: Ports) -> PaymentStart:
    has_looked = False
    for _ in range(MAX_SESSION_TRIES):
        with transaction():
            order, payment = payment_requests.open_payment(
                request=request,
                provider=ports.payments.name,
                now=ports.utc_now(),
                trace_id=current_trace_id(),
            )
            if payment is None:
                return _nothing_to_pay(order, order.checkout)
            url, is_payable = payment.session_url, payment.is_payable(now=ports.utc_now())
            # We asked for its end once, and heard no answer.
            is_doubtful = payment.withdrawn_at is not None and not has_looked
            if url is not None and is_payable and not is_doubtful:
                return _at_gateway(order, payment, url)
            session_request = _session_request(order, payment, links=links)
        if url is not None:
            # Nobody may be sent to a page that is over; somebody may have paid there.
            has_looked = try_to_sync_order_payment(order_id=order.id, ports=ports)
            if not has_looked:
                raise PaymentUnavailable if is_payable else PaymentPending
            continue
        sighting = _create_session(session_request, order_id=order.id, ports=ports)
        if sighting is None:
            continue
        failpoints.reach("session.after_create")
        with transaction():
            is_live = payments.note_session(
                payment_id=payment.id, sighting=sighting, now=ports.utc_now()
            )
        if not is_live:
            # Withdrawn in another tab while the gateway was answering.
            close_session(sighting.session_id, ports=ports)
            raise PaymentUnavailable
        if sighting.url is None:
            # A replayed answer of a session that is over: look before anything else.
            try_to_sync_order_payment(order_id=order.id, ports=ports)
            raise PaymentPending
        return _at_gateway(order, payment, sighting.url)
    raise PaymentUnavailable


def _create_session(
    request: SessionRequest, *, order_id: int, ports: Ports
) -> PaymentSighting | None:
    """Ask the gateway; None when it refused for good and the attempt was given up.

    Without an answer the attempt and its idempotency key stay, and also when the gateway
    took no request of ours at all: the next click sends the same request again and gets
    the same session, so there is never a second. An answer that says failure is kept by
    the gateway under the key, so the next click needs an attempt with a key of its own.
    """
    if not ports.session_bucket.take():
        raise PaymentUnavailable
    try:
        return ports.payments.create_session(request)
    except GatewayFailed as fault:
        _give_up_attempt(order_id, ports=ports)
        raise PaymentUnavailable from fault
    except (GatewayUnavailable, GatewayKeyRefused) as fault:
        raise PaymentUnavailable from fault
    except GatewayRefused:
        _give_up_attempt(order_id, ports=ports)
        return None


def _give_up_attempt(order_id: int, *, ports: Ports) -> None:
    with transaction():
        withdrawals.drop_unborn_attempt(order_id=order_id, now=ports.utc_now())


def _session_request(order: Order, payment: Payment, *, links: ReturnLinks) -> SessionRequest:
    """The same request for the same attempt, whenever it is sent: the key stands for it."""
    # No negative lines and no coupons at the gateway: the discount is in the unit prices.
    lines = [
        SessionLine(name=item.name, quantity=quantity, unit_amount_cents=cents)
        for item in order.items
        if item.unit_price_cents > 0 or item.kind is not TierKind.DONATION
        for quantity, cents in pricing.split_units(
            quantity=item.quantity,
            unit_price_cents=item.unit_price_cents,
            discount_cents=item.discount_cents,
        )
    ]
    if order.fees_cents:
        lines.append(
            SessionLine(name=links.fees_label, quantity=1, unit_amount_cents=order.fees_cents)
        )
    return SessionRequest(
        order_number=order.number,
        idempotency_key=payment.idempotency_key,
        currency=payment.currency,
        lines=lines,
        customer_email=ascii_address(order.contact_email),
        success_url=links.success_url,
        cancel_url=links.cancel_url,
        expires_at=payment.expires_at,
        metadata={"order_number": order.number, "trace_id": order.trace_id},
        held_until_text=links.held_until(payment.expires_at, order.event.time_zone),
        locale=order.locale,
    )


def _nothing_to_pay(order: Order, checkout: Checkout) -> PaymentStart:
    return PaymentStart(
        order_number=order.number,
        is_converted=True,
        url=None,
        provider="",
        expires_at=checkout.expires_at,
    )


def _at_gateway(order: Order, payment: Payment, url: str) -> PaymentStart:
    return PaymentStart(
        order_number=order.number,
        is_converted=False,
        url=url,
        provider=payment.provider,
        expires_at=payment.expires_at,
    )
