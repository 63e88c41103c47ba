"""Checkouts: opened, looked at, changed, given back."""

from dataclasses import replace
from datetime import datetime

from flask import Response

from blueprints.api import bp
from blueprints.api.bodies import answer, read_body
from blueprints.api.checkout_state import (
    SECRET_MEMBERS,
    checkout_document,
    new_checkout_document,
    repeated_document,
)
from blueprints.api.description import describe
from blueprints.api.documents import CheckoutDocument, CheckoutStateDocument
from blueprints.api.idempotency import Keep, answer_once, sent_key
from blueprints.api.schemas import (
    CheckoutBody,
    CheckoutHeaders,
    ContactBody,
    ItemBody,
    ItemsBody,
)
from blueprints.api.tokens import require_token
from blueprints.callers import caller_origin, hold_caps
from blueprints.code_attempts import attempt_code
from webapp.domain import checkouts, contacts, events
from webapp.domain.baskets import BasketLine
from webapp.domain.contacts import Contact
from webapp.errors import InvalidRequest
from webapp.flows.checkouts import change_basket, give_back_checkout
from webapp.flows.contacts import change_contact
from webapp.models import Checkout
from webapp.ports import ports
from webapp.transaction import transaction


@bp.post("/checkouts")
@describe(
    answers={201: CheckoutDocument}, problems=(409,), body=CheckoutBody, headers=CheckoutHeaders
)
def create_checkout() -> Response:
    """Hold a basket, all of it or nothing, for one buyer."""
    body = read_body(CheckoutBody)
    now = ports().utc_now()
    with transaction():
        document = answer_once(
            sent_key(),
            body,
            make=lambda keep: open_checkout(body, now=now, keep=keep),
            repeat=repeated_document,
            secrets=SECRET_MEMBERS,
            now=now,
        )
    return answer(document, 201)


@bp.get("/checkouts/<reference>")
@describe(answers={200: CheckoutStateDocument}, needs_token=True)
def show_checkout(reference: str) -> Response:
    """The checkout as it is now."""
    require_token(reference)
    return show_state(checkouts.get_checkout(reference=reference))


@bp.put("/checkouts/<reference>/contact")
@describe(answers={200: CheckoutStateDocument}, problems=(409,), body=ContactBody, needs_token=True)
def update_contact(reference: str) -> Response:
    """Say who buys; also possible while the hold has run out."""
    require_token(reference)
    slug = checkouts.get_checkout(reference=reference).event.slug
    contact = read_contact(read_body(ContactBody), event_slug=slug)
    return show_state(change_contact(reference=reference, contact=contact, ports=ports()))


@bp.put("/checkouts/<reference>/items")
@describe(answers={200: CheckoutStateDocument}, problems=(409,), body=ItemsBody, needs_token=True)
def update_items(reference: str) -> Response:
    """Replace the basket at a person's wish; the hold starts anew. Refused: nothing changes."""
    require_token(reference)
    lines = basket_lines(read_body(ItemsBody).items)
    caps = hold_caps()
    changed = change_basket(reference=reference, lines=lines, caps=caps, ports=ports())
    return show_state(changed)


@bp.post("/checkouts/<reference>/extension")
@describe(answers={200: CheckoutStateDocument}, problems=(409,), needs_token=True)
def create_extension(reference: str) -> Response:
    """Five more minutes, at a person's wish and ten times at most."""
    require_token(reference)
    with transaction():
        checkout = checkouts.extend_hold(reference=reference, now=ports().utc_now())
    return show_state(checkout)


@bp.delete("/checkouts/<reference>")
@describe(answers={204: None}, problems=(409,), needs_token=True)
def delete_checkout(reference: str) -> Response:
    """Give everything back. Repeating it changes nothing."""
    require_token(reference)
    give_back_checkout(reference=reference, ports=ports())
    return Response(status=204)


def show_state(checkout: Checkout) -> Response:
    """The checkout's document, as it is after whatever was done."""
    document = checkout_document(checkout, now=ports().utc_now())
    return answer(document, without_nulls=True)


def open_checkout(body: CheckoutBody, *, now: datetime, keep: Keep) -> CheckoutDocument:
    """Open a checkout as the body says, within the caller's transaction.

    ``keep`` gets the answer before the places are taken: nothing may stand
    between that and the commit, because other buyers wait for it.
    """
    documents: list[CheckoutDocument] = []

    def write_answer(checkout: Checkout) -> None:
        documents.append(new_checkout_document(checkout, now=now))
        keep(documents[0])

    code = attempt_code(event_slug=body.event, text=body.code) if body.code else None
    checkouts.open_checkout(
        event_slug=body.event,
        lines=basket_lines(body.items),
        contact=(
            read_contact(body.contact, event_slug=body.event, within="contact.")
            if body.contact
            else Contact()
        ),
        # Programs show no cookie: their network is all that tells them apart.
        origin=caller_origin(
            client_key="", source=body.source or "api", campaign=body.campaign or ""
        ),
        caps=hold_caps(),
        now=now,
        code_id=code.id if code else None,
        before_places=write_answer,
    )
    return documents[0]


def basket_lines(items: list[ItemBody]) -> list[BasketLine]:
    return [BasketLine(tier_id=item.tier_id, quantity=item.quantity) for item in items]


def read_contact(body: ContactBody, *, event_slug: str, within: str = "") -> Contact:
    """The contact, normalised; faults name the fields as they were sent."""
    # One trip less for those who give no phone.
    time_zone = events.find_time_zone(slug=event_slug) if body.phone else None
    try:
        return contacts.parse_contact(
            email=body.email,
            name=body.name or "",
            phone=body.phone or "",
            time_zone=time_zone or "",
        )
    except InvalidRequest as refusal:
        raise InvalidRequest(
            [
                replace(fault, field=within + fault.field.removeprefix("contact."))
                for fault in refusal.faults
            ]
        ) from None
