"""Who gets a ticket: an address, and the name that stands on it then."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField

from blueprints.forms.contact import MAX_EMAIL_LENGTH
from blueprints.language import sentence_of
from webapp.domain.contacts import MAX_NAME_LENGTH
from webapp.errors import FieldFault

_EMAIL: dict[str, Any] = {
    "inputmode": "email",
    "autocapitalize": "none",
    "spellcheck": "false",
    "maxlength": MAX_EMAIL_LENGTH,
}
_NAME: dict[str, Any] = {
    "autocomplete": "name",
    "autocapitalize": "words",
    "spellcheck": "false",
    "maxlength": MAX_NAME_LENGTH,
}


class _MarkedForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """What is right about a field is the domain's business."""

    def mark(self, faults: Sequence[FieldFault]) -> None:
        """Say at each field what is wrong with it."""
        for fault in faults:
            self[fault.field].errors = [*self[fault.field].errors, sentence_of(fault)]


class InvitationForm(_MarkedForm):
    """The friend's address, as the holder knows it: not the typing person's own."""

    email = EmailField(
        lazy_gettext("Your friend's email"), render_kw=_EMAIL | {"autocomplete": "off"}
    )


class ClaimForm(_MarkedForm):
    """The friend, who opened the link."""

    name = StringField(lazy_gettext("Your name"), render_kw=_NAME)
    email = EmailField(lazy_gettext("Your email"), render_kw=_EMAIL | {"autocomplete": "email"})


class AcceptanceForm(_MarkedForm):
    """The friend, whose mailbox is known."""

    name = StringField(lazy_gettext("Your name"), render_kw=_NAME)
