"""What is on, one event with its ticket picker, and what a choice would cost."""

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.event_pages import event_page, own_code
from blueprints.forms.basket import read_basket
from blueprints.htmx import leave_for, wants_fragment
from blueprints.language import sentence_of
from webapp.domain import baskets, events, offers
from webapp.errors import InvalidRequest
from webapp.ports import ports

bp = Blueprint("events", __name__)


@bp.get("/")
def list_events() -> ResponseReturnValue:
    """What is on, the next event first."""
    now = ports().utc_now()
    upcoming = events.list_upcoming_events(now=now)
    lowest = offers.find_lowest_prices(events=upcoming, now=now)
    response = make_response(render_template("events/list.html", events=upcoming, lowest=lowest))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get("/e/<slug>")
def show_event(slug: str) -> ResponseReturnValue:
    """One event with its picker."""
    response = make_response(event_page(slug))
    # Not "no-store": the back button may show it as it was left.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get("/e/<slug>/total")
def show_total(slug: str) -> ResponseReturnValue:
    """What the present choice costs, computed here and nowhere else."""
    if not wants_fragment():
        return leave_for(url_for(".show_event", slug=slug))
    price, fault = None, ""
    try:
        lines = read_basket(request.args).checked_lines()
        code = own_code(slug)
        price = baskets.quote_basket(slug=slug, lines=lines, now=ports().utc_now(), code=code)
    except InvalidRequest as refusal:
        fault = sentence_of(refusal.faults[0])
    return render_template("events/_total.html", price=price, fault=fault)
