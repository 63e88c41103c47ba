"""What a basket costs. Integers only: minor units in, minor units out."""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.models import Event, Tier, TierKind

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class PricedLine:
    """So many units of one kind at one unit price."""

    kind: TierKind
    quantity: int
    unit_price_cents: int

    @property
    def subtotal_cents(self) -> int:
        """The line before fees."""
        return self.quantity * self.unit_price_cents


@dataclass(frozen=True, slots=True)
class Pricing:
    """The breakdown of a basket; ``total_cents`` is what the buyer pays."""

    subtotal_cents: int
    discount_cents: int
    fees_cents: int
    tax_cents: int
    total_cents: int
    currency: str


def fees_for(*, fee_bearing_cents: int, basis_points: int, fixed_cents: int) -> int:
    """The fee of one order: a share of the discounted subtotal plus a fixed part.

    The share is rounded half up to a minor unit. With the default policy of
    6.6 % + 2.19 this is ``(subtotal * 66 + 500) // 1000 + 219``; the fixed part
    is charged once an order, never once a ticket. Nothing to charge on, no fee.
    """
    if fee_bearing_cents <= 0:
        return 0
    share = (fee_bearing_cents * basis_points + BASIS_POINTS // 2) // BASIS_POINTS
    return share + fixed_cents


def price_lines(*, event: Event, lines: Iterable[PricedLine]) -> Pricing:
    """Price a basket of one event. Donations carry no fee, and a free order none either."""
    subtotal_cents = 0
    fee_bearing_cents = 0
    for line in lines:
        subtotal_cents += line.subtotal_cents
        if line.kind is not TierKind.DONATION:
            fee_bearing_cents += line.subtotal_cents
    fees_cents = fees_for(
        fee_bearing_cents=fee_bearing_cents,
        basis_points=event.fee_basis_points,
        fixed_cents=event.fee_fixed_cents,
    )
    return Pricing(
        subtotal_cents=subtotal_cents,
        discount_cents=0,
        fees_cents=fees_cents,
        tax_cents=0,
        total_cents=subtotal_cents + fees_cents,
        currency=event.currency,
    )


def all_in_price_cents(*, tier: Tier, event: Event) -> int:
    """What one unit costs when it is bought alone: the price that is shown first."""
    line = PricedLine(kind=tier.kind, quantity=1, unit_price_cents=tier.price_cents)
    return price_lines(event=event, lines=[line]).total_cents
