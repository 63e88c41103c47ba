"""How fast orders that cost nothing may follow one another: no payment page slows them down."""

from blueprints.tallies import Tally
from webapp.models import Checkout, CheckoutStatus
from webapp.payment_refusals import TooManyFreeOrders

# A crowd at one address, which may be a whole mobile network, wants the same free tickets at noon.
# Each order is a mail to an address that nobody has confirmed.
FREE_ORDERS = Tally(
    "free-order",
    per_network="100 per 10 minutes",
    per_buyer="6 per 10 minutes",
    per_email="6 per 10 minutes",
)


def count_free_order(checkout: Checkout, *, email: str = "") -> None:
    """Count an order that is about to be made without a payment; a repeated one is none.

    ``email`` is where its mail goes, the checkout's own contact unless given.
    Raises :class:`TooManyFreeOrders`, with the places still held.
    """
    if checkout.total_cents == 0 and checkout.status is CheckoutStatus.PENDING:
        FREE_ORDERS.take(TooManyFreeOrders, email=email or checkout.contact_email)
