"""A promotion or access code on an event's page: typed, sent along by a link, taken away.

What was recognised is remembered as a name in the browser's signed cookie and judged
anew whenever it is used. Nothing is counted before a basket is held.
"""

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.code_attempts import take_code
from blueprints.event_pages import render_event_page
from blueprints.events import bp
from blueprints.forms.basket import read_basket
from webapp.errors import CodeRefused


@bp.post("/e/<slug>/code")
def update_code(slug: str) -> ResponseReturnValue:
    """Show the event as it is with the code that was typed, or without one.

    Answers the page and no redirect: the numbers that were chosen meanwhile stay.
    """
    basket = read_basket(request.form)
    try:
        take_code(event_slug=slug, text=buyer.typed_code())
    except CodeRefused as refusal:
        page = render_event_page(slug, basket=basket, faults=refusal.faults, is_code_news=True)
        return make_response(page, refusal.http_status)
    return make_response(render_event_page(slug, basket=basket, is_code_news=True))


@bp.get("/e/<slug>/code")
def show_code(slug: str) -> ResponseReturnValue:
    """A reload of that answer: back to where one chooses."""
    return redirect(url_for("events.show_event", slug=slug), code=303)
