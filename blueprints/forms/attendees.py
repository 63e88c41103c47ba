"""Names on tickets: ``attendee-<tier>-<unit>``, and two boxes that spare the typing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from webapp.domain import attendees
from webapp.domain.attendees import TypedAttendees
from webapp.errors import FieldFault
from webapp.models import Checkout

# Sent along with the fields, because a box that is not ticked sends nothing.
MARK = "attendees"
_FIELD = re.compile(r"attendee-([0-9]{1,18})-([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class AttendeeField:
    """One ticket's name as a page shows it; ``number`` counts the tickets of the basket."""

    name: str
    number: int
    tier_name: str
    value: str


def read_attendees(values: MultiDict[str, str]) -> TypedAttendees | None:
    """What was typed; None when the form had no such fields."""
    if MARK not in values:
        return None
    names = {
        (int(match[1]), int(match[2])): value
        for name, value in values.items()
        if (match := _FIELD.fullmatch(name))
    }
    return TypedAttendees(
        names,
        share_name="attendees_share_name" in values,
        buyer_attends="buyer_attends" in values,
    )


def attendee_fields(checkout: Checkout) -> Sequence[AttendeeField]:
    """A field for each ticket that admits a person, filled with what was typed so far."""
    typed = attendees.typed_names(checkout_id=checkout.id)
    return [
        AttendeeField(
            name=f"attendee-{tier.id}-{unit_no}",
            number=number,
            tier_name=tier.name,
            value=typed.get((tier.id, unit_no), ""),
        )
        for number, (tier, unit_no) in enumerate(attendees.list_units(checkout), start=1)
    ]


def attendee_faults(faults: Sequence[FieldFault]) -> Mapping[str, FieldFault]:
    """The faults of names, by the field that each was typed into."""
    prefix = "attendees."
    return {
        "attendee-" + fault.field.removeprefix(prefix).replace(".", "-"): fault
        for fault in faults
        if fault.field.startswith(prefix)
    }
