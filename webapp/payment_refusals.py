"""Refusals about the payment page: why nobody can pay, or change the order, just now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.errors import FieldFault, InvalidRequest, Refusal
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


class EmailMissing(Refusal):
    """Payment was asked for before an address to send tickets to was given."""

    code = "email_missing"
    http_status = 422
    message = n_("Enter the email we should send your tickets to, then continue to payment.")


class TooManyFreeOrders(Refusal):
    """One browser, network or mailbox ordered for nothing as often as is allowed for now."""

    code = "too_many_free_orders"
    http_status = 429
    message = n_(
        "Many free orders came from your connection or with your email just now. Your tickets are"
        " still held: wait a few minutes, then try again."
    )


class TooManyPersonLimits(Refusal):
    """One browser or network was refused for what an address has as often as is allowed for now."""

    code = "too_many_person_limits"
    http_status = 429
    message = n_(
        "Too many orders from your connection were for emails that have their share already. Your"
        " tickets are still held: wait a few minutes, then try again."
    )


class PaymentUnavailable(Refusal):
    """The gateway did not answer, or asked us to slow down; the hold is kept."""

    code = "payment_unavailable"
    http_status = 503
    message = n_(
        "The payment page is not answering right now. Your tickets are still held: try again."
    )


class PaymentPending(Refusal):
    """The gateway says that money is already on its way; nothing may be cancelled now."""

    code = "payment_pending"
    message = n_("Your payment is already on its way. Wait a moment for the result.")


@dataclass(frozen=True, slots=True)
class PersonLimit:
    """One tier of which an address may have fewer than it asked for; ``fault`` says why.

    ``available`` is None for whoever must not learn it: the address may be another's.
    """

    tier_id: int
    requested: int
    available: int | None
    fault: FieldFault


class PersonLimitReached(InvalidRequest):
    """One address would have more of a tier than one person may; nothing was ordered."""

    code = "person_limit_reached"

    def __init__(self, limits: Sequence[PersonLimit]) -> None:
        super().__init__([limit.fault for limit in limits])
        self.limits = tuple(limits)

    @property
    def tells_of_others(self) -> bool:
        """Whether it says of an address that this browser did not buy with that it has tickets."""
        return any(each.available is None for each in self.limits)

    def details(self) -> dict[str, Any]:
        """The tiers and how many of each the address may still have, if told, for the API."""
        return {
            "limited": [
                {"tier_id": each.tier_id, "requested": each.requested, "available": each.available}
                for each in self.limits
            ]
        }


class PersonLimitInUse(PersonLimitReached):
    """An open payment page of the same address has them, but not for long."""
