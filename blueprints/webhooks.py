"""Notices from outside: verified, kept, answered. The work is a job's."""

import logging
from http import HTTPStatus

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import NotFound

from blueprints import outages
from blueprints.outages import OUTAGES, RETRY_AFTER_SECONDS
from webapp.domain import webhooks
from webapp.extensions import csrf, settings
from webapp.ports import InvalidNotice, Notice, ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

log = logging.getLogger(__name__)

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")

# The largest events of the gateways are a few dozen kilobytes.
MAX_NOTICE_BYTES = 512 * 1024


def init_app(app: Flask) -> None:
    """Take notices."""
    # Signatures stand in for the token; each view is named, so that a new one is not exempt.
    csrf.exempt(receive_stripe)
    csrf.exempt(receive_resend)
    app.register_blueprint(bp)


@bp.before_request
def limit_size() -> None:
    request.max_content_length = MAX_NOTICE_BYTES


@bp.post("/stripe")
def receive_stripe() -> Response:
    """204 once the notice is durable; anything else makes the gateway send it again."""
    signature = request.headers.get("Stripe-Signature", "")
    notice = ports().payments.read_notice(body=request.get_data(cache=False), signature=signature)
    if notice.livemode is not settings().livemode:
        log.warning("notice of the other mode refused", extra={"event_id": notice.event_id})
        raise InvalidNotice
    return keep_notice("stripe", notice)


@bp.post("/resend")
def receive_resend() -> Response:
    """What became of a mail, kept for people who look for it; 404 without a secret to verify."""
    reader = ports().mail_notices
    if reader is None:
        raise NotFound
    headers = {name.lower(): value for name, value in request.headers}
    notice = reader.read_notice(body=request.get_data(cache=False), headers=headers)
    return keep_notice("resend", notice)


def keep_notice(provider: str, notice: Notice) -> Response:
    """Store a verified notice once, with the work that it makes due."""
    with transaction():
        is_new = webhooks.record_notice(
            provider=provider, notice=notice, now=ports().utc_now(), trace_id=current_trace_id()
        )
    log.info(
        "notice received",
        extra={
            "event_id": notice.event_id,
            "event_type": notice.type,
            "is_new": is_new,
            # The line itself is traced by the delivery: here the two meet.
            "purchase_trace_id": notice.trace_id or "",
        },
    )
    return Response(status=204)


@bp.errorhandler(InvalidNotice)
def refuse_notice(error: InvalidNotice) -> Response:
    """The same few words whatever was wrong: a forger learns nothing."""
    del error
    log.warning("notice refused", extra={"endpoint": request.endpoint})
    return Response("invalid notice", HTTPStatus.BAD_REQUEST, mimetype="text/plain")


def ask_again_later(error: Exception) -> Response:
    """Nothing was kept: the gateway sends it again."""
    log.error("notice not kept", extra={"error": outages.name_of(error)})
    answer = Response("try again", HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")
    answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


for outage in OUTAGES:
    bp.register_error_handler(outage, ask_again_later)
