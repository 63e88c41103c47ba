"""What a buyer types into the checkout: kept to the letter, taken as far as it is right."""

from dataclasses import dataclass

from webapp.domain import attendees, checkouts, contacts, payments
from webapp.domain.attendees import TypedAttendees
from webapp.errors import CheckoutClosed, FieldFault
from webapp.models import CheckoutStatus

# More than any field takes: what is longer was not typed by a person.
LONGEST_TYPED = 500
PARTS = ("email", "name", "phone")


@dataclass(frozen=True, slots=True)
class TypedDetails:
    """The fields as they are, right or wrong; ``attendees`` is None where none were asked for."""

    email: str = ""
    name: str = ""
    phone: str = ""
    attendees: TypedAttendees | None = None


def keep_details(*, reference: str, typed: TypedDetails) -> list[FieldFault]:
    """Keep everything that was typed; answer what is wrong with it. Safe to repeat.

    What is right becomes the contact at once. While a payment is open the
    contact stays as the gateway knows it, or a letter typed in another tab
    would close the page that the buyer is about to pay on: it waits as a draft
    until somebody goes to pay. Raises :class:`CheckoutClosed` once paid.
    """
    checkout = checkouts.lock_checkout(reference=reference)
    if checkout.status is CheckoutStatus.CONVERTED:
        raise CheckoutClosed
    contact, faults = contacts.check_contact(
        email=typed.email,
        name=typed.name,
        phone=typed.phone,
        time_zone=checkout.event.time_zone,
    )
    is_taken = not payments.has_live_payment(checkout_id=checkout.id)
    faulty = {fault.field.removeprefix("contact.") for fault in faults}
    for part in PARTS:
        value = getattr(contact, part)
        if is_taken:
            setattr(checkout, f"contact_{part}", value)
        is_known = part not in faulty and value == getattr(checkout, f"contact_{part}")
        draft = None if is_known else getattr(typed, part)[:LONGEST_TYPED]
        setattr(checkout, f"draft_{part}", draft)
    if typed.attendees is not None:
        attendees.keep_typed(checkout=checkout, typed=typed.attendees)
        faults += attendees.find_faults(checkout)
    return faults
