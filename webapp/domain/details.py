"""What a buyer types into the checkout: kept to the letter, taken as far as it is right."""

from dataclasses import dataclass

from webapp.domain import attendees, checkouts, contacts, payments
from webapp.domain.attendees import TypedAttendees
from webapp.domain.contacts import Contact
from webapp.errors import CheckoutClosed, FieldFault
from webapp.models import Checkout, CheckoutStatus, CheckoutStep

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


@dataclass(frozen=True, slots=True)
class CheckedDetails:
    """What the buyer pressed "pay" below, found right; an empty ``locale`` is the one before."""

    contact: Contact
    attendees: TypedAttendees | None = None
    locale: str = ""


def take_details(*, checkout: Checkout, checked: CheckedDetails) -> None:
    """Let these details be the checkout's, whatever was typed before. Safe to repeat.

    The caller holds the checkout's lock, and closes an open payment of another
    contact first. Raises :class:`CheckoutClosed`.
    """
    checkouts.set_contact(checkout=checkout, contact=checked.contact)
    checkout.locale = checked.locale or checkout.locale
    if checked.attendees is not None:
        attendees.keep_typed(checkout=checkout, typed=checked.attendees)


def keep_details(
    *, reference: str, typed: TypedDetails, seen_attempts: int | None = None
) -> list[FieldFault]:
    """Keep everything that was typed; answer what is wrong with it. Safe to repeat.

    What is right becomes the contact at once. While a payment is open the
    contact stays as the gateway knows it, or a letter typed in another tab
    would close the page that the buyer is about to pay on: it waits as a draft
    until somebody goes to pay.

    ``seen_attempts`` is how many attempts to pay there were when the page was
    made that it was typed into, None when that is not known. What is late on
    the network, and so older than what the buyer went to pay with, is not kept.
    Raises :class:`CheckoutClosed` once paid.
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
    attempts = payments.count_attempts(checkout_id=checkout.id)
    if seen_attempts is not None and seen_attempts < attempts:
        return faults
    is_taken = not payments.has_live_payment(checkout_id=checkout.id)
    if is_taken and contact.email:
        checkout.note_step(CheckoutStep.CONTACT)
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
        faults += attendees.list_faults(checkout)
    return faults
