"""From the checkout to the gateway's page, and back from it."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.checkout import bp
from blueprints.checkout_details import keep_typed
from blueprints.checkout_page import show_checkout_page
from blueprints.forms.attendees import read_attendees
from blueprints.forms.contact import ContactForm
from blueprints.free_orders import count_free_order
from blueprints.gateway_page import return_links
from blueprints.htmx import leave_for, wants_fragment
from blueprints.language import current_language
from webapp.domain import orders, payments
from webapp.domain.details import CheckedDetails
from webapp.flows.checkouts import give_back_checkout
from webapp.flows.payment_start import PaymentStart, start_payment
from webapp.flows.payments import try_to_sync_order_payment
from webapp.links import absolute_url
from webapp.models import CheckoutStatus, Order, OrderStatus
from webapp.ports import ports

# The gateway is asked at most this often by one waiting page.
ASK_EVERY = timedelta(seconds=2)
# A look that has not ended by then is taken for lost.
LONGEST_LOOK = timedelta(seconds=30)
# Seconds between looks: eager at first, patient later, then an end. A minute
# has passed after CALM_AFTER looks.
DELAYS = (1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 10, 10, *[15] * 12)
CALM_AFTER = 13
MAX_LOOKS = 10_000
# Money is here or on its way, though the checkout is not over.
UNSETTLED = frozenset({OrderStatus.PROCESSING, OrderStatus.NEEDS_REVIEW})
WAITING = frozenset({OrderStatus.PENDING, OrderStatus.PAID})


@dataclass(slots=True)
class Looks:
    """Which orders this process asks the gateway about, or did a moment ago.

    An order's ``checked_at`` moves only when the gateway answered. While it is
    silent, each poll of a waiting page would hold one more thread: a look is
    therefore noted before it begins. Kept in memory, because a cookie reaches
    the browser only after the look, and the database would take a write for each.
    """

    ends: dict[str, datetime] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def may_begin(self, reference: str, *, now: datetime) -> bool:
        """Whether nobody is looking or has just looked; the caller is then the one who does."""
        with self.lock:
            if now < self.ends.get(reference, now):
                return False
            if len(self.ends) >= MAX_LOOKS:
                self.ends.clear()
            self.ends[reference] = now + LONGEST_LOOK
            return True

    def end(self, reference: str, *, now: datetime) -> None:
        """The look is over, however it ended."""
        with self.lock:
            self.ends[reference] = now + ASK_EVERY


_looks = Looks()


@bp.post("/checkout/<reference>/payment")
def create_payment(reference: str) -> ResponseReturnValue:
    """Keep who buys, then send the browser to the gateway's page."""
    checkout = buyer.own_checkout(reference)
    form = ContactForm()
    is_complete = form.validate()
    faults = keep_typed(reference, form)
    if faults or not is_complete:
        return show_checkout_page(reference, status=422, form=form, faulty_details=faults)
    checked = CheckedDetails(
        contact=form.contact(time_zone=checkout.event.time_zone),
        attendees=read_attendees(request.form),
        locale=current_language(),
    )
    count_free_order(checkout, email=checked.contact.email)
    start = _start_payment(reference, checked)
    return redirect(start.url or url_for(".show_return", reference=reference), code=303)


@bp.get("/checkout/<reference>/return")
def show_return(reference: str) -> ResponseReturnValue:
    """Wait for the tickets; the redirect here proves nothing, so the gateway is asked."""
    checkout = buyer.own_checkout(reference)
    order = orders.find_order_by_checkout(checkout_id=checkout.id)
    if order is None:
        return leave_for(url_for(".show_checkout", reference=reference))
    look_at_gateway(order)
    if order.fulfilled_at is not None or order.status not in WAITING:
        return leave_for(url_for("orders.show_order", number=order.number))
    if order.paid_at is None and payments.find_live_payment(order_id=order.id) is None:
        return leave_for(url_for(".show_checkout", reference=reference))
    return show_progress(order)


@bp.get("/checkout/<reference>/cancelled")
def show_cancelled(reference: str) -> ResponseReturnValue:
    """The way back from the gateway's page: nothing is lost, the buyer chooses."""
    checkout = buyer.own_checkout(reference)
    order = orders.find_order_by_checkout(checkout_id=checkout.id)
    # "Nothing was charged" has to be true: the buyer may come from another tab.
    is_sure = order is None or look_at_gateway(order)
    if checkout.status is not CheckoutStatus.PENDING:
        return redirect(url_for(".show_checkout", reference=reference), code=303)
    if order is not None and order.status in UNSETTLED:
        return redirect(url_for("orders.show_order", number=order.number), code=303)
    seconds_left = checkout.seconds_left(now=ports().utc_now())
    template = "checkout/cancelled.html"
    return render_template(template, checkout=checkout, seconds_left=seconds_left, is_sure=is_sure)


@bp.post("/checkout/<reference>/cancellation")
def create_cancellation(reference: str) -> ResponseReturnValue:
    """Close the payment page, then give the tickets back."""
    checkout = buyer.own_checkout(reference)
    give_back_checkout(reference=reference, ports=ports())
    return redirect(url_for("events.show_event", slug=checkout.event.slug), code=303)


def look_at_gateway(order: Order) -> bool:
    """Bring the order up to date, unless somebody just did or the gateway does not tell.

    Answers whether the order says now what the gateway says.
    """
    if order.status not in {OrderStatus.PENDING, OrderStatus.PROCESSING}:
        return True
    payment = payments.find_live_payment(order_id=order.id)
    now = ports().utc_now()
    if payment is None or (payment.checked_at and now < payment.checked_at + ASK_EVERY):
        return True
    if not _looks.may_begin(order.checkout.reference, now=now):
        return False
    try:
        return try_to_sync_order_payment(order_id=order.id, ports=ports())
    finally:
        _looks.end(order.checkout.reference, now=ports().utc_now())


def show_progress(order: Order) -> ResponseReturnValue:
    """What is done and what is not; asks again by itself, ever more rarely, then no more."""
    round_no = min(request.args.get("round", 0, type=int), len(DELAYS))
    template = "checkout/_progress.html" if wants_fragment() else "checkout/return.html"
    return render_template(
        template,
        order=order,
        reference=order.checkout.reference,
        delay=DELAYS[round_no] if 0 <= round_no < len(DELAYS) else None,
        next_round=round_no + 1,
        is_calm=round_no >= CALM_AFTER,
    )


def _start_payment(reference: str, checked: CheckedDetails) -> PaymentStart:
    links = return_links(
        success_url=absolute_url("checkout.show_return", reference=reference),
        cancel_url=absolute_url("checkout.show_cancelled", reference=reference),
    )
    return start_payment(
        reference=reference,
        links=links,
        seen_basket=request.form.get("seen_basket", ""),
        own_references=buyer.open_references(),
        checked=checked,
        ports=ports(),
    )
