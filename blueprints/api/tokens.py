"""The bearer token of a checkout: the API's only credential."""

from flask import request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from webapp.domain import access
from webapp.errors import NotFound
from webapp.extensions import signer


def require_token(reference: str) -> None:
    """Let nobody pass but the holder of the checkout's token.

    401 without a token, whatever is asked for; 404 with a wrong one, so that
    nobody learns which checkouts exist. Nothing is looked up before.
    """
    token = sent_token()
    if not token.isascii() or not access.is_checkout_token(signer(), reference, token):
        raise NotFound


def sent_token() -> str:
    """The token in the Authorization header. Raises 401 when there is none."""
    sent = request.authorization
    if sent is None or sent.type != "bearer" or not sent.token:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
    return sent.token
