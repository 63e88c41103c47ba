"""A checkout on another device: by a code to scan, or by a link in a mail."""

from collections.abc import Sequence

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.checkout import bp
from blueprints.htmx import leave_for, wants_fragment
from blueprints.language import sentence_of
from webapp.domain import access, checkout_mails
from webapp.errors import FieldFault, InvalidRequest
from webapp.extensions import signer
from webapp.links import absolute_url
from webapp.models import Checkout, CheckoutStatus
from webapp.ports import ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction


@bp.get("/checkout/<reference>/handover")
def show_handover(reference: str) -> ResponseReturnValue:
    """The code and the link that open this checkout, and no other, elsewhere."""
    checkout = buyer.own_checkout(reference)
    if checkout.status is CheckoutStatus.CONVERTED:
        return leave_for(url_for(".show_return", reference=reference))
    return render_handover(checkout)


@bp.post("/checkout/<reference>/handover")
def create_link_mail(reference: str) -> ResponseReturnValue:
    """Mail the link to the address that was typed, once for each rendered form."""
    checkout = buyer.own_checkout(reference)
    try:
        with transaction():
            recipient = checkout_mails.queue_checkout_link(
                reference=reference,
                number=request.form.get("number", 1, type=int),
                now=ports().utc_now(),
                trace_id=current_trace_id(),
            )
    except InvalidRequest as refusal:
        return render_handover(checkout, faults=refusal.faults)
    return render_handover(checkout, recipient=recipient)


@bp.get("/continue/<sealed>")
def open_handover(sealed: str) -> ResponseReturnValue:
    """Take the checkout up on this device, then leave the link's address."""
    reference = access.open_handover(signer(), sealed, now=ports().utc_now())
    buyer.share_checkout(reference)
    return redirect(url_for(".show_checkout", reference=reference), code=303)


def render_handover(
    checkout: Checkout, *, recipient: str = "", faults: Sequence[FieldFault] = ()
) -> Response:
    """Code, link and mail, as a page or within the checkout."""
    template = "checkout/_handover.html" if wants_fragment() else "checkout/handover.html"
    sealed = access.seal_handover(signer(), checkout)
    page = render_template(
        template,
        checkout=checkout,
        link=absolute_url("checkout.open_handover", sealed=sealed),
        ends_at=access.handover_ends_at(checkout),
        number=checkout_mails.next_number(checkout_id=checkout.id),
        recipient=recipient,
        fault=sentence_of(faults[0]) if faults else "",
    )
    return make_response(page, 422 if faults else 200)
