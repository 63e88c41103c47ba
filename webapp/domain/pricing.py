"""What a basket costs. Integers only: minor units in, minor units out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp.models import Code, CodeKind, Event, Tier, TierKind
from webapp.payment_refusals import TotalTooSmall
from webapp.wording import Amount

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class PricedLine:
    """So many units of one kind at one unit price; a code may reduce it where it says so."""

    kind: TierKind
    quantity: int
    unit_price_cents: int
    is_reduced: bool = False

    @property
    def subtotal_cents(self) -> int:
        """The line before discount and fees."""
        return self.quantity * self.unit_price_cents

    @property
    def reducible_cents(self) -> int:
        """What a discount may be taken from. A donation is a gift: nothing is taken off it."""
        return self.subtotal_cents if self.is_reduced and self.kind is not TierKind.DONATION else 0


@dataclass(frozen=True, slots=True)
class Pricing:
    """The breakdown of a basket; ``total_cents`` is what the buyer pays.

    ``line_discounts_cents`` says, line by line, where ``discount_cents`` was taken off.
    """

    subtotal_cents: int
    discount_cents: int
    fees_cents: int
    tax_cents: int
    total_cents: int
    currency: str
    line_discounts_cents: tuple[int, ...] = ()


def fees_for(*, fee_bearing_cents: int, basis_points: int, fixed_cents: int) -> int:
    """The fee of one order: a share of the discounted subtotal plus a fixed part.

    The share is rounded half up to a minor unit. With the default policy of
    6.6 % + 2.19 this is ``(subtotal * 66 + 500) // 1000 + 219``; the fixed part
    is charged once an order, never once a ticket. Nothing to charge on, no fee.
    """
    if fee_bearing_cents <= 0:
        return 0
    return _share(fee_bearing_cents, basis_points) + fixed_cents


def discount_for(*, code: Code | None, reducible_cents: int) -> int:
    """What the code takes off one order, never more than there is to take it from.

    A percentage is rounded half up once an order, not once a line.
    """
    if code is None or code.kind is CodeKind.ACCESS:
        return 0
    if code.kind is CodeKind.PERCENTAGE:
        return min(_share(reducible_cents, code.percent_basis_points), reducible_cents)
    return min(code.amount_cents, reducible_cents)


def price_lines(*, event: Event, lines: Iterable[PricedLine], code: Code | None = None) -> Pricing:
    """Price a basket of one event.

    The code's discount comes first, fees are charged on what is left. Donations
    are neither reduced nor carry a fee, and a free order carries none either.
    """
    lines = list(lines)
    subtotal_cents = sum(line.subtotal_cents for line in lines)
    reducible = [line.reducible_cents for line in lines]
    discount_cents = discount_for(code=code, reducible_cents=sum(reducible))
    fee_bearing_cents = sum(
        line.subtotal_cents for line in lines if line.kind is not TierKind.DONATION
    )
    fees_cents = fees_for(
        fee_bearing_cents=fee_bearing_cents - discount_cents,
        basis_points=event.fee_basis_points,
        fixed_cents=event.fee_fixed_cents,
    )
    return Pricing(
        subtotal_cents=subtotal_cents,
        discount_cents=discount_cents,
        fees_cents=fees_cents,
        tax_cents=0,
        total_cents=subtotal_cents - discount_cents + fees_cents,
        currency=event.currency,
        line_discounts_cents=_spread(discount_cents, reducible),
    )


def refuse_unpayable(*, total_cents: int, event: Event) -> None:
    """Raise :class:`TotalTooSmall` for what the gateway would never charge; nothing needs none.

    A code may leave less than the published least of the currency
    (:data:`webapp.models.event.LEAST_CHARGES_CENTS`), and every attempt at it would fail.
    """
    if 0 < total_cents < event.least_charge_cents:
        raise TotalTooSmall(least=Amount(event.least_charge_cents, event.currency))


def price_of_one(*, tier: Tier, event: Event, code: Code | None = None) -> Pricing:
    """What one unit costs when it is bought alone: its total is the price that is shown first."""
    line = PricedLine(
        kind=tier.kind,
        quantity=1,
        unit_price_cents=tier.price_cents,
        is_reduced=code is not None and code.reduces(tier),
    )
    return price_lines(event=event, lines=[line], code=code)


def split_units(
    *, quantity: int, unit_price_cents: int, discount_cents: int
) -> list[tuple[int, int]]:
    """A discounted line as (quantity, unit price) pairs that add up to the cent.

    A gateway takes whole unit prices and no negative lines, so what does not
    divide evenly makes some units a cent dearer than the others.
    """
    left_cents = quantity * unit_price_cents - discount_cents
    low, dearer = divmod(left_cents, quantity)
    return [(n, cents) for n, cents in ((dearer, low + 1), (quantity - dearer, low)) if n]


def _share(cents: int, basis_points: int) -> int:
    """A share of an amount, rounded half up to a minor unit."""
    return (cents * basis_points + BASIS_POINTS // 2) // BASIS_POINTS


def _spread(discount_cents: int, reducible: Sequence[int]) -> tuple[int, ...]:
    """The discount over the lines by their weight, without a cent lost or a line below nothing.

    Each line gets its share of the running sum less what the lines before it got.
    """
    whole = sum(reducible)
    if not whole:
        return tuple(0 for _ in reducible)
    shares, seen, given = [], 0, 0
    for cents in reducible:
        seen += cents
        share = discount_cents * seen // whole - given
        given += share
        shares.append(share)
    return tuple(shares)
