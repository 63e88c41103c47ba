"""What a buyer asked for, checked and merged before anything is held."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from webapp.domain import events
from webapp.domain.pricing import PricedLine, Pricing, price_lines
from webapp.errors import FieldFault, InvalidRequest
from webapp.models import Code, Tier, TierKind
from webapp.wording import Amount, n_


@dataclass(frozen=True, slots=True)
class BasketLine:
    """So many of one tier; ``amount_cents`` is the buyer's own price of a donation."""

    tier_id: int
    quantity: int
    amount_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Basket:
    """Valid, merged lines of one event, in tier order."""

    lines: tuple[tuple[Tier, PricedLine], ...]
    code: Code | None = None

    @property
    def places(self) -> dict[int, int]:
        """How many places of each pool the basket takes, by pool id."""
        places: Counter[int] = Counter()
        for tier, line in self.lines:
            for pool in tier.pools:
                places[pool.id] += line.quantity
        return dict(places)


def check_basket(
    *,
    tiers: Mapping[int, Tier],
    lines: Sequence[BasketLine],
    now: datetime,
    code: Code | None = None,
) -> Basket:
    """Merge repeated tiers and check every rule that needs no stock.

    ``tiers`` are those of the event that may be asked for, by id; a hidden one is
    as good as unknown unless the usable ``code`` opens it.
    Raises :class:`InvalidRequest` naming each faulty line: unknown tier or one
    of another event, not on sale, a quantity outside 1..max per order, a
    donation outside its bounds, an amount where none may be named.
    """
    faults: list[FieldFault] = []
    if not lines:
        faults.append(FieldFault("items", n_("Choose at least one ticket.")))
    checked = []
    for index, line in enumerate(_merge(lines, tiers=tiers)):
        tier = tiers.get(line.tier_id)
        name = f"items.{index}"
        if tier is None or (tier.is_hidden and (code is None or not code.opens(tier))):
            unknown = n_("This ticket does not belong to the event. Choose again.")
            faults.append(FieldFault(name, unknown))
        elif fault := _find_fault(name, tier, line, now=now):
            faults.append(fault)
        else:
            checked.append((tier, _priced(tier, line, code=code)))
    if faults:
        raise InvalidRequest(faults)
    checked.sort(key=lambda pair: (pair[0].sort_index, pair[0].id))
    return Basket(lines=tuple(checked), code=code)


def quote_basket(
    *, slug: str, lines: Sequence[BasketLine], now: datetime, code: Code | None = None
) -> Pricing | None:
    """What the lines would cost now, None when nothing is chosen yet. Holds nothing.

    Raises :class:`NotFound`, :class:`SalesClosed` and :class:`InvalidRequest`.
    """
    sale = events.get_sale(slug=slug, tier_ids={line.tier_id for line in lines}, now=now)
    if not lines:
        return None
    basket = check_basket(tiers=sale.tiers, lines=lines, now=now, code=code)
    return price_lines(event=sale.event, lines=[line for _, line in basket.lines], code=code)


def _merge(lines: Iterable[BasketLine], *, tiers: Mapping[int, Tier]) -> list[BasketLine]:
    """One line a tier: two lines of the same tier are one wish, not two holds."""
    merged: dict[int, BasketLine] = {}
    for line in lines:
        seen = merged.get(line.tier_id)
        tier = tiers.get(line.tier_id)
        merged[line.tier_id] = line if seen is None else _join(tier, seen, line)
    return list(merged.values())


def _join(tier: Tier | None, first: BasketLine, second: BasketLine) -> BasketLine:
    """Both lines in one; donations of two amounts are one gift of their sum."""
    if tier is None or tier.kind is not TierKind.DONATION:
        named = first if second.amount_cents is None else second
        return replace(named, quantity=first.quantity + second.quantity)
    if first.amount_cents == second.amount_cents:
        return replace(first, quantity=first.quantity + second.quantity)
    gift_cents = sum(line.quantity * _unit_price_cents(tier, line) for line in (first, second))
    return BasketLine(first.tier_id, 1, gift_cents)


def _find_fault(name: str, tier: Tier, line: BasketLine, *, now: datetime) -> FieldFault | None:
    """What is wrong with the line called ``name``, if anything is."""
    if not tier.is_on_sale(now=now):
        return FieldFault(name, n_("This ticket is not on sale right now. Choose another one."))
    if not 1 <= line.quantity <= tier.max_per_order:
        sentence = n_("Choose a number from 1 to %(most)s.")
        return FieldFault(name, sentence, {"most": tier.max_per_order})
    if tier.kind is not TierKind.DONATION:
        is_named = line.amount_cents is not None
        return FieldFault(name, n_("The price of this ticket is fixed.")) if is_named else None
    if not tier.least_cents <= _unit_price_cents(tier, line) <= tier.max_cents:
        currency = tier.event.currency
        limits = {
            "least": Amount(tier.least_cents, currency),
            "most": Amount(tier.max_cents, currency),
        }
        return FieldFault(name, n_("Enter an amount from %(least)s to %(most)s."), limits)
    return None


def _priced(tier: Tier, line: BasketLine, *, code: Code | None) -> PricedLine:
    return PricedLine(
        kind=tier.kind,
        quantity=line.quantity,
        unit_price_cents=_unit_price_cents(tier, line),
        is_reduced=code is not None and code.reduces(tier),
    )


def _unit_price_cents(tier: Tier, line: BasketLine) -> int:
    """Prices come from the tier; only a donation carries the buyer's amount."""
    return tier.price_cents if line.amount_cents is None else line.amount_cents
