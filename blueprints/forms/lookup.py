"""The address whose orders somebody lost the mail of."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField

from blueprints.forms.contact import OWN_EMAIL_INPUT


class LookupForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """One field. What is right about it is the domain's business."""

    email = EmailField(lazy_gettext("Email"), render_kw=OWN_EMAIL_INPUT)
