"""A buyer's own payment pages that keep something from them: closed before another is opened."""

from collections.abc import Collection

from webapp.domain import checkouts, code_limits, person_limits
from webapp.flows.payments import sync_order_payment, withdraw_payment
from webapp.payment_refusals import PaymentPending, PaymentUnavailable
from webapp.ports import GatewayRefused, GatewayUnavailable, Ports
from webapp.transaction import transaction


def close_rivals(
    *, reference: str, email: str | None, own_references: Collection[str], ports: Ports
) -> None:
    """Close what stands between a checkout and its code or tickets, as far as that may be closed.

    ``email`` is whom the checkout is about to be for (None: whom it names). Each page
    is closed at the gateway first, so that never two can be paid. Where the money was
    faster the code is used or the tickets are bought, and the next count says so. Raises
    :class:`PaymentUnavailable` when the gateway cannot be asked; every page then stays.
    """
    with transaction():
        checkout = checkouts.get_checkout(reference=reference)
        rivals = {
            rival.reference: rival
            for list_removable in (
                person_limits.list_removable_rivals,
                code_limits.list_removable_rivals,
            )
            for rival in list_removable(
                checkout=checkout,
                email=email or checkout.contact_email,
                own_references=own_references,
                now=ports.utc_now(),
            )
        }
    for rival in rivals.values():
        try:
            if rival.reference in own_references:
                withdraw_payment(reference=rival.reference, ports=ports)
            else:
                sync_order_payment(order_id=rival.order_id, ports=ports)
        except PaymentPending:
            continue
        except (GatewayUnavailable, GatewayRefused) as fault:
            raise PaymentUnavailable from fault
