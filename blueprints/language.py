"""Which language a page speaks, and the domain's sentences in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, urlencode, urlsplit

from babel import Locale
from flask import Flask, Response, current_app, has_request_context, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from webapp.catalogues import LANGUAGES, load_catalogue
from webapp.errors import FieldFault, Refusal
from webapp.extensions import babel
from webapp.formats import money_text, time_text
from webapp.wording import Amount, Moment

ONE_YEAR_SECONDS = 365 * 24 * 3600
# What no person reads; files belong to no blueprint.
PROGRAMS = frozenset({"", "api", "health", "pass_service", "security", "webhooks"})
API_PREFIX = "/api/"
SAFE_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """One language of the switch, in its own words."""

    code: str
    name: str
    is_current: bool


def choose_language() -> str:
    """The language chosen on this site, else the browser's best of ours, else English.

    Programs keep no cookies, and their answers may be shared by a cache: for them
    only ``Accept-Language`` counts. Work without a request names its own language.
    """
    if not has_request_context():
        return LANGUAGES[0]
    chosen = "" if request.path.startswith(API_PREFIX) else request.cookies.get(_cookie_name(), "")
    if chosen in LANGUAGES:
        return chosen
    # In the reader's order. Werkzeug's best_match prefers exact names: to somebody who
    # reads British English and some German it would answer in German.
    wanted = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality)
    return next((language for language in wanted if language in LANGUAGES), LANGUAGES[0])


def current_language() -> str:
    """The language of the page that is being written."""
    return str(get_locale() or LANGUAGES[0])


def sentence_of(named: FieldFault | Refusal) -> str:
    """The sentence that the domain named, in the reader's language and with its numbers."""
    return str(gettext(named.message, **_written(named.params)))


def sentence_at(field: str, faults: Sequence[FieldFault]) -> str:
    """What is wrong with one field, empty when nothing is."""
    return next((sentence_of(fault) for fault in faults if fault.field == field), "")


def language_links() -> Sequence[LanguageLink]:
    """The languages of the switch. Each link is the page's own address with ``?lang=``."""
    return [
        LanguageLink(
            code=code,
            name=own_name(code),
            is_current=code == current_language(),
        )
        for code in LANGUAGES
    ]


@cache
def own_name(code: str) -> str:
    """What a language is called by those who read it."""
    return str(Locale.parse(code).display_name).capitalize()


def keep_choice() -> ResponseReturnValue | None:
    """Note the language that a link of the switch names, then show the same page in it.

    The address is made of a route of ours, so it never leads elsewhere; and it no
    longer names the language, so a link that is passed on speaks its reader's.
    """
    code = request.args.get("lang")
    if code not in LANGUAGES or request.method not in SAFE_METHODS:
        return None
    page = _page_address()
    if page is None:
        return None
    query = urlencode(_other_arguments())
    response = redirect(f"{page}?{query}" if query else page, code=303)
    remember_language(response, code)
    return response


def remember_language(response: BaseResponse, code: str) -> None:
    """Let this browser read ``code`` from now on."""
    response.set_cookie(
        _cookie_name(),
        code,
        max_age=ONE_YEAR_SECONDS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def vary_on_language(response: Response) -> Response:
    """Tell caches what decides the language of an answer."""
    if response.mimetype == "text/html":
        response.vary.update(["Accept-Language", "Cookie"])
    elif response.mimetype == "application/problem+json":
        response.vary.add("Accept-Language")
    return response


def init_app(app: Flask) -> None:
    """Translate pages and refusals for the reader of each request."""
    babel.init_app(app, locale_selector=choose_language)
    # Now rather than for the first buyer, and in the parent of all web processes.
    for language in LANGUAGES:
        load_catalogue(language)
    app.before_request(keep_choice)
    app.after_request(vary_on_language)
    app.jinja_env.globals.update(language_links=language_links)


def _cookie_name() -> str:
    """Beside the session's name, whose prefix says that it is for this host alone."""
    return f"{current_app.config['SESSION_COOKIE_NAME']}-language"


def _page_address() -> str | None:
    """The page that was asked for; None when a program asked, or for a program's answer.

    A page that answered a form cannot be opened at its own address, but its nearest
    ancestor can: ``/checkout/x`` for ``/checkout/x/payment``.
    """
    routes = current_app.create_url_adapter(request)
    path = request.path
    if routes is None or path.startswith(API_PREFIX):
        return None
    while path:
        try:
            endpoint, values = routes.match(path, method="GET")
        except HTTPException:
            path = path.rstrip("/").rpartition("/")[0]
        else:
            is_page = endpoint.rpartition(".")[0] not in PROGRAMS
            return url_for(endpoint, **values) if is_page else None
    return url_for("events.list_events")


def _other_arguments() -> list[tuple[str, str]]:
    """What else the address asked for, a search for example, as it was before the switch."""
    try:
        came_from = urlsplit(request.referrer or "")
    except ValueError:  # Anything may stand there; that is no page of ours.
        came_from = urlsplit("")
    if (came_from.netloc, came_from.path) == (request.host, request.path):
        pairs = parse_qsl(came_from.query)
    else:
        pairs = list(request.args.items(multi=True))
    return [(name, value) for name, value in pairs if name != "lang"]


def _written(params: Mapping[str, object]) -> dict[str, object]:
    return {name: _written_value(value) for name, value in params.items()}


def _written_value(value: object) -> object:
    match value:
        case Amount(cents, currency):
            return money_text(cents, currency=currency, locale=current_language())
        case Moment(at, time_zone):
            return time_text(at, time_zone=time_zone, locale=current_language())
        case _:
            return value
