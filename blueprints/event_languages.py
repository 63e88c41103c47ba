"""The switch between languages on an event's page: what was chosen goes along and stays."""

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from blueprints.event_pages import render_event_page
from blueprints.events import bp
from blueprints.forms.basket import read_basket
from blueprints.language import current_language, remember_language
from webapp.catalogues import LANGUAGES


@bp.post("/e/<slug>/language")
def update_language(slug: str) -> ResponseReturnValue:
    """Show the event as it is in another language, with the choice as it was typed.

    Answers the page and no redirect, as a code does; a code that was typed and not
    sent stays in its field.
    """
    basket = read_basket(request.form)
    code = request.form.get("lang", "")
    with force_locale(code if code in LANGUAGES else current_language()):
        response = make_response(render_event_page(slug, basket=basket))
    if code in LANGUAGES:
        remember_language(response, code)
    return response


@bp.get("/e/<slug>/language")
def show_language(slug: str) -> ResponseReturnValue:
    """A reload of that answer: back to where one chooses."""
    return redirect(url_for("events.show_event", slug=slug), code=303)
