"""The checkout as a page, or as the part of it that changes with basket and clock."""

from collections.abc import Mapping, Sequence

from flask import Response, make_response, render_template, request

from blueprints.buyer import typed_code
from blueprints.forms.attendees import attendee_faults, attendee_fields
from blueprints.forms.basket import TypedBasket, basket_of, by_tier
from blueprints.forms.contact import ContactForm
from blueprints.htmx import wants_fragment
from blueprints.language import sentence_at, sentence_of
from webapp.domain import checkouts, holds, payments
from webapp.errors import FieldFault, Shortage
from webapp.ports import ports


def show_checkout_page(
    reference: str,
    *,
    status: int = 200,
    form: ContactForm | None = None,
    basket: TypedBasket | None = None,
    faults: Sequence[FieldFault] = (),
    shortages: Sequence[Shortage] = (),
    faulty_details: Sequence[FieldFault] = (),
    alert: str = "",
    is_code_news: bool = False,
) -> Response:
    """The checkout as it is now, with what was typed and what is wrong with it."""
    checkout = checkouts.get_checkout(reference=reference)
    now = ports().utc_now()
    template = "checkout/_summary.html" if wants_fragment() else "checkout/checkout.html"
    page = render_template(
        template,
        checkout=checkout,
        form=form or ContactForm.of(checkout),
        attendees=attendee_fields(checkout),
        name_faults=written_faults(faulty_details),
        typed=(basket or basket_of(checkout)).typed,
        faults={fault.field: sentence_of(fault) for fault in faults if fault.field != "code"},
        code_fault=sentence_at("code", faults),
        code_typed=typed_code(),
        is_code_news=is_code_news or request.args.get("news") == "code",
        shortages=by_tier(shortages),
        alert=alert,
        is_open=checkout.is_open(now=now),
        is_paying=checkout.paying_until is not None,
        attempts=payments.count_attempts(checkout_id=checkout.id),
        can_extend=holds.can_extend_hold(checkout, now=now),
        seconds_left=checkout.seconds_left(now=now),
        is_swap=wants_fragment(),
    )
    return make_response(page, status)


def written_faults(faults: Sequence[FieldFault]) -> Mapping[str, str]:
    """What is wrong with names on tickets, by the field of each."""
    return {name: sentence_of(fault) for name, fault in attendee_faults(faults).items()}
