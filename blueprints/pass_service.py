"""Apple's web service for passes: phones register, ask what changed, and fetch it.

The protocol, its addresses and its answers are Apple's ("Adding a Web Service to
Update Passes"). A pass's own token opens it; listing needs the name that the
phone gave itself. Whatever is unknown is answered like a wrong token.
"""

import json
import logging
import re
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Flask, Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from blueprints import outages
from blueprints.outages import OUTAGES, RETRY_AFTER_SECONDS
from webapp.documents.pass_package import PKPASS_TYPE
from webapp.documents.ticket_passes import SERVICE_PATH, apple_pass
from webapp.domain import pass_updates, passes
from webapp.extensions import csrf, signer
from webapp.models import WalletPass
from webapp.ports import ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

log = logging.getLogger(__name__)

bp = Blueprint("pass_service", __name__, url_prefix=f"{SERVICE_PATH}/v1")

MAX_BODY_BYTES = 16 * 1024
_PUSH_TOKEN = re.compile(r"[0-9a-fA-F]{8,200}")
_PHONE = re.compile(r"[0-9A-Za-z_.-]{8,128}")
REGISTRATIONS = "/devices/<phone>/registrations/<pass_type>"


def init_app(app: Flask) -> None:
    """Answer phones."""
    # Tokens of passes stand in for ours; each view is named, so that a new one is not exempt.
    for view in (register_phone, unregister_phone, receive_log):
        csrf.exempt(view)
    app.register_blueprint(bp)


@bp.before_request
def limit_size() -> None:
    request.max_content_length = MAX_BODY_BYTES


@bp.post(f"{REGISTRATIONS}/<serial>")
def register_phone(phone: str, pass_type: str, serial: str) -> Response:
    """201 for a phone that is new to the pass, 200 for one that is known."""
    wallet_pass = authorised_pass(pass_type, serial)
    push_token = read_push_token()
    if not push_token or not _PHONE.fullmatch(phone):
        return _plain(HTTPStatus.BAD_REQUEST)
    with transaction():
        is_new = passes.register_phone(
            wallet_pass=wallet_pass,
            phone=phone,
            push_token=push_token,
            now=ports().utc_now(),
            trace_id=current_trace_id(),
        )
    if is_new is None:
        return _plain(HTTPStatus.FORBIDDEN)
    return _plain(HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@bp.delete(f"{REGISTRATIONS}/<serial>")
def unregister_phone(phone: str, pass_type: str, serial: str) -> Response:
    """200, also for a phone that was not registered."""
    wallet_pass = authorised_pass(pass_type, serial)
    with transaction():
        passes.unregister_phone(wallet_pass=wallet_pass, phone=phone)
    return _plain(HTTPStatus.OK)


@bp.get(REGISTRATIONS)
def list_changed(phone: str, pass_type: str) -> Response:
    """The serials of the phone's passes that changed since its tag; 204 for none."""
    if not serves(pass_type):
        return _plain(HTTPStatus.NOT_FOUND)
    serials, tag = passes.list_changed_serials(phone=phone, since=read_tag(), now=ports().utc_now())
    if not serials:
        return _plain(HTTPStatus.NO_CONTENT)
    return jsonify(serialNumbers=list(serials), lastUpdated=str(int(tag.timestamp())))


@bp.get("/passes/<pass_type>/<serial>")
def show_pass(pass_type: str, serial: str) -> Response:
    """The pass as it is now; 304 when the phone has that one."""
    wallet_pass = authorised_pass(pass_type, serial)
    keys = ports().passes.usable_apple(now=ports().utc_now())
    if keys is None:
        log.error("no pass made: a certificate is not valid")
        return _plain(HTTPStatus.SERVICE_UNAVAILABLE)
    wallet_pass = look_again(wallet_pass)
    seen_at = request.if_modified_since
    if seen_at is not None and seen_at >= wallet_pass.changed_at:
        return _plain(HTTPStatus.NOT_MODIFIED)
    response = make_response(apple_pass(wallet_pass, keys=keys))
    response.mimetype = PKPASS_TYPE
    response.last_modified = wallet_pass.changed_at
    return response


@bp.post("/log")
def receive_log() -> Response:
    """Phones tell what they did not like. Their texts may name anything: they are only counted."""
    entries = read_json().get("logs")
    count = len(entries) if isinstance(entries, list) else 0
    log.warning("phones complain about passes", extra={"entries": count})
    return _plain(HTTPStatus.OK)


@bp.after_request
def store_nothing(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.errorhandler(HTTPException)
def show_fault(error: HTTPException) -> Response:
    """A status is all that a phone reads."""
    response = _plain(HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR))
    response.headers.extend(
        [pair for pair in error.get_headers() if pair[0].lower() == "retry-after"]
    )
    return response


def ask_again_later(error: Exception) -> Response:
    """The database is away; the phone asks again by itself."""
    log.error("database did not answer", extra={"error": outages.name_of(error)})
    response = _plain(HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


for outage in OUTAGES:
    bp.register_error_handler(outage, ask_again_later)


class Unauthorised(HTTPException):
    """The token does not belong to the pass, or there is no such pass."""

    code = HTTPStatus.UNAUTHORIZED


def serves(pass_type: str) -> bool:
    """Whether passes of that type are made here."""
    keys = ports().passes.apple
    return keys is not None and keys.pass_type_identifier == pass_type


def authorised_pass(pass_type: str, serial: str) -> WalletPass:
    """The pass that the request's token opens. Raises :class:`Unauthorised`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    # The token first and in constant time: nobody learns which passes there are.
    opens = passes.is_pass_token(signer(), serial, token)
    if scheme != "ApplePass" or not opens or not serves(pass_type):
        raise Unauthorised
    wallet_pass = passes.find_pass(serial)
    if wallet_pass is None:
        raise Unauthorised
    return wallet_pass


def look_again(wallet_pass: WalletPass) -> WalletPass:
    """The same pass with a tag that fits what it shows, also between two sweeps."""
    with transaction():
        changed = pass_updates.note_tickets_changed(
            ticket_ids=[wallet_pass.ticket_id],
            now=ports().utc_now(),
            trace_id=current_trace_id(),
        )
    return (passes.find_pass(wallet_pass.serial) if changed else None) or wallet_pass


def read_push_token() -> str:
    """The token in the body; empty when there is none that Apple could have made."""
    push_token = read_json().get("pushToken")
    is_right = isinstance(push_token, str) and _PUSH_TOKEN.fullmatch(push_token)
    return str(push_token) if is_right else ""


def read_json() -> dict[str, object]:
    """The body's object; empty for anything else."""
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def read_tag() -> datetime | None:
    """The moment that the phone was told last; None for none, or for no tag of ours."""
    tag = request.args.get("passesUpdatedSince", "")
    if not tag.isascii() or not tag.isdigit() or len(tag) > len("9999999999"):
        return None
    return datetime.fromtimestamp(int(tag), UTC)


def _plain(status: HTTPStatus) -> Response:
    body = "" if status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED} else status.phrase
    return Response(body, status, mimetype="text/plain")
