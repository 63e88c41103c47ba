"""Who comes: a name for each ticket of a checkout, as far as the buyer gave one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, literal, select
from sqlalchemy.dialects.postgresql import insert

from webapp.database import db
from webapp.domain.contacts import check_name
from webapp.errors import FieldFault
from webapp.models import Checkout, CheckoutAttendee, Tier, TierKind

# A name is kept as it was typed, also one that is too long to be printed.
LONGEST_TYPED = 500

# Built once: every order runs it.
_TYPED = select(CheckoutAttendee.tier_id, CheckoutAttendee.unit_no, CheckoutAttendee.name).where(
    CheckoutAttendee.checkout_id == bindparam("checkout_id")
)

# One ticket of a basket: its tier's id and its number within the tier, from 1.
Unit = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TypedAttendees:
    """What the buyer said about who comes.

    ``share_name`` puts the first ticket's name on all of them, ``buyer_attends``
    the buyer's own on the first; names that were typed are kept either way.
    """

    names: Mapping[Unit, str]
    share_name: bool = False
    buyer_attends: bool = False


def list_units(checkout: Checkout) -> Sequence[tuple[Tier, int]]:
    """Every ticket of the basket that admits a person, in the basket's order."""
    return [
        (item.tier, unit_no)
        for item in checkout.items
        if item.tier.kind is TierKind.TICKET
        for unit_no in range(1, item.quantity + 1)
    ]


def typed_names(*, checkout_id: int) -> Mapping[Unit, str]:
    """Every name as it was typed, also of tickets that are not in the basket any more."""
    rows = db.session.execute(_TYPED, {"checkout_id": checkout_id})
    return {(tier_id, unit_no): name for tier_id, unit_no, name in rows}


def keep_typed(*, checkout: Checkout, typed: TypedAttendees) -> None:
    """Keep what was typed; the caller holds the checkout's lock. Safe to repeat.

    A name for something that the basket does not have, or beyond what one order
    may have of it, is nobody's typing and is left out.
    """
    checkout.attendees_share_name = typed.share_name
    checkout.buyer_attends = typed.buyer_attends
    most = {
        item.tier_id: item.tier.max_per_order
        for item in checkout.items
        if item.tier.kind is TierKind.TICKET
    }
    rows = [
        {
            "checkout_id": checkout.id,
            "tier_id": tier_id,
            "unit_no": unit_no,
            "name": name[:LONGEST_TYPED],
        }
        for (tier_id, unit_no), name in sorted(typed.names.items())
        if 1 <= unit_no <= most.get(tier_id, 0)
    ]
    if not rows:
        return
    upsert = insert(CheckoutAttendee).values(rows)
    db.session.execute(
        upsert.on_conflict_do_update(
            index_elements=["checkout_id", "tier_id", "unit_no"],
            set_={"name": upsert.excluded.name},
        )
    )


def copy_attendees(*, source: Checkout, target: Checkout) -> None:
    """Take everything that was said about who comes over into another checkout."""
    target.attendees_share_name = source.attendees_share_name
    target.buyer_attends = source.buyer_attends
    columns = (CheckoutAttendee.tier_id, CheckoutAttendee.unit_no, CheckoutAttendee.name)
    typed = select(literal(target.id), *columns).where(CheckoutAttendee.checkout_id == source.id)
    names = ["checkout_id", "tier_id", "unit_no", "name"]
    db.session.execute(insert(CheckoutAttendee).from_select(names, typed).on_conflict_do_nothing())


def list_faults(checkout: Checkout) -> list[FieldFault]:
    """What is wrong with the names that would be printed, under ``attendees.<tier>.<unit>``."""
    faults: list[FieldFault] = []
    typed = typed_names(checkout_id=checkout.id)
    for tier, unit_no in _named_by_typing(checkout):
        check_name(
            typed.get((tier.id, unit_no), ""),
            field=f"attendees.{tier.id}.{unit_no}",
            faults=faults,
        )
    return faults


def resolve_names(checkout: Checkout) -> Mapping[Unit, str] | None:
    """The name for each ticket of the basket, empty where none was given.

    None when the buyer said nothing at all about who comes.
    """
    typed = typed_names(checkout_id=checkout.id)
    if not (typed or checkout.buyer_attends):
        return None
    units = [(tier.id, unit_no) for tier, unit_no in list_units(checkout)]
    names = {unit: _printable(typed.get(unit, "")) for unit in units}
    if not units or not (checkout.buyer_attends or any(names.values())):
        return None
    if checkout.buyer_attends:
        names[units[0]] = checkout.contact_name
    if checkout.attendees_share_name:
        return dict.fromkeys(units, names[units[0]])
    return names


def _named_by_typing(checkout: Checkout) -> Sequence[tuple[Tier, int]]:
    """The tickets whose typed name counts."""
    units = list_units(checkout)
    first = 1 if checkout.buyer_attends else 0
    last = 1 if checkout.attendees_share_name else len(units)
    return units[first:last]


def _printable(typed: str) -> str:
    return check_name(typed, field="", faults=[])
