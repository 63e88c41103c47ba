"""Who buys and who comes, kept as it is typed."""

from collections.abc import Sequence

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.callers import hold_caps
from blueprints.checkout import bp, origin
from blueprints.checkout_page import show_checkout_page, written_faults
from blueprints.forms.attendees import read_attendees
from blueprints.forms.contact import ContactForm
from blueprints.htmx import wants_fragment
from webapp.domain import details
from webapp.domain.details import TypedDetails
from webapp.errors import FieldFault
from webapp.flows.checkouts import renew_checkout
from webapp.ports import ports
from webapp.transaction import transaction


@bp.post("/checkout/<reference>/draft")
def create_draft(reference: str) -> ResponseReturnValue:
    """Keep half a word: nothing is said about what is wrong with it yet."""
    buyer.own_checkout(reference)
    keep_typed(reference, ContactForm(), seen_attempts=_seen_attempts())
    return "", 204


@bp.post("/checkout/<reference>/contact")
def update_contact(reference: str) -> ResponseReturnValue:
    """Keep who buys and who comes, and say what is wrong with it."""
    checkout = buyer.own_checkout(reference)
    form = ContactForm()
    faults = keep_typed(reference, form, seen_attempts=_seen_attempts())
    if wants_fragment():
        phone_read = form.phone_as_read(time_zone=checkout.event.time_zone)
        return _show_contact_faults(form, faults, phone_read=phone_read)
    if faults:
        return show_checkout_page(reference, status=422, form=form, faulty_details=faults)
    return redirect(url_for(".show_checkout", reference=reference), code=303)


@bp.post("/checkout/<reference>/renewal")
def create_renewal(reference: str) -> ResponseReturnValue:
    """Hold the same tickets again, keeping everything that was typed."""
    buyer.own_checkout(reference)
    if "email" in request.form:
        keep_typed(reference, ContactForm(), seen_attempts=_seen_attempts())
    checkout = renew_checkout(
        reference=reference,
        origin=origin(),
        caps=hold_caps(),
        ports=ports(),
    )
    buyer.grant_successor(checkout.reference, of=reference)
    return redirect(url_for(".show_checkout", reference=checkout.reference), code=303)


def keep_typed(
    reference: str, form: ContactForm, *, seen_attempts: int | None = None
) -> Sequence[FieldFault]:
    """Keep every field as it is; marks and answers what has to be corrected."""
    typed = TypedDetails(
        email=form.email.data or "",
        name=form.name.data or "",
        phone=form.phone.data or "",
        attendees=read_attendees(request.form),
    )
    with transaction():
        faults = details.keep_details(reference=reference, typed=typed, seen_attempts=seen_attempts)
    form.mark(faults)
    return faults


def _seen_attempts() -> int | None:
    """How many attempts to pay there were when the page that is typed into was made."""
    return request.form.get("seen_attempts", type=int)


def _show_contact_faults(
    form: ContactForm, faults: Sequence[FieldFault], *, phone_read: str
) -> Response:
    page = render_template(
        "checkout/_contact_faults.html",
        form=form,
        name_faults=written_faults(faults),
        phone_read=phone_read,
        is_swap=True,
    )
    return make_response(page, 422 if faults else 200)
