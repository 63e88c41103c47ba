"""Refusals: outcomes that a rule decided, with the sentence the buyer reads."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.wording import n_


class Refusal(Exception):
    """A rule said no.

    ``message`` is a translatable sentence that says what to do next and never
    carries an id; ``params`` fill its ``%(name)s`` places with numbers, texts,
    :class:`webapp.wording.Amount` and :class:`webapp.wording.Moment`. ``code`` is
    stable and part of the API. A bug is not a refusal; let it raise.
    """

    code = "refused"
    http_status = 409
    message = n_("That did not work. Go back and try again.")

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code)
        self.params: Mapping[str, Any] = params

    def details(self) -> dict[str, Any]:
        """Extra members of the API's problem document."""
        return {}


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field that the caller can correct: its name and a translatable sentence.

    ``params`` fill the sentence's places as those of a :class:`Refusal` do.
    """

    field: str
    message: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class InvalidRequest(Refusal):
    """What was sent cannot be understood or is not allowed; ``faults`` name the fields."""

    code = "invalid_request"
    http_status = 422
    message = n_("Check the marked fields and send them again.")

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__()
        self.faults = tuple(faults)


class CodeRefused(InvalidRequest):
    """The promotion or access code cannot be used; the sentence stands at its field."""

    def __init__(self, sentence: str, **params: Any) -> None:
        super().__init__([FieldFault("code", sentence, params)])


class CodeInUse(CodeRefused):
    """An open payment page of the same address has the code, but not for long."""


class UnknownCode(CodeRefused):
    """There is no such code, or none that the organizer takes: perhaps a guess."""


class TooManyCodes(CodeRefused):
    """One browser or network was wrong about codes too often."""

    code = "rate_limited"
    http_status = 429

    def __init__(self) -> None:
        super().__init__(
            n_("Too many codes were wrong. Go on without one, or try again in a few minutes.")
        )


@dataclass(frozen=True, slots=True)
class Shortage:
    """One tier that cannot be had in the wanted quantity."""

    tier_id: int
    tier_name: str
    requested: int
    available: int


class InsufficientInventory(Refusal):
    """At least one tier of the basket has too few places left; nothing was held."""

    code = "insufficient_inventory"
    message = n_("Not enough tickets are left for your choice. Choose fewer or another kind.")

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__()
        self.shortages = tuple(shortages)

    def details(self) -> dict[str, Any]:
        """The tiers that fell short, as the API documents them."""
        return {
            "unavailable": [
                {"tier_id": s.tier_id, "requested": s.requested, "available": s.available}
                for s in self.shortages
            ]
        }


class NotFound(Refusal):
    """There is no such thing, or the caller may not know that there is."""

    code = "not_found"
    http_status = 404
    message = n_("We cannot find that. Check the link, or start again from the event list.")


class HoldExpired(Refusal):
    """The hold ran out; the seats may be somebody else's by now."""

    code = "hold_expired"
    message = n_("Your hold ran out. Choose your tickets again: what you typed is kept.")


class HoldLimitReached(Refusal):
    """The hold was extended as often as is allowed."""

    code = "hold_limit_reached"
    message = n_("This hold cannot be extended again. Finish now, or start again.")


class TooManyOpenHolds(Refusal):
    """One client holds as many open checkouts as are allowed."""

    code = "too_many_open_holds"
    http_status = 429
    message = n_("You already have several open checkouts. Finish or cancel one, then try again.")


class NetworkHoldsTooMuch(TooManyOpenHolds):
    """One network holds as many open checkouts as are allowed: perhaps a crowd, perhaps one."""

    message = n_("Too many checkouts are open on your network. Wait a few minutes, then try again.")


class TooManyPlacesHeld(TooManyOpenHolds):
    """One client would hold more of the same places than it may."""

    message = n_(
        "You already hold many of these tickets. Choose fewer, or finish or cancel the other"
        " checkout, then try again."
    )


class NetworkHoldsTooManyPlaces(NetworkHoldsTooMuch):
    """One network would hold more of the same places than it may: perhaps a crowd, perhaps one."""

    message = n_(
        "Many of these tickets are being held on your network. Choose fewer, or wait a few"
        " minutes, then try again."
    )


class SalesClosed(Refusal):
    """The event is over or was called off: nothing of it is sold any more."""

    code = "sales_closed"
    message = n_("Ticket sales for this event have ended. Look at what else is on.")


class CheckoutClosed(Refusal):
    """The checkout was paid for, cancelled or replaced and takes no more changes."""

    code = "checkout_closed"
    message = n_("This checkout is finished and cannot be changed. Start again from the event.")


class LinkExpired(Refusal):
    """The link to a checkout is past the time that its tickets can be held."""

    code = "link_expired"
    http_status = 410
    message = n_(
        "This link worked only while the tickets could be held. Go on where you opened it,"
        " or choose your tickets again."
    )


class TooManyLinkMails(Refusal):
    """As many mails with a link were sent as are allowed."""

    code = "too_many_link_mails"
    http_status = 429
    message = n_(
        "We have sent this link several times. Look into your spam folder, or use the code."
    )


class BasketChanged(Refusal):
    """The buyer pressed "pay" below another basket than the one that would be paid."""

    code = "basket_changed"
    message = n_(
        "Your basket was changed in another tab or on another device."
        " Check it below, then go on to payment."
    )


class IdempotencyInFlight(Refusal):
    """The same key is being worked on right now."""

    code = "idempotency_key_in_use"
    message = n_("The same request is still being worked on. Wait a moment and send it again.")


class IdempotencyMismatch(Refusal):
    """The key was used before for another body."""

    code = "idempotency_key_reused"
    http_status = 422
    message = n_("This Idempotency-Key belongs to another request. Use a new key.")
