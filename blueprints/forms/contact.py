"""Who buys: the email first, everything else optional."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TelField
from wtforms.validators import InputRequired

from blueprints.language import sentence_of
from webapp.domain.contacts import (
    MAX_NAME_LENGTH,
    Contact,
    check_contact,
    international,
    parse_contact,
)
from webapp.errors import FieldFault
from webapp.models import Checkout

MAX_EMAIL_LENGTH = 254
MAX_PHONE_LENGTH = 32


# Nothing that a phone's keyboard would "correct" into another address or name.
EMAIL_INPUT: Mapping[str, Any] = {
    "inputmode": "email",
    "autocapitalize": "none",
    "spellcheck": "false",
    "maxlength": MAX_EMAIL_LENGTH,
}
OWN_EMAIL_INPUT = {"autocomplete": "email", **EMAIL_INPUT}
OWN_NAME_INPUT: Mapping[str, Any] = {
    "autocomplete": "name",
    "autocapitalize": "words",
    "spellcheck": "false",
    "maxlength": MAX_NAME_LENGTH,
}


class ContactForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """The fields of a contact. What is right about them is the domain's business."""

    email = EmailField(
        lazy_gettext("Email"),
        validators=[InputRequired(lazy_gettext("Enter the email we should send your tickets to."))],
        render_kw=OWN_EMAIL_INPUT,
    )
    name = StringField(lazy_gettext("Name"), render_kw=OWN_NAME_INPUT)
    phone = TelField(
        lazy_gettext("Phone"),
        render_kw={"autocomplete": "tel", "inputmode": "tel", "maxlength": MAX_PHONE_LENGTH},
    )

    @classmethod
    def of(cls, checkout: Checkout) -> "ContactForm":
        """The form as a page shows it: what was typed so far, right or not yet."""
        return cls(
            formdata=None,
            email=_shown(checkout.draft_email, checkout.contact_email),
            name=_shown(checkout.draft_name, checkout.contact_name),
            phone=_shown(checkout.draft_phone, international(checkout.contact_phone)),
        )

    def contact(self, *, time_zone: str) -> Contact:
        """The contact to pay with. Raises :class:`InvalidRequest` when it is not right."""
        return parse_contact(
            email=self.email.data or "",
            name=self.name.data or "",
            phone=self.phone.data or "",
            time_zone=time_zone,
        )

    def phone_as_read(self, *, time_zone: str) -> str:
        """How a number without its country code was understood; empty when nothing was guessed.

        A visitor's number may be a good one of the event's country: only they can tell.
        """
        typed = (self.phone.data or "").strip()
        contact, _ = check_contact(email="", name="", phone=typed, time_zone=time_zone)
        return "" if typed.startswith(("+", "00")) else international(contact.phone)

    def mark(self, faults: Sequence[FieldFault]) -> None:
        """Say at each field of the contact what is wrong with it."""
        for fault in faults:
            prefix, _, name = fault.field.partition(".")
            if prefix == "contact":
                self[name].errors = [*self[name].errors, sentence_of(fault)]


def _shown(draft: str | None, contact: str) -> str:
    return contact if draft is None else draft
