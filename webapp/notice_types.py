"""The notices that we listen for.

Here, because the supervisor registers them with the sandbox and must not load
every gateway for that.
"""

from typing import Final

# The endpoint is registered with exactly these.
NOTICE_TYPES: Final = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
    "charge.dispute.funds_reinstated",
)

# The mail service's notices that say what became of a mail, and our word for each
# (the values of :class:`webapp.models.Delivery`). Others, of opens or delays, say nothing.
MAIL_NOTICE_TYPES: Final = {
    "email.delivered": "delivered",
    "email.complained": "complained",
    "email.suppressed": "suppressed",
    "email.bounced": "bounced",
    "email.failed": "failed",
}
