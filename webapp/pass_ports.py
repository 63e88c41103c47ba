"""What passes are made with: the operator's keys, and the push that tells phones of changes.

A pass is the export of one ticket to Apple Wallet or Google Wallet. What is not
configured is None, and is then offered nowhere.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate

# So long before the end an operator should be told; Apple's own mail comes 30 days before.
WARNING_TIME = timedelta(days=30)


class PassPushUnavailable(Exception):
    """The push service did not answer, asked to slow down, or refused our certificate."""


class PassPhoneGone(Exception):
    """The pass is no longer on this phone: nothing will ever arrive there again."""


@dataclass(frozen=True, slots=True)
class CertificateState:
    """How long one certificate still works. ``name`` is a stable word."""

    name: str
    starts_at: datetime
    ends_at: datetime

    def is_valid(self, *, now: datetime) -> bool:
        """Whether phones accept what is signed with it."""
        return self.starts_at <= now < self.ends_at

    def days_left(self, *, now: datetime) -> int:
        """Whole days until it ends; negative once it has."""
        return (self.ends_at - now) // timedelta(days=1)

    def needs_attention(self, *, now: datetime) -> bool:
        """Whether it has ended, has not begun, or ends within :data:`WARNING_TIME`."""
        return not self.is_valid(now=now) or now + WARNING_TIME >= self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplePassKeys:
    """What Apple Wallet passes are signed with.

    ``intermediate`` is the certificate of Apple that issued ``certificate``.
    """

    pass_type_identifier: str
    team_identifier: str
    certificate: Certificate
    key: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)
    intermediate: Certificate

    def certificates(self) -> tuple[CertificateState, ...]:
        """The two certificates that may end."""
        return (
            _state("apple_pass", self.certificate),
            _state("apple_intermediate", self.intermediate),
        )

    def are_valid(self, *, now: datetime) -> bool:
        """Whether a pass that is signed now is accepted by phones."""
        return all(each.is_valid(now=now) for each in self.certificates())


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleWalletKeys:
    """What links to Google Wallet are signed with: the key of a service account."""

    issuer_id: str
    client_email: str
    key: RSAPrivateKey = field(repr=False)


class PassPusher(Protocol):
    """Tells phones that a pass of theirs has changed."""

    def push(self, push_token: str) -> None:
        """Wake one phone. Safe to repeat.

        Raises :class:`PassPhoneGone` or :class:`PassPushUnavailable`.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PassPorts:
    """The keys and the push, each None while it is not configured."""

    apple: ApplePassKeys | None = None
    google: GoogleWalletKeys | None = None
    pusher: PassPusher | None = None

    def certificates(self) -> tuple[CertificateState, ...]:
        """Every certificate that is configured and may end."""
        return self.apple.certificates() if self.apple else ()

    def usable_apple(self, *, now: datetime) -> ApplePassKeys | None:
        """The keys for Apple Wallet while phones accept what they sign."""
        return self.apple if self.apple and self.apple.are_valid(now=now) else None


def _state(name: str, certificate: Certificate) -> CertificateState:
    return CertificateState(name, certificate.not_valid_before_utc, certificate.not_valid_after_utc)
