"""Which language a page speaks, and the domain's sentences in it."""

from collections.abc import Mapping

from flask import Flask, request
from flask_babel import get_locale, gettext

from webapp.errors import FieldFault, Refusal
from webapp.extensions import babel
from webapp.formats import money_text
from webapp.wording import Amount

# English is the language of the sources; others join as catalogues arrive.
LANGUAGES = ("en",)


def choose_language() -> str:
    """The best of our languages for this browser, English when none fits."""
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def current_language() -> str:
    """The language of the page that is being written."""
    return str(get_locale() or LANGUAGES[0])


def sentence_of(named: FieldFault | Refusal) -> str:
    """The sentence that the domain named, in the reader's language and with its numbers."""
    return str(gettext(named.message, **_written(named.params)))


def init_app(app: Flask) -> None:
    """Translate pages and refusals for the reader of each request."""
    babel.init_app(app, locale_selector=choose_language)


def _written(params: Mapping[str, object]) -> dict[str, object]:
    return {
        name: money_text(value.cents, currency=value.currency, locale=current_language())
        if isinstance(value, Amount)
        else value
        for name, value in params.items()
    }
