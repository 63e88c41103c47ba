"""Signed texts: unguessable, made for one purpose, and nothing to store."""

import hashlib
import hmac
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp.clock import utc_now

# What a text may be signed for; each has a key of its own.
_PURPOSES = frozenset(
    {
        "checkout-token",
        "checkout-link",
        "handover-link",
        "order-link",
        "client-key",
        "ticket-link",
        "transfer-link",
        "transfer-claim",
        "pairing-code",
        "pass-token",
    }
)


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and checks signed texts with keys derived from the installation's secret.

    Every purpose has a key of its own, so a link of one kind never opens
    another kind of thing.
    """

    secret_key: str

    def digest(self, purpose: str, text: str) -> str:
        """A keyed SHA-256 of ``text``, in hex: a token that can be derived again."""
        return hmac.new(self._key(purpose), text.encode(), hashlib.sha256).hexdigest()

    def matches(self, purpose: str, text: str, digest: str) -> bool:
        """Whether ``digest`` was made from ``text``; takes the same time either way."""
        return hmac.compare_digest(self.digest(purpose, text), digest)

    def seal(self, purpose: str, value: str) -> str:
        """A URL-safe text that carries ``value`` and the moment of signing."""
        return self._serializer(purpose).dumps(value)

    def unseal(self, purpose: str, sealed: str, *, max_age_seconds: int) -> str | None:
        """The value, or None when the text was altered, is of another purpose, or too old.

        Signed in the future is signed by us: the clock was put back since then.
        """
        try:
            value, signed_at = self._serializer(purpose).loads(sealed, return_timestamp=True)
        except BadSignature:
            return None
        is_too_old = (utc_now() - signed_at).total_seconds() > max_age_seconds
        return value if isinstance(value, str) and not is_too_old else None

    def _key(self, purpose: str) -> bytes:
        if purpose not in _PURPOSES:
            raise ValueError(f"unknown signing purpose {purpose!r}")
        return hmac.new(self.secret_key.encode(), purpose.encode(), hashlib.sha256).digest()

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            self._key(purpose), salt=purpose, signer_kwargs={"digest_method": hashlib.sha256}
        )
