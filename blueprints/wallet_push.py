"""Whether this browser wants to be told: asked for by a person's tap, ended by another."""

from http import HTTPStatus

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from blueprints.language import current_language
from blueprints.wallet import bp
from blueprints.wallet_copy import own_copy
from webapp.domain import push_subscriptions
from webapp.extensions import csrf
from webapp.ports import ports
from webapp.transaction import transaction

# An address of 2,000 characters and two keys.
MAX_BODY_BYTES = 4_000


@bp.post("/wallet/push-subscriptions")
def create_push_subscription() -> ResponseReturnValue:
    """Tell this browser what happens to its tickets from now on."""
    copy = own_copy()
    body = _read_body()
    with transaction():
        push_subscriptions.subscribe(
            wallet_copy_id=copy.id,
            endpoint=_text(body, "endpoint"),
            p256dh=_text(body, "keys", "p256dh"),
            auth=_text(body, "keys", "auth"),
            locale=current_language(),
            accepts=ports().pusher.accepts,
            now=ports().utc_now(),
        )
    return Response(status=HTTPStatus.NO_CONTENT)


@bp.delete("/wallet/push-subscriptions")
def delete_push_subscription() -> ResponseReturnValue:
    """Tell this browser nothing any more. Safe to repeat."""
    copy = own_copy()
    with transaction():
        push_subscriptions.unsubscribe(wallet_copy_id=copy.id)
    return Response(status=HTTPStatus.NO_CONTENT)


# The page with the button may be weeks old, kept by its worker, and so would be a token in it.
# No other site can send JSON or a DELETE with cookies, and is refused besides.
csrf.exempt(create_push_subscription)
csrf.exempt(delete_push_subscription)


def _read_body() -> object:
    """Any JSON document; 400 for what is none, 413 for what is too long."""
    # A body in chunks names no length. The application's limit bounds what is read of it.
    if (request.content_length or 0) > MAX_BODY_BYTES or len(request.get_data()) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    try:
        return request.get_json()
    except RecursionError as error:
        raise BadRequest from error


def _text(body: object, *names: str) -> str:
    """A text within a JSON document; empty when there is none at that place."""
    for name in names:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""
