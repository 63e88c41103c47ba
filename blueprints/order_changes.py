"""What a buyer does from the order's page: mails, names, add-ons."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.callers import caller_origin, hold_caps
from blueprints.errors import show_refusal
from blueprints.form_keys import sent_form_key
from blueprints.forms.basket import basket_faults, read_basket
from blueprints.htmx import wants_fragment
from blueprints.language import sentence_of
from blueprints.order_page import TypedAddress, TypedName, find_added_checkout, show_order_page
from blueprints.orders import bp
from webapp.domain import add_ons, corrections, orders, reissues, resends, ticket_names
from webapp.domain.baskets import BasketLine
from webapp.domain.contacts import Contact
from webapp.errors import InsufficientInventory, InvalidRequest, NotFound, Refusal
from webapp.flows.checkout_start import start_checkout
from webapp.models import Checkout, Order
from webapp.ports import ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction


@bp.post("/orders/<number>/mail")
def create_mail(number: str) -> ResponseReturnValue:
    """Mail the order again, to the address on file and no other."""
    order = buyer.own_order(number)
    with transaction():
        resends.resend_confirmation(
            order_id=order.id, now=ports().utc_now(), trace_id=current_trace_id()
        )
    return redirect(url_for(".show_order", number=number, _anchor="order-mail"), code=303)


@bp.post("/orders/<number>/address")
def update_address(number: str) -> ResponseReturnValue:
    """Mail an order whose mail did not arrive to another address: for who bought it only."""
    typed = request.form.get("email", "")
    order = _bought_order(number, typed)
    try:
        _correct_email(order, typed)
    except InvalidRequest as refusal:
        address = TypedAddress(typed, sentence_of(refusal.faults[0]))
        return show_order_page(order, status=422, typed_address=address)
    buyer.grant_order(order)
    return redirect(url_for(".show_order", number=number, _anchor="order-mail"), code=303)


@bp.post("/orders/<number>/tickets/<serial_number>/name")
def update_ticket_name(number: str, serial_number: str) -> ResponseReturnValue:
    """Put another name on one ticket."""
    order = buyer.own_order(number)
    typed = request.form.get("name", "")
    try:
        _change_name(order, serial_number, typed)
    except InvalidRequest as refusal:
        fault = sentence_of(refusal.faults[0])
        return show_order_page(order, status=422, typed_name=TypedName(serial_number, typed, fault))
    anchor = f"ticket-{serial_number}"
    return redirect(url_for(".show_order", number=number, _anchor=anchor), code=303)


@bp.post("/orders/<number>/tickets/<serial_number>/code")
def create_ticket_code(number: str, serial_number: str) -> ResponseReturnValue:
    """Replace the code of one ticket; the form says which revision the buyer saw."""
    order = buyer.own_order(number)
    with transaction():
        reissues.reissue_ticket(
            order_id=order.id,
            serial_number=serial_number,
            revision=request.form.get("revision", 0, type=int),
            now=ports().utc_now(),
            trace_id=current_trace_id(),
        )
    anchor = f"ticket-{serial_number}"
    return redirect(url_for(".show_order", number=number, _anchor=anchor), code=303)


@bp.post("/orders/<number>/add-ons")
def create_add_on_checkout(number: str) -> ResponseReturnValue:
    """Hold add-ons for an order; they are paid for as everything else is."""
    order = buyer.own_order(number)
    basket = read_basket(request.form)
    try:
        checkout = _start_add_on_checkout(order, basket.checked_lines())
    except InvalidRequest as refusal:
        faults = basket_faults(refusal, basket)
        return show_order_page(order, status=422, basket=basket, faults=faults)
    except InsufficientInventory as refusal:
        return show_order_page(order, status=409, basket=basket, shortages=refusal.shortages)
    buyer.grant_checkout(checkout.reference)
    return redirect(url_for("checkout.show_checkout", reference=checkout.reference), code=303)


@bp.post("/orders/<number>/add-ons/dismissal")
def dismiss_add_ons(number: str) -> ResponseReturnValue:
    """Do not offer add-ons for this order again."""
    order = buyer.own_order(number)
    with transaction():
        add_ons.dismiss_add_ons(order_id=order.id, now=ports().utc_now())
    return redirect(url_for(".show_order", number=number), code=303)


@bp.get("/orders/<number>/add-ons")
@bp.get("/orders/<number>/address")
@bp.get("/orders/<number>/add-ons/dismissal")
@bp.get("/orders/<number>/tickets/<serial_number>/name")
@bp.get("/orders/<number>/tickets/<serial_number>/code")
def show_part(number: str, serial_number: str = "") -> ResponseReturnValue:
    """A reload of the answer to a write: back to the order, which says the same."""
    del serial_number
    return redirect(url_for(".show_order", number=number), code=303)


@bp.errorhandler(Refusal)
def show_refusal_in_order(refusal: Refusal) -> ResponseReturnValue:
    """Say why not on the order's own page, with everything else in place."""
    number = (request.view_args or {}).get("number")
    if number is None or wants_fragment() or isinstance(refusal, NotFound):
        return show_refusal(refusal)
    order = orders.get_order(number=number)
    if not buyer.may_open(order):
        return show_refusal(refusal)
    return show_order_page(order, status=refusal.http_status, alert=sentence_of(refusal))


def _change_name(order: Order, serial_number: str, typed: str) -> None:
    with transaction():
        ticket_names.change_ticket_name(
            order_id=order.id,
            serial_number=serial_number,
            name=typed,
            now=ports().utc_now(),
            trace_id=current_trace_id(),
        )


def _bought_order(number: str, typed: str) -> Order:
    """The order, if it was bought here and opens here, or did until a moment ago."""
    order = orders.get_order(number=number)
    is_open = buyer.may_open(order) or corrections.was_just_corrected(
        order, email=typed, now=ports().utc_now()
    )
    if not is_open or not buyer.bought_here(order):
        raise NotFound
    return order


def _correct_email(order: Order, typed: str) -> None:
    with transaction():
        now = ports().utc_now()
        # Else it was done a moment ago, and only the answer was lost: see _bought_order.
        if buyer.may_open(order):
            corrections.correct_email(
                order_id=order.id, email=typed, now=now, trace_id=current_trace_id()
            )


def _start_add_on_checkout(order: Order, lines: tuple[BasketLine, ...]) -> Checkout:
    own = find_added_checkout(order)
    add_ons.check_add_ons(
        order=order,
        lines=lines,
        now=ports().utc_now(),
        own_checkout_id=own.id if own else None,
    )
    return start_checkout(
        event_slug=order.event.slug,
        lines=lines,
        own_references=buyer.own_references(),
        origin=caller_origin(
            client_key=buyer.buyer_key(), source="add_on", campaign=order.checkout.campaign
        ),
        caps=hold_caps(),
        form_key=sent_form_key(f"add-on:{order.number}"),
        ports=ports(),
        contact=_contact_for(order),
        added_to=order.id,
    )


def _contact_for(order: Order) -> Contact:
    """Who bought, for the browser that did: a forwarded link must not tell the address."""
    if not buyer.bought_here(order):
        return Contact()
    return Contact.of(order)
