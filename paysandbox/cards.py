"""The test cards and what each of them does.

Source: https://docs.stripe.com/testing. A card is chosen by its number on the
payment page, or by its ``pm_card_...`` alias through the API.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Card:
    number: str
    aliases: tuple[str, ...]
    label: str
    brand: str = "visa"
    decline_code: str | None = None
    error_code: str = "card_declined"
    authentication: Literal["none", "always", "unless_set_up"] = "none"
    fails_once_attached: bool = False
    is_disputed: bool = False
    refund: Literal["succeeds", "pends", "fails_later"] = "succeeds"

    @property
    def last4(self) -> str:
        return self.number[-4:]


DECLINE_MESSAGES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "stolen_card": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": (
        "An error occurred while processing your card. Try again in a little bit."
    ),
    "authentication_required": (
        "Your card was declined. This transaction requires authentication."
    ),
}

CARDS = (
    Card("4242424242424242", ("pm_card_visa", "pm_card_us", "pm_card_fr"), "Pays"),
    Card("5555555555554444", ("pm_card_mastercard",), "Pays (Mastercard)", brand="mastercard"),
    Card("378282246310005", ("pm_card_amex",), "Pays (American Express)", brand="amex"),
    Card(
        "4000000000000002",
        ("pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"),
        "Declined",
        decline_code="generic_decline",
    ),
    Card(
        "4000000000009995",
        ("pm_card_chargeDeclinedInsufficientFunds", "pm_card_visa_chargeDeclinedInsufficientFunds"),
        "Insufficient funds",
        decline_code="insufficient_funds",
    ),
    Card(
        "4000000000009987",
        ("pm_card_chargeDeclinedLostCard", "pm_card_visa_chargeDeclinedLostCard"),
        "Lost card",
        decline_code="lost_card",
    ),
    Card(
        "4000000000009979",
        ("pm_card_chargeDeclinedStolenCard", "pm_card_visa_chargeDeclinedStolenCard"),
        "Stolen card",
        decline_code="stolen_card",
    ),
    Card(
        "4000000000000069",
        ("pm_card_chargeDeclinedExpiredCard",),
        "Expired card",
        decline_code="expired_card",
        error_code="expired_card",
    ),
    Card(
        "4000000000000127",
        ("pm_card_chargeDeclinedIncorrectCvc",),
        "Wrong security code",
        decline_code="incorrect_cvc",
        error_code="incorrect_cvc",
    ),
    Card(
        "4000000000000119",
        ("pm_card_chargeDeclinedProcessingError",),
        "Processing error",
        decline_code="processing_error",
        error_code="processing_error",
    ),
    Card(
        "4000002500003155",
        ("pm_card_authenticationRequiredOnSetup",),
        "3-D Secure unless saved",
        authentication="unless_set_up",
    ),
    Card(
        "4000002760003184",
        ("pm_card_authenticationRequired",),
        "3-D Secure always",
        authentication="always",
    ),
    Card(
        "4000000000003220",
        ("pm_card_threeDSecure2Required",),
        "3-D Secure 2",
        authentication="always",
    ),
    Card(
        "4000008400001629",
        ("pm_card_threeDSecureRequiredChargeDeclined",),
        "3-D Secure, then declined",
        authentication="always",
        decline_code="generic_decline",
    ),
    Card(
        "4000008260003178",
        ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",),
        "3-D Secure, then insufficient funds",
        authentication="always",
        decline_code="insufficient_funds",
    ),
    Card(
        "4000000000000341",
        ("pm_card_chargeCustomerFail",),
        "Saves, later charges fail",
        fails_once_attached=True,
    ),
    Card(
        "4000000000000259",
        ("pm_card_createDispute",),
        "Pays, then disputed",
        is_disputed=True,
    ),
    Card("4000000000005423", ("pm_card_createIssuerFraudRecord",), "Pays, fraud warning"),
    Card("4000000000007726", ("pm_card_pendingRefund",), "Refunds pend", refund="pends"),
    Card("4000000000005126", ("pm_card_refundFail",), "Refunds fail", refund="fails_later"),
)

_BY_NUMBER = {card.number: card for card in CARDS}
_BY_ALIAS = {alias: card for card in CARDS for alias in card.aliases}


def find_card(number_or_alias: str) -> Card | None:
    digits = number_or_alias.replace(" ", "").replace("-", "")
    return _BY_NUMBER.get(digits) or _BY_ALIAS.get(number_or_alias)
