"""A promotion or access code in the checkout: typed, or taken away."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.callers import hold_caps
from blueprints.checkout import bp, origin
from blueprints.checkout_page import show_checkout_page
from blueprints.code_attempts import attempt_code
from blueprints.htmx import leave_for
from webapp.errors import InvalidRequest
from webapp.flows.checkouts import change_code
from webapp.ports import ports


@bp.post("/checkout/<reference>/code")
def update_code(reference: str) -> ResponseReturnValue:
    """Price the same basket with another code, or without one; refused, all stays."""
    try:
        checkout_reference = use_code(reference, text=buyer.typed_code())
    except InvalidRequest as refusal:
        return show_checkout_page(
            reference, status=refusal.http_status, faults=refusal.faults, is_code_news=True
        )
    url = url_for(".show_checkout", reference=checkout_reference, news="code")
    if checkout_reference != reference:
        return leave_for(url)
    return redirect(url, code=303)


def use_code(reference: str, *, text: str) -> str:
    """Use the code for the checkout; answers the reference of the one that it is used in.

    The event's page follows, as far as the checkout is this browser's own.
    """
    before = buyer.own_checkout(reference)
    slug = before.event.slug
    code = attempt_code(event_slug=slug, text=text) if text else None
    checkout = change_code(
        reference=reference,
        code_id=code.id if code else None,
        origin=origin(),
        caps=hold_caps(),
        ports=ports(),
    )
    if reference in buyer.own_references():
        buyer.remember_code(slug, checkout.code_id)
    buyer.grant_successor(checkout.reference, of=reference)
    return checkout.reference
