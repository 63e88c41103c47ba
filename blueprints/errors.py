"""Refusals and HTTP errors as pages, or as alerts within the page that htmx is on."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from blueprints import outages
from blueprints.api import problems
from blueprints.htmx import wants_fragment
from blueprints.language import sentence_of
from blueprints.outages import OUTAGES, RETRY_AFTER_SECONDS
from webapp.errors import Refusal
from webapp.wording import n_

log = logging.getLogger(__name__)

# Title and sentence by status; the sentence says what to do next.
_TEXTS: Mapping[int, tuple[str, str]] = {
    400: (
        n_("That request was not understood"),
        n_("Go back, reload the page and try again."),
    ),
    403: (
        n_("That is not allowed from another site"),
        n_("Open this site directly and try again there."),
    ),
    404: (
        n_("Page not found"),
        n_("We cannot find that. Check the link, or start again from the event list."),
    ),
    405: (
        n_("That address works differently"),
        n_("Start again from the event list."),
    ),
    413: (
        n_("That was too much at once"),
        n_("Send less text and try again."),
    ),
    429: (
        n_("Too many requests"),
        n_("Wait a minute, then try again. Tickets that you hold stay held."),
    ),
    500: (
        n_("Something went wrong on our side"),
        n_("Try again in a moment. Nothing was charged that you did not see confirmed."),
    ),
    503: (
        n_("We will be right back"),
        n_("We cannot reach our own records right now. Try again in a moment."),
    ),
}
_STALE_FORM = (
    n_("This form is no longer valid"),
    n_("Go back, reload the page and send the form again. Nothing was changed."),
)
_NO_COOKIE = (
    n_("We did not get our cookie back"),
    n_(
        "Reload the page and send the form again. If that does not help, allow cookies for this"
        " site in your browser's settings, or use another browser: without one we cannot tell"
        " your tickets from somebody else's. Nothing was changed."
    ),
)
_REFUSED = n_("That did not work")


def init_app(app: Flask) -> None:
    """Answer every failure in the form that was asked for; the API has its own."""
    app.register_error_handler(Refusal, show_refusal)
    app.register_error_handler(HTTPException, show_http_error)
    for outage in OUTAGES:
        app.register_error_handler(outage, show_outage)


def show_refusal(refusal: Refusal) -> ResponseReturnValue:
    """Tell the buyer why not, in place for htmx and as a page otherwise."""
    if problems.wants_problem():
        return problems.show_refusal(refusal)
    status = refusal.http_status
    title = _TEXTS[status][0] if status == HTTPStatus.NOT_FOUND else _REFUSED
    return show_error(title, sentence_of(refusal), status)


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """An HTTP error, including a bug (500): a sentence of ours, never the exception's text."""
    if problems.wants_problem():
        return problems.show_http_error(error)
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    status = error.code
    title, sentence = _form_texts() if isinstance(error, CSRFError) else text_of(status)
    response = show_error(title, gettext(sentence), status)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def show_outage(error: Exception) -> ResponseReturnValue:
    """The database is away: nothing was kept, and the same request may be sent again."""
    if problems.wants_problem():
        return problems.show_outage(error)
    log.error("database did not answer", extra={"error": outages.name_of(error)})
    title, sentence = _TEXTS[HTTPStatus.SERVICE_UNAVAILABLE]
    response = show_error(title, gettext(sentence), HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def show_error(title: str, sentence: str, status: int) -> Response:
    """One message. Reads neither the database nor the session: both may be what failed."""
    template = "components/_alert.html" if wants_fragment() else "error.html"
    page = render_template(template, title=gettext(title), message=sentence)
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    if wants_fragment():
        response.headers["HX-Retarget"] = "#alerts"
        response.headers["HX-Reswap"] = "innerHTML"
        # Also where the element that asked takes only a part of its answer.
        response.headers["HX-Reselect"] = "#alert"
    return response


def _form_texts() -> tuple[str, str]:
    """Why a form's token is not right: where no cookie came back, none ever will be."""
    has_cookie = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    return _STALE_FORM if has_cookie else _NO_COOKIE


def text_of(status: int) -> tuple[str, str]:
    """Title and sentence of a status, to be translated."""
    if status in _TEXTS:
        return _TEXTS[status]
    return _TEXTS[500 if status >= HTTPStatus.INTERNAL_SERVER_ERROR else 400]
