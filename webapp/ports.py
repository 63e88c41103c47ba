"""The outside world, as the application sees it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, cast

from flask import current_app

from webapp.pass_ports import PassPorts
from webapp.push_ports import NoPushes, Pusher


class GatewayUnavailable(Exception):
    """The gateway did not answer, answered 5xx or asked to slow down: worth another try."""


class GatewayFailed(GatewayUnavailable):
    """The gateway answered 5xx: the same key would get the same answer again.

    Source: the gateway's reference on idempotent requests, which says that the
    first status and body are kept whether the request succeeded or failed.
    """


class GatewayRefused(Exception):
    """The gateway understood and said no: another try of the same call is pointless."""


class GatewayUnknown(GatewayRefused):
    """The account has no such thing: it is of another shop, or long gone."""


class GatewayKeyRefused(GatewayRefused):
    """The gateway does not take our key for this call: nothing was said about what we asked.

    It was revoked, or may not do this. The same call is fine once the operator has set a key.
    """


class InvalidNotice(Exception):
    """A webhook that is unsigned, too old, signed with another secret, or malformed."""


class MailUnavailable(Exception):
    """The mail provider failed in a way that may pass.

    ``retry_after`` is set when it asked us to slow down: no fault of the mail.
    """

    def __init__(self, reason: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class MailRefused(Exception):
    """The mail provider will never take this message."""


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One line of the gateway's payment page."""

    name: str
    quantity: int
    unit_amount_cents: int


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What a hosted payment session is made from. Carries no personal data but the email."""

    order_number: str
    idempotency_key: str
    currency: str
    lines: Sequence[SessionLine]
    customer_email: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    metadata: Mapping[str, str]
    held_until_text: str = ""
    locale: str = "auto"


@dataclass(frozen=True, slots=True)
class PaymentSighting:
    """What the gateway says of one session right now.

    ``status`` is ``open``, ``complete`` or ``expired``; ``payment_status`` is
    ``unpaid``, ``paid`` or ``no_payment_required``. ``amount_cents`` is what the
    session asked for. ``payment_id`` is None until the buyer has confirmed.
    ``payment_failed`` is true when a delayed method has finally failed.
    """

    session_id: str
    status: str
    payment_status: str
    amount_cents: int
    currency: str
    livemode: bool
    payment_id: str | None = None
    method: str | None = None
    url: str | None = None
    payment_failed: bool = False
    refunded_cents: int = 0
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class RefundSighting:
    """What the gateway says of one refund: its id, amount and status.

    ``key`` is the idempotency key that we asked for it with; empty when it was not ours.
    """

    refund_id: str
    status: str
    amount_cents: int
    payment_id: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """One verified webhook: a hint to look, never the truth.

    ``livemode`` is None where the sender knows no test mode. ``concerns_order``
    says whether its type can be about an order at all, ``says_paid`` that it
    tells of nothing but money that came. The session, payment and order are
    named as far as the notice itself tells, and so is the purchase's ``trace_id``.
    """

    event_id: str
    type: str
    livemode: bool | None
    object_id: str | None
    payload: Mapping[str, object] = field(default_factory=dict)
    concerns_order: bool = False
    says_paid: bool = False
    session_id: str | None = None
    payment_id: str | None = None
    order_number: str | None = None
    trace_id: str | None = None


class PaymentGateway(Protocol):
    """Where money is taken. Every method may raise GatewayUnavailable or GatewayRefused."""

    name: str
    livemode: bool

    def create_session(self, request: SessionRequest) -> PaymentSighting:
        """Open a hosted payment session; the same idempotency key gives the same session."""
        ...

    def look_up_session(self, session_id: str) -> PaymentSighting:
        """The session as it is now. Raises GatewayUnknown."""
        ...

    def is_test_session(self, session_id: str) -> bool:
        """Whether no real money can ever come by the session. Asks nobody."""
        ...

    def expire_session(self, session_id: str) -> PaymentSighting:
        """Close the session for payment; answers its state, which may be ``complete``."""
        ...

    def find_session_id(self, object_id: str) -> str | None:
        """The session that an object (payment, charge, refund, dispute) belongs to.

        None when the gateway says that it knows none; whoever cannot be asked raises.
        """
        ...

    def refund_payment(
        self, *, payment_id: str, amount_cents: int, idempotency_key: str
    ) -> RefundSighting:
        """Give money back, once per key for as long as the gateway remembers it: for a day.

        The refund keeps the key for good, so that it is recognised after that.
        """
        ...

    def list_refunds(self, payment_id: str) -> Sequence[RefundSighting]:
        """Every refund of a payment, made by us or by staff at the gateway."""
        ...

    def read_notice(self, *, body: bytes, signature: str) -> Notice:
        """Verify a webhook on its raw body. Raises InvalidNotice."""
        ...

    def list_undelivered_notices(self, *, since: datetime) -> Sequence[Notice]:
        """Events that the gateway could not deliver since then."""
        ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    filename: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class MailMessage:
    """One mail, ready to go. ``idempotency_key`` makes a repeat harmless for 24 hours."""

    to: str
    subject: str
    text: str
    html: str
    idempotency_key: str
    attachments: Sequence[Attachment] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


class Mailer(Protocol):
    """Sends mail. Raises MailUnavailable or MailRefused."""

    def send(self, message: MailMessage) -> str:
        """Hand the message over and return the provider's id for it.

        The id is empty when the provider had taken this key before.
        """
        ...


class MailNotices(Protocol):
    """What the mail provider tells of mails that it took."""

    def read_notice(self, *, body: bytes, headers: Mapping[str, str]) -> Notice:
        """Verify a webhook on its raw body; header names are lower case. Raises InvalidNotice."""
        ...


class Doorbell(Protocol):
    """Wakes a worker. Losing a ring is harmless: the row is due until it is done."""

    def ring(self, *, queue: str, outbox_id: int, is_urgent: bool = False) -> None:
        """Name a row that is due, an urgent one before all that was rung for earlier.

        Never raises because of the outside world.
        """
        ...


class TokenBucket(Protocol):
    """Spreads calls to the gateway over time, across processes."""

    def take(self) -> bool:
        """True when a call may be made now."""
        ...


class NoLimit:
    """A token bucket that never runs dry."""

    def take(self) -> bool:
        """True, always."""
        return True


@dataclass(frozen=True, slots=True)
class Ports:
    """Every outside dependency, built once by the factory.

    ``ping_redis`` says whether Redis answers, and never raises. ``mail_notices``
    is None while no secret to verify them with is set. ``mail_per_second`` is how
    fast ``mail_bucket`` lets mails out.
    """

    utc_now: Callable[[], datetime]
    payments: PaymentGateway
    mailer: Mailer
    doorbell: Doorbell
    session_bucket: TokenBucket
    ping_redis: Callable[[], bool]
    mail_notices: MailNotices | None = None
    mail_bucket: TokenBucket = field(default_factory=NoLimit)
    passes: PassPorts = field(default_factory=PassPorts)
    mail_per_second: float = 2.0
    pusher: Pusher = field(default_factory=NoPushes)


def ports() -> Ports:
    """The ports of the running application."""
    return cast("Ports", current_app.extensions["ports"])
