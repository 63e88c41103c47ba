"""A bought order: what became of it, its receipt, its tickets, its dates."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.htmx import leave_for, wants_fragment
from blueprints.order_page import mail_context, show_order_page
from webapp.documents.calendar import order_calendar
from webapp.documents.order_sheets import order_pdf
from webapp.domain import access
from webapp.errors import NotFound
from webapp.extensions import signer
from webapp.ports import ports

bp = Blueprint("orders", __name__)

# Pages with forms: without a referrer a browser would send those with "Origin: null".
# What opens an order is in none of these addresses.
PAGES_WITH_FORMS = frozenset(
    {
        "orders.show_order",
        "orders.find_tickets",
        "orders.create_lookup",
        "orders.update_address",
        "orders.update_ticket_name",
        "orders.create_ticket_code",
        "orders.create_add_on_checkout",
    }
)


@bp.get("/orders/<number>")
def show_order(number: str) -> ResponseReturnValue:
    """The order page, for the browser that bought it or was let in by its link."""
    return show_order_page(buyer.own_order(number))


@bp.get("/orders/<number>/mail")
def show_mail(number: str) -> ResponseReturnValue:
    """Whether the confirmation mail is out: asked by the page that waits for it."""
    order = buyer.own_order(number)
    if not wants_fragment():
        return leave_for(url_for(".show_order", number=number))
    context = mail_context(order, is_alone=True)
    return render_template("orders/_mail.html", order=order, **context)


@bp.get("/orders/<number>/tickets.pdf")
def show_tickets_pdf(number: str) -> ResponseReturnValue:
    """The tickets on paper."""
    pdf = order_pdf(buyer.own_order(number))
    return _file(
        pdf, mimetype="application/pdf", disposition="inline", name=f"tickets-{number}.pdf"
    )


@bp.get("/orders/<number>/calendar.ics")
def show_calendar(number: str) -> ResponseReturnValue:
    """The order's dates for any calendar."""
    entries = order_calendar(buyer.own_order(number))
    return _file(entries, mimetype="text/calendar", disposition="attachment", name=f"{number}.ics")


@bp.get("/o/<sealed>")
def open_link(sealed: str) -> ResponseReturnValue:
    """Let this browser in by the signed link of the mail, then leave the link's address."""
    order = access.open_order_link(signer(), sealed, now=ports().utc_now())
    buyer.grant_order(order)
    return redirect(url_for(".show_order", number=order.number), code=303)


@bp.after_request
def keep_private(response: Response) -> Response:
    """Nobody stores these pages, and no address that opens something travels on."""
    response.headers["Cache-Control"] = "no-store"
    if request.endpoint not in PAGES_WITH_FORMS:
        response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _file(content: bytes | None, *, mimetype: str, disposition: str, name: str) -> Response:
    if content is None:
        raise NotFound
    response = make_response(content)
    response.mimetype = mimetype
    response.headers["Content-Disposition"] = f'{disposition}; filename="{name}"'
    return response
