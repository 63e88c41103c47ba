"""The ticket picker: ``quantity-<tier>`` and, for donations, ``amount-<tier>``.

A button that takes what is left is ``take-<tier>``: it counts, whatever the field says.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from blueprints.forms.amounts import UnclearAmount, read_amount
from blueprints.language import current_language
from webapp.domain import checkout_closing
from webapp.domain.baskets import BasketLine
from webapp.errors import (
    FieldFault,
    InsufficientInventory,
    InvalidRequest,
    Refusal,
    Shortage,
)
from webapp.formats import field_amount_text
from webapp.models import Checkout, TierKind
from webapp.wording import n_

_FIELD = re.compile(r"(quantity|amount)-([0-9]{1,18})")
_TAKE = re.compile(r"take-([0-9]{1,18})")
_QUANTITY = re.compile(r"[0-9]{1,4}")
_LONGEST_TYPED = 16


@dataclass(frozen=True, slots=True)
class TypedBasket:
    """What was typed, by field name, and the lines it means.

    ``lines`` carries one line a tier at most, in the order of the fields; what
    is empty or zero is left out.
    """

    typed: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[BasketLine, ...] = ()
    faults: tuple[FieldFault, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was chosen, and nothing that was typed is faulty."""
        return not self.lines and not self.faults

    def checked_lines(self) -> tuple[BasketLine, ...]:
        """The lines. Raises :class:`InvalidRequest` when a field is not a number."""
        if self.faults:
            raise InvalidRequest(self.faults)
        return self.lines


def read_basket(values: MultiDict[str, str]) -> TypedBasket:
    """Read the picker's fields; nothing but digits is ever taken for a number."""
    typed: dict[str, str] = {}
    lines: dict[int, BasketLine] = {}
    faults: list[FieldFault] = []
    taken = {
        f"quantity-{match[1]}": value
        for name, value in values.items()
        if (match := _TAKE.fullmatch(name))
    }
    for name, value in {**values.to_dict(), **taken}.items():
        match = _FIELD.fullmatch(name)
        if match is None:
            continue
        typed[name] = value.strip()[:_LONGEST_TYPED]
        tier_id = int(match[2])
        try:
            line = _line(match[1], tier_id, value.strip())
        except UnclearAmount as unclear:
            faults.append(FieldFault(name, unclear.sentence))
            continue
        except ValueError:
            faults.append(FieldFault(name, n_("Enter a number, such as 1 or 2.")))
            continue
        if line is not None:
            lines[tier_id] = line
    return TypedBasket(typed, tuple(lines.values()), tuple(faults))


def basket_of(checkout: Checkout) -> TypedBasket:
    """What the picker shows to a buyer who comes back to choose again."""
    typed = {}
    for item in checkout.items:
        if item.tier.kind is TierKind.DONATION:
            typed[f"amount-{item.tier_id}"] = field_amount_text(
                item.unit_price_cents, locale=current_language()
            )
        else:
            typed[f"quantity-{item.tier_id}"] = str(item.quantity)
    return TypedBasket(typed, tuple(checkout_closing.basket_lines(checkout)))


def basket_faults(
    refusal: InvalidRequest | InsufficientInventory, basket: TypedBasket
) -> list[FieldFault]:
    """The refusal's faults under the names of the picker's fields.

    A shortage has no sentence here: the picker says how many are left.
    """
    if isinstance(refusal, InsufficientInventory):
        return []
    return [replace(fault, field=_field_name(fault.field, basket)) for fault in refusal.faults]


def basket_shortages(refusal: Refusal) -> Sequence[Shortage]:
    """The tiers of which too little is left; none when something else was refused."""
    return refusal.shortages if isinstance(refusal, InsufficientInventory) else ()


def by_tier(shortages: Sequence[Shortage]) -> Mapping[int, Shortage]:
    """As the picker's templates read them: by the tier's id."""
    return {short.tier_id: short for short in shortages}


def _line(kind: str, tier_id: int, value: str) -> BasketLine | None:
    if not value:
        return None
    if kind == "quantity":
        if not _QUANTITY.fullmatch(value):
            raise ValueError(value)
        quantity = int(value)
        return BasketLine(tier_id, quantity) if quantity else None
    amount_cents = read_amount(value)
    return BasketLine(tier_id, 1, amount_cents) if amount_cents else None


def _field_name(name: str, basket: TypedBasket) -> str:
    """``items.<index>`` of the domain, as the field it was typed into."""
    _, _, index = name.partition("items.")
    if not index.isdigit() or int(index) >= len(basket.lines):
        return name
    line = basket.lines[int(index)]
    kind = "quantity" if line.amount_cents is None else "amount"
    return f"{kind}-{line.tier_id}"
