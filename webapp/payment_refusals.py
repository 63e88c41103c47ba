"""Refusals on the way to the payment page: why nobody should, or can, pay just now."""

from webapp.errors import Refusal
from webapp.wording import n_


class TotalTooSmall(Refusal):
    """The total is below what the gateway charges at all, and is not nothing."""

    code = "total_too_small"
    message = n_(
        "We cannot take a payment below %(least)s. Add a ticket or a donation, or use no code."
    )


class PaymentPageOpen(Refusal):
    """A payment page was opened while the basket was about to change, perhaps in another tab."""

    code = "payment_page_open"
    message = n_(
        "You just opened the payment page, so your tickets stayed as they were. Change them again,"
        " or go on to payment."
    )


class FirstOrderOver(Refusal):
    """What was to be added to an order has nothing to go with: that order's money went back."""

    code = "first_order_over"
    message = n_(
        "The order that this was to be added to is not valid any more. Choose what you still"
        " want on the event's page."
    )
