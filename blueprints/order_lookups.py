"""Find my tickets: the same answer whoever asks; what there is goes by mail."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.forms.lookup import LookupForm
from blueprints.language import sentence_of
from blueprints.orders import bp
from webapp.domain import order_lookups
from webapp.errors import InvalidRequest
from webapp.ports import ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction


@bp.get("/find-tickets")
def find_tickets() -> ResponseReturnValue:
    """Ask for the address that was given when buying."""
    # Without a script or a visit before: limits count this browser, not its network.
    buyer.buyer_key()
    return render_template("orders/find.html", form=LookupForm(formdata=None))


@bp.post("/find-tickets")
def create_lookup() -> ResponseReturnValue:
    """Take the address down; a job looks for its orders."""
    form = LookupForm()
    try:
        with transaction():
            order_lookups.request_lookup(
                email=form.email.data or "", now=ports().utc_now(), trace_id=current_trace_id()
            )
    except InvalidRequest as refusal:
        form.email.errors = [sentence_of(fault) for fault in refusal.faults]
        return make_response(render_template("orders/find.html", form=form), 422)
    return redirect(url_for(".show_lookup"), code=303)


@bp.get("/find-tickets/sent")
def show_lookup() -> ResponseReturnValue:
    """What happens now, the same for every address."""
    return render_template("orders/find_sent.html")
