"""A buyer's own checkout: begun, changed, taken up again and given back, whatever is open.

Each of these first closes a payment page that may still be open: seats and
prices never change under a payment.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from webapp.domain import (
    add_ons,
    baskets,
    checkout_closing,
    checkouts,
    codes,
    events,
    idempotency,
    own_checkouts,
)
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.domain.contacts import Contact
from webapp.flows.payments import withdraw_payment
from webapp.models import Checkout, IdempotencyKey
from webapp.ports import Ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction


@dataclass(frozen=True, slots=True)
class FormKey:
    """One rendered form of one browser: sent twice, it makes one checkout.

    ``scope`` tells browsers apart, ``key`` the forms of one browser.
    """

    scope: str
    key: str

    def for_lines(self, lines: Sequence[BasketLine], code_id: int | None = None) -> str:
        """The key of this very choice: the back button may bring the form back to choose anew."""
        return f"{self.key}/{_digest(lines, code_id)}"


def start_checkout(
    *,
    event_slug: str,
    lines: Sequence[BasketLine],
    own_references: Sequence[str],
    origin: Origin,
    open_limit: int,
    form_key: FormKey,
    ports: Ports,
    code_id: int | None = None,
    contact: Contact | None = None,
    added_to: int | None = None,
) -> Checkout:
    """Hold a basket for a browser: in the checkout it has open for the event, else in a new one.

    A buyer never competes with the own hold, and a double click makes one
    checkout. ``contact`` is what a new one begins with; ``added_to`` is the order
    from whose page it is begun: it goes with that order, and no other basket
    of the browser is touched. Raises what
    :func:`webapp.domain.checkouts.open_checkout` and
    :func:`webapp.flows.payments.withdraw_payment` raise.
    """
    with transaction():
        sale = events.get_sale(
            slug=event_slug, tier_ids={line.tier_id for line in lines}, now=ports.utc_now()
        )
        own = own_checkouts.find_open_checkout(
            references=own_references,
            event_id=sale.event.id,
            now=ports.utc_now(),
            added_to=added_to,
        )
        if own is not None and _is_kept(own, lines, code_id, ports=ports):
            return own
        # Refused before an open payment page is closed for nothing.
        now = ports.utc_now()
        code = (
            codes.find_buyers_code(
                code_id=code_id, event_slug=event_slug, references=own_references, now=now
            )
            if own is None
            else codes.find_code_for(checkout=own, code_id=code_id, now=now)
        )
        baskets.check_basket(tiers=sale.tiers, lines=lines, now=ports.utc_now(), code=code)
        spent = own_checkouts.list_spent_checkouts(
            references=own_references, event_id=sale.event.id, now=now, added_to=added_to
        )
    for reference in spent:
        _end_spent(reference, ports=ports)
    if own is not None:
        withdraw_payment(reference=own.reference, ports=ports)
    with transaction():
        return _start_once(
            event_slug=event_slug,
            lines=lines,
            code_id=code_id,
            own=own,
            origin=origin,
            open_limit=open_limit,
            form_key=form_key,
            ports=ports,
            contact=contact or Contact(),
            added_to=added_to,
        )


def change_basket(
    *, reference: str, lines: Sequence[BasketLine], open_limit: int, ports: Ports
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
            reference=reference, lines=lines, now=ports.utc_now(), open_limit=open_limit
        )


def change_code(
    *, reference: str, code_id: int | None, origin: Origin, open_limit: int, ports: Ports
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
                open_limit=open_limit,
                now=ports.utc_now(),
                keeps_code=False,
            )
        return checkouts.change_choice(
            reference=reference,
            lines=lines,
            code_id=code_id,
            now=ports.utc_now(),
            open_limit=open_limit,
        )


def renew_checkout(
    *,
    reference: str,
    origin: Origin,
    open_limit: int,
    ports: Ports,
    lines: Sequence[BasketLine] | None = None,
) -> Checkout:
    """Hold the same basket again, or ``lines`` instead of it.

    See :func:`webapp.domain.checkout_closing.retry_checkout`.
    """
    _end_spent(reference, ports=ports)
    with transaction():
        return checkout_closing.retry_checkout(
            reference=reference,
            origin=origin,
            open_limit=open_limit,
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


def _end_spent(reference: str, *, ports: Ports) -> None:
    """Close the payment page, and end the checkout where its hold cannot be renewed any more.

    In a transaction of its own: giving places back and taking others in one would lock
    pools out of their order.
    """
    withdraw_payment(reference=reference, ports=ports)
    with transaction():
        checkout_closing.end_spent_checkout(
            reference=reference, now=ports.utc_now(), trace_id=current_trace_id()
        )


def _start_once(
    *,
    event_slug: str,
    lines: Sequence[BasketLine],
    code_id: int | None,
    own: Checkout | None,
    origin: Origin,
    open_limit: int,
    form_key: FormKey,
    ports: Ports,
    contact: Contact,
    added_to: int | None,
) -> Checkout:
    now = ports.utc_now()
    claim = {
        "scope": form_key.scope,
        "key": form_key.for_lines(lines, code_id),
        "request_hash": _digest(lines, code_id),
    }
    # A second click waits for the first one's answer instead of being refused.
    idempotency.wait_for_key(scope=claim["scope"], key=claim["key"])
    saved = idempotency.claim_key(**claim)
    if saved is not None:
        own = _find_made(saved, added_to=added_to, now=now) or own
    if own is not None and saved is not None and _is_kept(own, lines, code_id, ports=ports):
        return own
    if own is not None:
        checkout = checkouts.change_choice(
            reference=own.reference, lines=lines, code_id=code_id, now=now, open_limit=open_limit
        )
    else:
        checkout = checkouts.open_checkout(
            event_slug=event_slug,
            lines=lines,
            contact=contact,
            origin=origin,
            open_limit=open_limit,
            now=now,
            code_id=code_id,
            before_places=partial(_link, order_id=added_to),
        )
    if saved is None:
        answer = {"reference": checkout.reference}
        idempotency.save_answer(**claim, status_code=303, answer=answer, now=now)
    else:
        saved.answer = {"reference": checkout.reference}
    return checkout


def _link(checkout: Checkout, *, order_id: int | None) -> None:
    if order_id is not None:
        add_ons.link_checkout(checkout_id=checkout.id, order_id=order_id)


def _find_made(saved: IdempotencyKey, *, added_to: int | None, now: datetime) -> Checkout | None:
    """The checkout that the same form made before, while it may still change."""
    made = checkouts.get_checkout(reference=str(saved.answer["reference"]))
    return own_checkouts.find_open_checkout(
        references=[made.reference], event_id=made.event_id, now=now, added_to=added_to
    )


def _is_kept(
    checkout: Checkout, lines: Sequence[BasketLine], code_id: int | None, *, ports: Ports
) -> bool:
    """Whether the hold stands and is for this very choice already: nothing to do then."""
    return checkout.is_open(now=ports.utc_now()) and _digest(lines, code_id) == _digest(
        checkout_closing.basket_lines(checkout), checkout.code_id
    )


def _digest(lines: Sequence[BasketLine], code_id: int | None = None) -> str:
    facts = sorted((line.tier_id, line.quantity, line.amount_cents or 0) for line in lines)
    return hashlib.sha256(repr((facts, code_id)).encode()).hexdigest()[:32]
