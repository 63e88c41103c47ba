"""A checkout as a document."""

from collections.abc import Mapping
from datetime import datetime

from blueprints.api.documents import (
    CheckoutDocument,
    CheckoutStateDocument,
    ExpressMethodsDocument,
    PricingDocument,
    VerificationDocument,
)
from webapp.domain import access, add_ons, checkouts, holds, orders
from webapp.extensions import signer
from webapp.links import absolute_url
from webapp.models import Checkout, CheckoutStatus, Order

# What opens the checkout: derived again whenever it is shown, never stored.
SECRET_MEMBERS = {"checkout_token", "page_url"}
# The gateway's own page offers its wallets; none is offered before it.
NO_EXPRESS_METHODS = ExpressMethodsDocument(apple_pay=False, google_pay=False, link=False)


def new_checkout_document(checkout: Checkout, *, now: datetime) -> CheckoutDocument:
    """The answer to opening a checkout."""
    return CheckoutDocument.model_validate(_members(checkout, now=now))


def repeated_document(saved: Mapping[str, object]) -> CheckoutDocument:
    """The first answer again, its secrets derived anew."""
    checkout = checkouts.get_checkout(reference=str(saved["checkout_id"]))
    return CheckoutDocument.model_validate({**saved, **_secrets(checkout)})


def checkout_document(checkout: Checkout, *, now: datetime) -> CheckoutStateDocument:
    """The checkout as it is now. What is known about risk is not part of it."""
    is_paid = checkout.status is CheckoutStatus.CONVERTED
    order = orders.find_order_by_checkout(checkout_id=checkout.id) if is_paid else None
    return CheckoutStateDocument.model_validate(
        {
            **_members(checkout, now=now),
            "verification": VerificationDocument(email_verified=False),
            "order_number": order.number if order else None,
        }
    )


def pricing_document(priced: Checkout | Order) -> PricingDocument:
    return PricingDocument(
        subtotal_cents=priced.subtotal_cents,
        discount_cents=priced.discount_cents,
        fees_cents=priced.fees_cents,
        tax_cents=priced.tax_cents,
        total_cents=priced.total_cents,
        currency=priced.currency,
    )


def checkout_link(reference: str) -> str:
    """The address that opens this checkout in any browser."""
    return absolute_url("checkout.open_link", sealed=access.seal_checkout_link(signer(), reference))


def _members(checkout: Checkout, *, now: datetime) -> dict[str, object]:
    return {
        "checkout_id": checkout.reference,
        "status": checkout.status_at(now=now).value,
        "expires_at": checkout.expires_at,
        "pricing": pricing_document(checkout),
        "can_extend_hold": holds.can_extend_hold(checkout, now=now),
        "requires_email_verification": False,
        "upsell_eligible": add_ons.sells_add_ons(checkout=checkout, now=now),
        "express_methods": NO_EXPRESS_METHODS,
        **_secrets(checkout),
    }


def _secrets(checkout: Checkout) -> dict[str, str]:
    return {
        "checkout_token": access.checkout_token(signer(), checkout),
        "page_url": checkout_link(checkout.reference),
    }
