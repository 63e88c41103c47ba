"""The price of a checkout, frozen when its basket is placed."""

from webapp.domain import pricing
from webapp.domain.baskets import Basket
from webapp.models import Checkout, CheckoutItem, Event


def freeze_price(checkout: Checkout, basket: Basket, *, event: Event) -> list[CheckoutItem]:
    """Write what the basket costs; answers its lines with their parts of the discount."""
    price = pricing.price_lines(
        event=event, lines=[line for _, line in basket.lines], code=basket.code
    )
    checkout.currency = price.currency
    checkout.subtotal_cents = price.subtotal_cents
    checkout.discount_cents = price.discount_cents
    checkout.fees_cents = price.fees_cents
    checkout.tax_cents = price.tax_cents
    checkout.total_cents = price.total_cents
    return [
        CheckoutItem(
            tier_id=tier.id,
            quantity=line.quantity,
            unit_price_cents=line.unit_price_cents,
            discount_cents=discount_cents,
        )
        for (tier, line), discount_cents in zip(
            basket.lines, price.line_discounts_cents, strict=True
        )
    ]
