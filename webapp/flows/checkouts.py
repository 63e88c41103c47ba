"""A buyer's own checkout: changed, taken up again and given back, whatever is open.

Each of these first closes a payment page that may still be open: seats and
prices never change under a payment.
"""

from collections.abc import Sequence

from webapp.domain import baskets, checkout_closing, checkouts, codes
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.domain.hold_caps import HoldCaps
from webapp.flows.payments import withdraw_payment
from webapp.models import Checkout
from webapp.ports import Ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction


def change_basket(
    *, reference: str, lines: Sequence[BasketLine], caps: HoldCaps, ports: Ports
) -> Checkout:
    """Replace the basket; see :func:`webapp.domain.checkouts.change_items` for the refusals.

    A basket that is refused as such leaves an open payment page open.
    """
    with transaction():
        checkout = checkouts.get_checkout(reference=reference)
        code = codes.keep_code(checkout=checkout, now=ports.utc_now())
        baskets.quote_basket(slug=checkout.event.slug, lines=lines, now=ports.utc_now(), code=code)
    withdraw_payment(reference=reference, ports=ports)
    with transaction():
        return checkouts.change_items(
            reference=reference, lines=lines, now=ports.utc_now(), caps=caps
        )


def change_code(
    *, reference: str, code_id: int | None, origin: Origin, caps: HoldCaps, ports: Ports
) -> Checkout:
    """Use a recognised code for the basket as it is, or no code.

    Without a code, a hold that has run out is taken up again as by "Try again",
    in another checkout where it must be. Raises what
    :func:`webapp.domain.checkouts.change_items` raises.
    """
    now = ports.utc_now()
    with transaction():
        checkout = checkouts.get_checkout(reference=reference)
        lines = checkout_closing.basket_lines(checkout)
        is_again = code_id is None and not checkout.is_open(now=now)
        if not is_again:
            # Refused before an open payment page is closed for nothing.
            code = codes.find_code_for(checkout=checkout, code_id=code_id, now=now)
            baskets.quote_basket(slug=checkout.event.slug, lines=lines, now=now, code=code)
    withdraw_payment(reference=reference, ports=ports)
    with transaction():
        if is_again:
            return checkout_closing.retry_checkout(
                reference=reference,
                origin=origin,
                caps=caps,
                now=ports.utc_now(),
                keeps_code=False,
            )
        return checkouts.change_choice(
            reference=reference,
            lines=lines,
            code_id=code_id,
            now=ports.utc_now(),
            caps=caps,
        )


def renew_checkout(
    *,
    reference: str,
    origin: Origin,
    caps: HoldCaps,
    ports: Ports,
    lines: Sequence[BasketLine] | None = None,
) -> Checkout:
    """Hold the same basket again, or ``lines`` instead of it.

    See :func:`webapp.domain.checkout_closing.retry_checkout`.
    """
    end_spent_checkout(reference=reference, ports=ports)
    with transaction():
        return checkout_closing.retry_checkout(
            reference=reference,
            origin=origin,
            caps=caps,
            now=ports.utc_now(),
            lines=lines,
        )


def give_back_checkout(*, reference: str, ports: Ports) -> None:
    """Cancel at the buyer's wish. Raises ``PaymentPending`` when the money was faster."""
    withdraw_payment(reference=reference, ports=ports)
    with transaction():
        checkout_closing.cancel_checkout(
            reference=reference,
            actor="buyer",
            now=ports.utc_now(),
            trace_id=current_trace_id(),
        )


def end_spent_checkout(*, reference: str, ports: Ports) -> None:
    """Close the payment page, and end the checkout where its hold cannot be renewed any more.

    In a transaction of its own: giving places back and taking others in one would lock
    pools out of their order.
    """
    withdraw_payment(reference=reference, ports=ports)
    with transaction():
        checkout_closing.end_spent_checkout(
            reference=reference, now=ports.utc_now(), trace_id=current_trace_id()
        )
