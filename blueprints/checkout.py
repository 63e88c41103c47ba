"""A buyer's checkout: begun, looked at, changed."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.address_guesses import check_guesses, count_guess
from blueprints.attribution import visitor_tag
from blueprints.callers import caller_origin, hold_caps
from blueprints.checkout_page import show_checkout_page
from blueprints.code_attempts import take_code
from blueprints.elsewhere import WAYS_BACK, show_elsewhere
from blueprints.errors import show_refusal
from blueprints.event_codes import update_code
from blueprints.form_keys import sent_form_key
from blueprints.forms.basket import basket_faults, basket_of, basket_shortages, read_basket
from blueprints.forms.contact import ContactForm
from blueprints.htmx import leave_for, wants_fragment
from blueprints.language import sentence_of
from blueprints.refused_choices import show_refused_choice
from webapp.domain import access, checkouts, payments
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.errors import (
    CheckoutClosed,
    CodeRefused,
    HoldExpired,
    InsufficientInventory,
    InvalidRequest,
    NotFound,
    Refusal,
)
from webapp.extensions import signer
from webapp.flows.checkout_start import start_checkout
from webapp.flows.checkouts import change_basket, renew_checkout
from webapp.models import Checkout, CheckoutStatus
from webapp.payment_refusals import (
    PaymentPageOpen,
    PaymentPending,
    PersonLimitReached,
    TooManyPersonLimits,
)
from webapp.ports import ports
from webapp.transaction import transaction

bp = Blueprint("checkout", __name__)

# What is sent to addresses that have no page of their own.
WRITES = frozenset(
    {"cancellation", "code", "contact", "draft", "extension", "items", "payment", "renewal"}
)


@bp.post("/e/<slug>/checkouts")
def create_checkout(slug: str) -> ResponseReturnValue:
    """Hold what was chosen, in this browser's own open checkout if it has one."""
    basket = read_basket(request.form)
    if basket.is_empty and buyer.typed_code():
        # Enter in the code's field presses the form's first button, which is this one.
        return update_code(slug)
    try:
        checkout = _start_checkout(slug, basket.checked_lines())
    except NotFound:
        raise
    except Refusal as refusal:
        return show_refused_choice(slug, refusal)
    buyer.grant_checkout(checkout.reference)
    return redirect(url_for(".show_checkout", reference=checkout.reference), code=303)


@bp.get("/e/<slug>/checkouts")
def show_picker(slug: str) -> ResponseReturnValue:
    """A reload of a refused choice: back to where one chooses."""
    return redirect(url_for("events.show_event", slug=slug), code=303)


@bp.get("/checkout/<reference>")
def show_checkout(reference: str) -> ResponseReturnValue:
    """Basket, countdown, contact and the way to pay."""
    checkout = buyer.own_checkout(reference)
    is_open = checkout.is_open(now=ports().utc_now())
    is_waiting = checkout.paying_until is not None and not is_open
    if checkout.status is CheckoutStatus.CONVERTED or is_waiting:
        # Nobody is told that time is up while money may be on its way.
        return leave_for(url_for(".show_return", reference=reference))
    return show_checkout_page(reference)


@bp.post("/checkout/<reference>/items")
def update_items(reference: str) -> ResponseReturnValue:
    """Replace the basket; refused, the old one stays. One that lapsed is held anew."""
    checkout = buyer.own_checkout(reference)
    basket = read_basket(request.form)
    try:
        changed = _change_basket(checkout, basket.checked_lines())
    except InvalidRequest as refusal:
        faults = basket_faults(refusal, basket)
        return show_checkout_page(reference, status=422, basket=basket, faults=faults)
    except InsufficientInventory as refusal:
        return show_checkout_page(reference, status=409, shortages=refusal.shortages)
    except PaymentPending:
        if not payments.has_open_page(checkout_id=checkout.id):
            raise
        why = sentence_of(PaymentPageOpen())
        return show_checkout_page(reference, status=PaymentPageOpen.http_status, alert=why)
    return show_successor(changed.reference, of=reference)


@bp.post("/checkout/<reference>/extension")
def create_extension(reference: str) -> ResponseReturnValue:
    """Grant "I need more time"."""
    buyer.own_checkout(reference)
    with transaction():
        checkouts.extend_hold(reference=reference, now=ports().utc_now())
    return redirect(url_for(".show_checkout", reference=reference), code=303)


@bp.get("/c/<sealed>")
def open_link(sealed: str) -> ResponseReturnValue:
    """Take a checkout up in this browser: a link from the API or from another device."""
    reference = access.open_checkout_link(signer(), sealed, now=ports().utc_now())
    buyer.share_checkout(reference)
    return redirect(url_for(".show_checkout", reference=reference), code=303)


