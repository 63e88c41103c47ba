"""What is on, one event with its ticket picker, and what a choice would cost."""

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.attribution import visitor_tags
from blueprints.availability import availability_answer
from blueprints.event_pages import event_page, own_code
from blueprints.forms.basket import read_basket
from blueprints.forms.search import read_search, search_query
from blueprints.htmx import leave_for, wants_fragment
from blueprints.language import sentence_of
from webapp.domain import baskets, offers
from webapp.domain.event_search import list_months, search_events
from webapp.errors import InvalidRequest
from webapp.ports import ports

bp = Blueprint("events", __name__)


@bp.get("/")
def list_events() -> ResponseReturnValue:
    """What is on, the next event first; all of it, or what is looked for."""
    now = ports().utc_now()
    search, tags = read_search(request.args), visitor_tags()
    found = search_events(search=search, now=now)
    page = render_template(
        "events/_list.html" if wants_fragment() else "events/list.html",
        search=search,
        tags=tags,
        events=found,
        prices=offers.find_price_spans(events=found, now=now),
        months=() if wants_fragment() else list_months(now=now),
    )
    response = make_response(page)
    response.headers["HX-Push-Url"] = url_for(".list_events", **search_query(search), **tags)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get("/e/<slug>")
def show_event(slug: str) -> ResponseReturnValue:
    """One event with its picker."""
    response = make_response(event_page(slug))
    # Not "no-store": the back button may show it as it was left.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get("/e/<slug>/availability")
def show_availability(slug: str) -> ResponseReturnValue:
    """What is left of each tier, for a page that stays open."""
    return availability_answer(slug)


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
