"""The key of one rendering of a form: sent twice, it makes one checkout."""

import secrets

from flask import request

from blueprints.buyer import buyer_key
from webapp.flows.checkout_start import FormKey

LONGEST_KEY = 64


def new_form_key() -> str:
    """What the hidden field of a form carries that is rendered now."""
    return secrets.token_urlsafe(12)


def sent_form_key(form: str) -> FormKey:
    """The key that came with ``form`` of this browser."""
    return FormKey(f"{form}:{buyer_key()}", request.form.get("form_key", "")[:LONGEST_KEY])
