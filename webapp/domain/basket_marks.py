"""What a buyer saw when pressing "pay": told apart from what the checkout has become."""

import hashlib

from webapp.errors import BasketChanged
from webapp.models import Checkout


def basket_mark(checkout: Checkout) -> str:
    """A short digest of tickets and prices; carried by the button below them."""
    lines = sorted((item.tier_id, item.quantity, item.unit_price_cents) for item in checkout.items)
    facts = (lines, checkout.total_cents, checkout.currency)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def refuse_other_basket(checkout: Checkout, *, mark: str) -> None:
    """Raise :class:`BasketChanged` when ``mark`` was made from another basket.

    The price shown first is the price paid, also when a second tab or device
    changed the basket meanwhile. An empty mark claims nothing.
    """
    if mark and mark != basket_mark(checkout):
        raise BasketChanged
