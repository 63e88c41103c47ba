"""Who buys: what was typed, made into something that can be written to."""

import re
from dataclasses import dataclass
from typing import Self
from unicodedata import normalize

import phonenumbers
from babel.core import get_global
from email_validator import EmailNotValidError, validate_email

from webapp.errors import FieldFault, InvalidRequest
from webapp.models import Checkout, Order
from webapp.wording import n_

MAX_NAME_LENGTH = 120
# Soft hyphen, zero-width space, the two marks of direction, byte order mark.
_UNSEEN = dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, 0xFEFF))
# Zero-width non-joiner and joiner.
_JOINERS = re.compile("[\u200c\u200d]+")


@dataclass(frozen=True, slots=True)
class Contact:
    """A checked contact: each part is valid and normalised, or empty."""

    email: str = ""
    name: str = ""
    phone: str = ""

    @classmethod
    def of(cls, source: Checkout | Order) -> Self:
        """Who buys, as a checkout or an order has it."""
        return cls(email=source.contact_email, name=source.contact_name, phone=source.contact_phone)


def parse_contact(*, email: str, name: str, phone: str, time_zone: str = "") -> Contact:
    """Check and normalise what was typed; every part may be empty.

    The email is normalised by its own standard's rules and folded, so that one
    mailbox has one spelling wherever it is kept, the phone to E.164. A
    number typed without a country code is one of the country that ``time_zone``
    belongs to, the event's: most buyers live where they go out. Raises
    :class:`InvalidRequest` naming each faulty field.
    """
    contact, faults = check_contact(email=email, name=name, phone=phone, time_zone=time_zone)
    if faults:
        raise InvalidRequest(faults)
    return contact


def check_contact(
    *, email: str, name: str, phone: str, time_zone: str = ""
) -> tuple[Contact, list[FieldFault]]:
    """The contact as far as it is right, a faulty part empty, and what is wrong with the rest."""
    faults: list[FieldFault] = []
    contact = Contact(
        email=_email(email.strip(), faults),
        name=check_name(name, field="contact.name", faults=faults),
        phone=_phone(phone.strip(), time_zone, faults),
    )
    return contact, faults


def check_name(typed: str, *, field: str, faults: list[FieldFault]) -> str:
    """The name with single spaces; empty, with a fault under ``field``, when it cannot be one.

    Signs that nobody sees and no name needs are left out: they come along when
    a name is pasted. Joiners belong into Persian, Indian and other names.
    """
    words = (_JOINERS.sub(_joiner, word) for word in typed.translate(_UNSEEN).split())
    name = " ".join(word for word in words if word)
    if len(name) > MAX_NAME_LENGTH:
        sentence = n_("Enter a name of at most %(most)s characters.")
        faults.append(FieldFault(field, sentence, {"most": MAX_NAME_LENGTH}))
        return ""
    if not _JOINERS.sub("", name).isprintable():
        faults.append(FieldFault(field, n_("Enter a name without special signs.")))
        return ""
    return name


def fold_address(address: str) -> str:
    """The one spelling under which a mailbox is kept: providers ignore case.

    Done here and not in SQL, which folds letters beyond ASCII otherwise: two people
    would share a mailbox, or one person would not be found.
    """
    return normalize("NFC", address.lower())


def ascii_address(address: str) -> str:
    """A kept address as mail and payment services take it: its domain in ASCII."""
    if address.isascii():
        return address
    try:
        found = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return address
    return found.ascii_email or address


def _joiner(found: re.Match[str]) -> str:
    """One joiner between two signs, none at an edge of the word."""
    is_between = found.start() > 0 and found.end() < len(found.string)
    return found[0][0] if is_between else ""


def international(phone: str) -> str:
    """An E.164 number as people read it, such as ``+1 303-555-0100``; others as they are."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _email(typed: str, faults: list[FieldFault]) -> str:
    if not typed:
        return ""
    try:
        # No DNS: a checkout must not wait for, or fail with, a name server.
        found = validate_email(typed, check_deliverability=False)
    except EmailNotValidError:
        sentence = n_("Enter an email address in the form name@example.com.")
        faults.append(FieldFault("contact.email", sentence))
        return ""
    if found.smtputf8:
        # Mail services refuse it, and the tickets would never arrive.
        sentence = n_(
            "Use another address: we can only write to those with the letters a to z before the @."
        )
        faults.append(FieldFault("contact.email", sentence))
        return ""
    return fold_address(found.normalized)


def _phone(typed: str, time_zone: str, faults: list[FieldFault]) -> str:
    if not typed:
        return ""
    # How most of the world dials abroad. No number at home begins like that.
    dialled = f"+{typed[2:]}" if typed.startswith("00") else typed
    try:
        number = phonenumbers.parse(dialled, _country(time_zone))
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        faults.append(
            FieldFault(
                "contact.phone",
                n_("Enter a phone number with its country code, such as +1 303 555 0100."),
            )
        )
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _country(time_zone: str) -> str | None:
    """The country (ISO 3166 alpha-2) on whose clocks ``time_zone`` is, by Unicode's tables.

    None for a zone of no country, such as UTC: a number then needs its code.
    """
    known = get_global("zone_aliases").get(time_zone, time_zone)
    country = get_global("zone_territories").get(known)
    return country if country in phonenumbers.SUPPORTED_REGIONS else None