@bp.get("/checkout/<reference>/<part>")
def show_part(reference: str, part: str) -> ResponseReturnValue:
    """A reload of the answer to a write: back to the checkout, which says the same."""
    if part not in WRITES:
        raise NotFound
    return redirect(url_for(".show_checkout", reference=reference), code=303)


@bp.before_request
def refuse_guesses() -> None:
    """Let nobody find out by paying which addresses have tickets."""
    if request.endpoint == "checkout.create_payment":
        buyer.own_checkout((request.view_args or {})["reference"])
        check_guesses()


@bp.errorhandler(PaymentPending)
def wait_for_payment(refusal: PaymentPending) -> ResponseReturnValue:
    """The money is on its way: show what becomes of it."""
    reference = (request.view_args or {}).get("reference")
    if reference is None:
        return show_refusal(refusal)
    return leave_for(url_for(".show_return", reference=reference))


@bp.errorhandler(HoldExpired)
@bp.errorhandler(CheckoutClosed)
def show_what_became(refusal: Refusal) -> ResponseReturnValue:
    """The checkout page itself says that time is up, and how to go on."""
    reference = (request.view_args or {}).get("reference")
    if reference is None or request.method == "GET":
        return show_refusal(refusal)
    return redirect(url_for(".show_checkout", reference=reference), code=303)


@bp.errorhandler(Refusal)
def show_refusal_in_checkout(refusal: Refusal) -> ResponseReturnValue:
    """Say why not where the buyer is, with everything else kept."""
    if isinstance(refusal, NotFound) and request.endpoint in WAYS_BACK:
        return show_elsewhere()
    reference = (request.view_args or {}).get("reference")
    if reference is None or wants_fragment() or isinstance(refusal, NotFound):
        return show_refusal(refusal)
    if isinstance(refusal, CodeRefused):
        return show_checkout_page(
            reference, status=refusal.http_status, faults=refusal.faults, is_code_news=True
        )
    if isinstance(refusal, PersonLimitReached):
        count_guess(refusal)
        return show_person_limit(reference, refusal)
    return show_checkout_page(
        reference,
        status=refusal.http_status,
        # Refused before what was typed was kept.
        form=ContactForm() if isinstance(refusal, TooManyPersonLimits) else None,
        alert=sentence_of(refusal),
        shortages=basket_shortages(refusal),
    )


@bp.after_request
def keep_private(response: Response) -> Response:
    """Nobody stores these pages."""
    response.headers["Cache-Control"] = "no-store"
    return response


def show_person_limit(reference: str, refusal: PersonLimitReached) -> Response:
    """How many of each kind the address may still have, beside its number."""
    basket = basket_of(checkouts.get_checkout(reference=reference))
    faults = basket_faults(refusal, basket)
    return show_checkout_page(reference, status=refusal.http_status, faults=faults)


def show_successor(reference: str, *, of: str) -> ResponseReturnValue:
    """The checkout as it is now, or the one that took its place: that is another page."""
    buyer.grant_successor(reference, of=of)
    url = url_for(".show_checkout", reference=reference)
    return redirect(url, code=303) if reference == of else leave_for(url)


def origin() -> Origin:
    """Where this buyer comes from, as far as it says."""
    return caller_origin(
        client_key=buyer.buyer_key(),
        source=visitor_tag("source") or "web",
        campaign=visitor_tag("campaign"),
    )


def chosen_code(slug: str) -> int | None:
    """The code to buy with: one that stands typed in the field, else the one in use."""
    typed = buyer.typed_code()
    return take_code(event_slug=slug, text=typed) if typed else buyer.remembered_code(slug)


def _start_checkout(slug: str, lines: tuple[BasketLine, ...]) -> Checkout:
    return start_checkout(
        event_slug=slug,
        lines=lines,
        own_references=buyer.own_references(),
        origin=origin(),
        caps=hold_caps(),
        form_key=sent_form_key(f"browser:{slug}"),
        ports=ports(),
        code_id=chosen_code(slug),
    )


def _change_basket(checkout: Checkout, lines: tuple[BasketLine, ...]) -> Checkout:
    if checkout.is_open(now=ports().utc_now()):
        return change_basket(
            reference=checkout.reference, lines=lines, caps=hold_caps(), ports=ports()
        )
    return renew_checkout(
        reference=checkout.reference,
        lines=lines,
        origin=origin(),
        caps=hold_caps(),
        ports=ports(),
    )
