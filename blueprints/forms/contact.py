"""Who buys: the email first, everything else optional."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TelField
from wtforms.validators import InputRequired

from blueprints.language import sentence_of
from webapp.domain.contacts import MAX_NAME_LENGTH, Contact, parse_contact
from webapp.errors import InvalidRequest
from webapp.models import Checkout

MAX_EMAIL_LENGTH = 254
MAX_PHONE_LENGTH = 32


class ContactForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """The fields of a contact. What is right about them is the domain's business."""

    email = EmailField(
        lazy_gettext("Email"),
        validators=[InputRequired(lazy_gettext("Enter the email we should send your tickets to."))],
        render_kw={
            "autocomplete": "email",
            "inputmode": "email",
            "autocapitalize": "none",
            "spellcheck": "false",
            "maxlength": MAX_EMAIL_LENGTH,
        },
    )
    name = StringField(
        lazy_gettext("Name"), render_kw={"autocomplete": "name", "maxlength": MAX_NAME_LENGTH}
    )
    phone = TelField(
        lazy_gettext("Phone"), render_kw={"autocomplete": "tel", "maxlength": MAX_PHONE_LENGTH}
    )

    @classmethod
    def of(cls, checkout: Checkout) -> "ContactForm":
        """The form as a page shows it: what is known so far."""
        return cls(
            formdata=None,
            email=checkout.contact_email,
            name=checkout.contact_name,
            phone=checkout.contact_phone,
        )

    def read_contact(self) -> Contact | None:
        """The contact to pay with; None when a field has to be corrected first."""
        is_complete = self.validate()
        contact = self._parse()
        return contact if is_complete else None

    def read_draft(self) -> Contact | None:
        """The contact as far as it was typed; the email may still be missing."""
        return self._parse()

    def _parse(self) -> Contact | None:
        try:
            return parse_contact(
                email=self.email.data or "",
                name=self.name.data or "",
                phone=self.phone.data or "",
            )
        except InvalidRequest as refusal:
            for fault in refusal.faults:
                faulty = self[fault.field.removeprefix("contact.")]
                faulty.errors = [*faulty.errors, sentence_of(fault)]
            return None
