"""Who gets a ticket: an address, and the name that stands on it then."""

from collections.abc import Sequence

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField

from blueprints.forms.contact import EMAIL_INPUT, OWN_EMAIL_INPUT, OWN_NAME_INPUT
from blueprints.language import sentence_of
from webapp.errors import FieldFault


class _MarkedForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """What is right about a field is the domain's business."""

    def mark(self, faults: Sequence[FieldFault]) -> None:
        """Say at each field what is wrong with it."""
        for fault in faults:
            self[fault.field].errors = [*self[fault.field].errors, sentence_of(fault)]


class InvitationForm(_MarkedForm):
    """The friend's address, as the holder knows it: not the typing person's own."""

    email = EmailField(
        lazy_gettext("Your friend's email"), render_kw={"autocomplete": "off", **EMAIL_INPUT}
    )


class ClaimForm(_MarkedForm):
    """The friend, who opened the link."""

    name = StringField(lazy_gettext("Your name"), render_kw=OWN_NAME_INPUT)
    email = EmailField(lazy_gettext("Your email"), render_kw=OWN_EMAIL_INPUT)


class AcceptanceForm(_MarkedForm):
    """The friend, whose mailbox is known."""

    name = StringField(lazy_gettext("Your name"), render_kw=OWN_NAME_INPUT)
