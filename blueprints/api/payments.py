"""Going to pay."""

from flask import Response

from blueprints.address_guesses import counted_guesses
from blueprints.api import bp
from blueprints.api.bodies import answer, read_body
from blueprints.api.checkout_state import checkout_link
from blueprints.api.checkouts import show_state
from blueprints.api.description import describe
from blueprints.api.documents import CheckoutStateDocument, PaymentDocument
from blueprints.api.schemas import PaymentBody
from blueprints.api.tokens import require_token
from blueprints.free_orders import count_free_order
from blueprints.gateway_page import return_links
from webapp.domain import checkouts
from webapp.flows.payment_start import start_payment
from webapp.ports import ports


@bp.post("/checkouts/<reference>/payment")
@describe(
    answers={201: PaymentDocument, 200: CheckoutStateDocument},
    problems=(409,),
    body=PaymentBody,
    needs_token=True,
)
def create_payment(reference: str) -> Response:
    """Open the gateway's page, or finish a checkout that costs nothing (200).

    Repeated, it answers the same page for as long as that can be paid.
    """
    require_token(reference)
    read_body(PaymentBody)
    if checkouts.costs_nothing(reference=reference):
        count_free_order(checkouts.get_checkout(reference=reference))
    # Back to the checkout's page in whatever browser the buyer paid with.
    link = checkout_link(reference)
    links = return_links(success_url=link, cancel_url=link)
    with counted_guesses():
        start = start_payment(reference=reference, links=links, ports=ports())
    if start.url is None:
        return show_state(checkouts.get_checkout(reference=reference))
    return answer(
        PaymentDocument(url=start.url, provider=start.provider, expires_at=start.expires_at), 201
    )
