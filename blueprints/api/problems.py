"""Refusals and failures as ``application/problem+json`` with a stable ``code``."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from blueprints import outages
from blueprints.language import sentence_of
from blueprints.outages import OUTAGES, RETRY_AFTER_SECONDS
from webapp.errors import InvalidRequest, Refusal
from webapp.tracing import current_trace_id
from webapp.wording import n_

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
API_PREFIX = "/api/"

_SENTENCES = {
    400: n_("The request could not be understood."),
    401: n_("Send the checkout's token in the Authorization header."),
    403: n_("This request is not allowed from another site."),
    404: n_("There is nothing at this address."),
    405: n_("This address does not answer that method."),
    406: n_("This address answers in JSON only."),
    413: n_("The request is too long."),
    415: n_("Send the request as application/json."),
    429: n_("Too many requests. Wait a moment and try again."),
    503: n_("We cannot reach our own records right now. Try again in a moment."),
}
_UNEXPECTED = n_("Something went wrong on our side. Try again, or tell us the trace id.")
# Part of the API: never taken from a library, whose names change.
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "request_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    500: "internal_error",
    503: "service_unavailable",
}


def init_blueprint(bp: Blueprint) -> None:
    """Answer every failure inside ``bp`` with a problem document."""
    bp.register_error_handler(Refusal, show_refusal)
    bp.register_error_handler(HTTPException, show_http_error)
    for outage in OUTAGES:
        bp.register_error_handler(outage, show_outage)


def wants_problem() -> bool:
    """Whether the request was for the API, also where no view of it was reached."""
    return request.path.startswith(API_PREFIX)


def show_refusal(refusal: Refusal) -> Response:
    """A rule said no: its own status, code and sentence."""
    extra = refusal.details()
    if isinstance(refusal, InvalidRequest):
        extra["errors"] = [
            {"field": fault.field, "message": sentence_of(fault)} for fault in refusal.faults
        ]
    return problem(
        refusal.http_status,
        code=refusal.code,
        detail=sentence_of(refusal),
        extra=extra,
    )


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """An HTTP error, including a bug (500): a sentence of ours, never the exception's text."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status < HTTPStatus.BAD_REQUEST:
        return error
    answer = problem(
        status,
        code=_CODES.get(status, "error"),
        detail=gettext(_SENTENCES.get(status, _UNEXPECTED)),
    )
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def show_outage(error: Exception) -> Response:
    """The database is away: nothing was kept, and the same request may be sent again."""
    log.error("database did not answer", extra={"error": outages.name_of(error)})
    status = HTTPStatus.SERVICE_UNAVAILABLE
    answer = problem(status, code=_CODES[status], detail=gettext(_SENTENCES[status]))
    answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def problem(
    status: int, *, code: str, detail: str, extra: Mapping[str, Any] | None = None
) -> Response:
    """A problem document; ``extra`` adds members that the code documents."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "trace_id": current_trace_id(),
        **(extra or {}),
    }
    return Response(json.dumps(document), status, content_type=MEDIA_TYPE)
