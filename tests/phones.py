"""Phones that keep tickets and want to be told."""

from base64 import urlsafe_b64encode
from datetime import datetime
from itertools import count

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.factories import NOW
from webapp.domain import push_subscriptions, wallets
from webapp.domain.wallets import Confirmation, KeptIn
from webapp.models import Order, Ticket, WalletCopy
from webapp.transaction import transaction

_numbers = count(1)
AUTH = urlsafe_b64encode(b"0123456789abcdef").decode().rstrip("=")


def base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def public_key(key: ec.EllipticCurvePrivateKey | None = None) -> str:
    """A browser's key as its page gives it."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64url(point)


def new_endpoint() -> str:
    return f"https://fcm.googleapis.com/fcm/send/phone-{next(_numbers)}"


def keep_on_phone(
    kept: Order | Ticket, *, copy: WalletCopy | None = None, now: datetime = NOW
) -> WalletCopy:
    """A phone that keeps an order's tickets, or one ticket for its present holder."""
    how = {"copy": copy, "confirmation": Confirmation.ADD, "now": now}
    with transaction():
        result: KeptIn = (
            wallets.keep_order(order=kept, **how)
            if isinstance(kept, Order)
            else wallets.keep_ticket(ticket=kept, **how)
        )
    return result.copy


def subscribe(copy: WalletCopy, *, endpoint: str = "", locale: str = "en") -> str:
    """The phone's person taps the button; answers its address at the push service."""
    endpoint = endpoint or new_endpoint()
    with transaction():
        push_subscriptions.subscribe(
            wallet_copy_id=copy.id,
            endpoint=endpoint,
            p256dh=public_key(),
            auth=AUTH,
            locale=locale,
            accepts=lambda _endpoint: True,
            now=NOW,
        )
    return endpoint
