"""Stripe, the only importer of ``stripe``: hosted payment sessions, refunds, signed notices."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import quote

import stripe
from stripe.params.checkout import SessionCreateParams

from webapp.clock import utc_now
from webapp.config import LIVE_KEY_PREFIXES
from webapp.gateways import stripe_answers
from webapp.gateways.breaker import Breaker
from webapp.gateways.notices import keep_storable, storable
from webapp.gateways.stripe_faults import put_in_words
from webapp.gateways.stripe_words import INSTANT_METHODS, PAGE_LOCALES
from webapp.notice_types import NOTICE_TYPES
from webapp.ports import (
    GatewayRefused,
    GatewayUnavailable,
    GatewayUnknown,
    InvalidNotice,
    Notice,
    PaymentSighting,
    RefundSighting,
    SessionRequest,
)

log = logging.getLogger(__name__)

# Metrics about our calls would go out with every request, and a file into the home folder.
stripe.enable_telemetry = False

# A call ends within ten seconds: two tries at these, and half a second between them.
# Longer, and a gateway that hangs holds every thread of the web server.
CONNECT_SECONDS = 2.0
READ_SECONDS = 4.5
MAX_RETRIES = 1
# So many calls in a row without any answer, and nobody waits for the next ones.
SILENT_CALLS = 3
PAUSE_SECONDS = 5.0
TEST_SESSION_PREFIX = "cs_test_"
NOTICE_TOLERANCE = timedelta(seconds=300)
MAX_LISTED_NOTICES = 1000


class StripePayments:
    """One Stripe account. Implements :class:`webapp.ports.PaymentGateway`.

    ``webhook_secrets`` may be several while one replaces another. With
    ``takes_delayed_methods`` bank debits and the like are offered, too.
    """

    name = "stripe"

    def __init__(
        self,
        *,
        secret_key: str,
        webhook_secrets: Sequence[str],
        api_base: str | None = None,
        read_timeout_seconds: float = READ_SECONDS,
        takes_delayed_methods: bool = False,
        now: Callable[[], datetime] = utc_now,
        breaker: Breaker | None = None,
    ) -> None:
        self.livemode = secret_key.startswith(LIVE_KEY_PREFIXES)
        self._webhook_secrets = tuple(webhook_secrets)
        self._takes_delayed_methods = takes_delayed_methods
        self._now = now
        self._breaker = breaker or Breaker(limit=SILENT_CALLS, pause_seconds=PAUSE_SECONDS)
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else None,
            # The client's own default is not to retry at all.
            max_network_retries=MAX_RETRIES,
            http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, read_timeout_seconds)),
        )

    def create_session(self, request: SessionRequest) -> PaymentSighting:
        """Open a hosted payment session; the same idempotency key gives the same session."""
        params: SessionCreateParams = {
            "mode": "payment",
            "submit_type": "book",
            "line_items": [
                {
                    "quantity": line.quantity,
                    "price_data": {
                        "currency": request.currency.lower(),
                        "unit_amount": line.unit_amount_cents,
                        "product_data": {"name": line.name},
                    },
                }
                for line in request.lines
            ],
            "success_url": request.success_url,
            "cancel_url": request.cancel_url,
            "expires_at": int(request.expires_at.timestamp()),
            "client_reference_id": request.order_number,
            "customer_email": request.customer_email,
            "metadata": dict(request.metadata),
            "payment_intent_data": {"metadata": dict(request.metadata)},
            # The price shown is the price paid, in the currency of the event.
            "adaptive_pricing": {"enabled": False},
            "locale": request.locale if request.locale in PAGE_LOCALES else "auto",
        }
        if not self._takes_delayed_methods:
            params["allowed_payment_method_types"] = list(INSTANT_METHODS)
        if request.held_until_text:
            params["custom_text"] = {"submit": {"message": request.held_until_text}}
        with self._calling("create_session"):
            session = self._client.v1.checkout.sessions.create(
                params, {"idempotency_key": request.idempotency_key}
            )
        return stripe_answers.session_sighting(session.to_dict())

    def look_up_session(self, session_id: str) -> PaymentSighting:
        """The session as it is now, with what became of its money."""
        with self._calling("look_up_session"):
            # The answer as it came: making objects of all its parts took longer than asking.
            answer = self._client.raw_request(
                "get",
                f"/v1/checkout/sessions/{quote(session_id, safe='')}",
                expand=["payment_intent.latest_charge"],
            )
        return stripe_answers.session_sighting(answer.data)

    def is_test_session(self, session_id: str) -> bool:
        """Whether no real money can ever come by the session, whatever our key is by now."""
        return session_id.startswith(TEST_SESSION_PREFIX)

    def expire_session(self, session_id: str) -> PaymentSighting:
        """Close the session for payment; answers its state, which may be ``complete``."""
        try:
            with self._calling("expire_session"):
                self._client.v1.checkout.sessions.expire(session_id)
        except GatewayRefused:
            # Not open any more: paid in this very moment, or over already. What
            # it is now decides, and an unknown session is refused again there.
            sighting = self.look_up_session(session_id)
            if sighting.status == "open":
                # Refused for a reason of ours, such as a key that may only read.
                raise
            log.info("gateway session was not open")
            return sighting
        return self.look_up_session(session_id)

    def find_session_id(self, object_id: str) -> str | None:
        """The session that an object (payment, charge, refund, dispute) belongs to, if any.

        None is the gateway's word that it knows none; a key that it refuses raises.
        """
        if object_id.startswith("cs_"):
            return object_id
        try:
            intent_id = self._find_intent(object_id)
            if intent_id is None:
                return None
            with self._calling("find_session_id"):
                page = self._client.v1.checkout.sessions.list(
                    {"payment_intent": intent_id, "limit": 1}
                )
        except GatewayUnknown:
            return None
        return page.data[0].id if page.data else None

    def refund_payment(
        self, *, payment_id: str, amount_cents: int, idempotency_key: str
    ) -> RefundSighting:
        """Give ``amount_cents`` back, once per key within a day; the refund keeps the key."""
        with self._calling("refund_payment"):
            refund = self._client.v1.refunds.create(
                {
                    "payment_intent": payment_id,
                    "amount": amount_cents,
                    "metadata": {stripe_answers.REFUND_KEY: idempotency_key},
                },
                {"idempotency_key": idempotency_key},
            )
        return stripe_answers.refund_sighting(refund.to_dict())

    def list_refunds(self, payment_id: str) -> Sequence[RefundSighting]:
        """Every refund of a payment, made by us or by staff at the gateway."""
        with self._calling("list_refunds"):
            page = self._client.v1.refunds.list({"payment_intent": payment_id, "limit": 100})
            return [
                stripe_answers.refund_sighting(refund.to_dict())
                for refund in page.auto_paging_iter()
            ]

    def read_notice(self, *, body: bytes, signature: str) -> Notice:
        """Verify a webhook, snapshot or thin, on its raw body. Raises InvalidNotice."""
        if not signature.isascii():
            raise InvalidNotice("the signature header is not ASCII")
        if not any(_is_signed(body, signature, secret) for secret in self._webhook_secrets):
            raise InvalidNotice("no secret of ours signed this")
        # The SDK would accept a timestamp of next year, and looks at its own clock.
        signed_at = stripe_answers.signing_time(signature)
        if abs(self._now().timestamp() - signed_at) > NOTICE_TOLERANCE.total_seconds():
            raise InvalidNotice("signed too long ago, or in the future")
        try:
            return storable(stripe_answers.notice(json.loads(body)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidNotice("signed, but not an event") from error

    def list_undelivered_notices(self, *, since: datetime) -> Sequence[Notice]:
        """Events that the gateway could not deliver since then, oldest first."""
        with self._calling("list_undelivered_notices"):
            page = self._client.v1.events.list(
                {
                    "delivery_success": False,
                    "created": {"gte": int(since.timestamp())},
                    "types": list(NOTICE_TYPES),
                    "limit": 100,
                }
            )
            newest_first = islice(page.auto_paging_iter(), MAX_LISTED_NOTICES)
            events = [event.to_dict() for event in newest_first]
        return keep_storable(stripe_answers.notice(event) for event in reversed(events))

    def _find_intent(self, gateway_id: str) -> str | None:
        """The payment intent behind one of its charges, refunds or disputes."""
        lookups: dict[str, Callable[[str], Any]] = {
            "ch": self._client.v1.charges.retrieve,
            "py": self._client.v1.charges.retrieve,
            "re": self._client.v1.refunds.retrieve,
            "pyr": self._client.v1.refunds.retrieve,
            "dp": self._client.v1.disputes.retrieve,
            "du": self._client.v1.disputes.retrieve,
        }
        look_up = lookups.get(gateway_id.partition("_")[0])
        if look_up is None:
            return gateway_id
        with self._calling("find_intent"):
            found = look_up(gateway_id).to_dict()
        return stripe_answers.id_of(found.get("payment_intent"))

    @contextmanager
    def _calling(self, call: str) -> Iterator[None]:
        """Turn the SDK's errors into the two kinds that the application knows.

        A gateway that has been silent is left alone for a moment: the call is
        then refused at once, and nothing was sent.
        """
        if not self._breaker.lets_through():
            raise GatewayUnavailable(f"{call}: the gateway has been silent")
        try:
            yield
        except stripe.APIConnectionError as error:
            self._breaker.note_failure()
            raise put_in_words(call, error) from None
        except stripe.StripeError as error:
            self._breaker.note_success()
            raise put_in_words(call, error) from None
        self._breaker.note_success()


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, signature, secret))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
