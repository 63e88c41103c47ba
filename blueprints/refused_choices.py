"""A choice that was refused: the picker again, with what was typed and the way on."""

from collections.abc import Sequence

from flask import Response, make_response, request, url_for
from flask_babel import gettext

from blueprints import buyer
from blueprints.event_pages import PickerAlert, render_event_page
from blueprints.forms.basket import basket_faults, basket_shortages, read_basket
from blueprints.language import sentence_of
from webapp.domain import own_checkouts
from webapp.errors import (
    InsufficientInventory,
    InvalidRequest,
    NetworkHoldsTooMuch,
    Refusal,
    TooManyOpenHolds,
)
from webapp.payment_refusals import PaymentPending
from webapp.ports import ports


def show_refused_choice(slug: str, refusal: Refusal) -> Response:
    """The event's page with the choice, and what is wrong with it or in its way."""
    basket = read_basket(request.form)
    if isinstance(refusal, InvalidRequest | InsufficientInventory):
        page = render_event_page(
            slug,
            basket=basket,
            faults=basket_faults(refusal, basket),
            shortages=basket_shortages(refusal),
        )
    else:
        page = render_event_page(slug, basket=basket, alert=_alert(slug, refusal))
    return make_response(page, refusal.http_status)


def _alert(slug: str, refusal: Refusal) -> PickerAlert:
    """The sentence with the ways on; the own open checkout of this event has its link beside it."""
    ways: Sequence[tuple[str, str]] = ()
    if isinstance(refusal, PaymentPending):
        ways = _payment_ways(slug)
    elif isinstance(refusal, TooManyOpenHolds) and not isinstance(refusal, NetworkHoldsTooMuch):
        ways = _checkout_ways()
    return PickerAlert(sentence_of(refusal), ways)


def _payment_ways(slug: str) -> Sequence[tuple[str, str]]:
    paid = own_checkouts.find_ordered_checkout(references=buyer.own_references(), event_slug=slug)
    if paid is None:
        return ()
    url = url_for("checkout.show_return", reference=paid.reference)
    return [(url, gettext("See how your payment stands"))]


def _checkout_ways() -> Sequence[tuple[str, str]]:
    return [
        (
            url_for("checkout.show_checkout", reference=checkout.reference),
            gettext("Continue your checkout: %(event)s", event=checkout.event.title),
        )
        for checkout in own_checkouts.list_open_checkouts(
            references=buyer.own_references(), now=ports().utc_now()
        )
    ]
