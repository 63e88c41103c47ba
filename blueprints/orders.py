"""A bought order: what became of it, its receipt, its tickets."""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from webapp.documents.order_sheets import order_pdf
from webapp.domain import access, money_back, orders
from webapp.errors import NotFound
from webapp.extensions import signer
from webapp.ports import ports

bp = Blueprint("orders", __name__)


@bp.get("/orders/<number>")
def show_order(number: str) -> ResponseReturnValue:
    """The order page, for the browser that bought it or was let in by its link."""
    order = buyer.own_order(number)
    tickets = orders.list_tickets(order_id=order.id)
    money = money_back.tell_money_back(order=order)
    return render_template("orders/order.html", order=order, tickets=tickets, money_back=money)


@bp.get("/orders/<number>/tickets.pdf")
def show_tickets_pdf(number: str) -> ResponseReturnValue:
    """The tickets on paper."""
    pdf = order_pdf(buyer.own_order(number))
    if pdf is None:
        raise NotFound
    response = make_response(pdf)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="tickets-{number}.pdf"'
    return response


@bp.get("/o/<sealed>")
def open_link(sealed: str) -> ResponseReturnValue:
    """Let this browser in by the signed link of the mail, then leave the link's address."""
    order = access.open_order_link(signer(), sealed, now=ports().utc_now())
    buyer.grant_order(order)
    return redirect(url_for(".show_order", number=order.number), code=303)


@bp.after_request
def keep_private(response: Response) -> Response:
    """Nobody stores these pages, and no address of theirs travels on."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
