"""The text in a ticket's QR code: 83 signed bytes as 200 digits. See docs/ticket-format.md.

Pure: bytes and texts in, bytes and texts out. Where keys are kept is the
business of :mod:`webapp.domain.signing_keys`.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

VERSION = 1
# The bytes of each field of the body, in the order of :class:`TicketBody`.
FIELD_BYTES = (1, 1, 3, 5, 3, 2, 4)
BODY_BYTES = sum(FIELD_BYTES)
SIGNATURE_BYTES = 64
TICKET_BYTES = BODY_BYTES + SIGNATURE_BYTES
# As many digits as the largest number of 83 bytes has.
TEXT_DIGITS = 200
# Signed before the body and not in the QR code: a signature that the same key
# would make for anything else is none of a ticket.
SIGNATURE_PREFIX = b"yardpass-ticket-1:"
# The order of the base point (RFC 8032, 5.1): a signature whose S is not below
# it is a second spelling of another one.
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
_ASCII_DIGITS = frozenset("0123456789")


class Fault(StrEnum):
    """Why a text is no good ticket, in the order in which it is looked at."""

    MALFORMED = "malformed"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_KEY = "unknown_key"
    FORGED = "forged"
    RETIRED_KEY = "retired_key"
    OTHER_EVENT = "other_event"
    EXPIRED = "expired"


class NotGenuine(Exception):
    """The text is no good ticket; ``fault`` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class FieldTooLarge(Exception):
    """A number does not fit into its bytes of the ticket: the installation grew too big."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketBody:
    """What is signed, in the order of its bytes. ``expires_at`` is in unix seconds."""

    version: int = VERSION
    key_no: int
    event_id: int
    ticket_id: int
    tier_id: int
    revision: int
    expires_at: int

    def pack(self) -> bytes:
        """The 19 bytes. Raises :class:`FieldTooLarge`."""
        parts = []
        for name, value, size in zip(self.__slots__, astuple(self), FIELD_BYTES, strict=True):
            try:
                parts.append(value.to_bytes(size, "big"))
            except OverflowError:
                raise FieldTooLarge(f"{name} {value} does not fit into {size} bytes") from None
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """What a door knows of a key: the 32 bytes of RFC 8032, and whether it still counts."""

    public_key: bytes
    is_retired: bool = False


def unpack_body(packed: bytes) -> TicketBody:
    """The fields of 19 bytes, whatever they say."""
    values = []
    start = 0
    for size in FIELD_BYTES:
        values.append(int.from_bytes(packed[start : start + size], "big"))
        start += size
    return TicketBody(**dict(zip(TicketBody.__slots__, values, strict=True)))


def sign_body(body: TicketBody, *, private_key: Ed25519PrivateKey) -> bytes:
    """The 83 bytes of a ticket. The same body and key always give the same bytes."""
    packed = body.pack()
    return packed + private_key.sign(SIGNATURE_PREFIX + packed)


def encode_text(signed: bytes) -> str:
    """83 bytes as one big-endian number of exactly 200 digits."""
    if len(signed) != TICKET_BYTES:
        raise ValueError(f"a ticket has {TICKET_BYTES} bytes, not {len(signed)}")
    return f"{int.from_bytes(signed, 'big'):0{TEXT_DIGITS}d}"


def decode_text(text: str) -> bytes:
    """The 83 bytes of the one text that stands for them.

    Nothing is trimmed and nothing is guessed: digits of other scripts, signs and
    spaces would be further texts for the same ticket. Raises :class:`NotGenuine`.
    """
    if len(text) != TEXT_DIGITS or not _ASCII_DIGITS.issuperset(text):
        raise NotGenuine(Fault.MALFORMED)
    number = int(text)
    if number >= 1 << (8 * TICKET_BYTES):
        raise NotGenuine(Fault.MALFORMED)
    return number.to_bytes(TICKET_BYTES, "big")


def verify_text(
    text: str, *, keys: Mapping[int, VerifyingKey], event_id: int, now: datetime
) -> TicketBody:
    """What a genuine ticket for this event says.

    Genuine is not yet good: a door that has the list asks it whether this
    revision is the present one, and the list decides over the expiry as well.
    Raises :class:`NotGenuine`.
    """
    body = read_genuine(text, keys=keys)
    if body.event_id != event_id:
        raise NotGenuine(Fault.OTHER_EVENT)
    if datetime.fromtimestamp(body.expires_at, UTC) <= now:
        raise NotGenuine(Fault.EXPIRED)
    return body


def read_genuine(text: str, *, keys: Mapping[int, VerifyingKey]) -> TicketBody:
    """What a text says that one of ``keys`` signed, for whatever event and time.

    Raises :class:`NotGenuine`.
    """
    signed = decode_text(text)
    packed, signature = signed[:BODY_BYTES], signed[BODY_BYTES:]
    body = unpack_body(packed)
    if body.version != VERSION:
        raise NotGenuine(Fault.UNKNOWN_VERSION)
    key = keys.get(body.key_no)
    if key is None:
        raise NotGenuine(Fault.UNKNOWN_KEY)
    if not _is_signature(signature, of=SIGNATURE_PREFIX + packed, by=key.public_key):
        raise NotGenuine(Fault.FORGED)
    if key.is_retired:
        raise NotGenuine(Fault.RETIRED_KEY)
    return body


def _is_signature(signature: bytes, *, of: bytes, by: bytes) -> bool:
    # The library refuses it too; the rule must not hang on its version.
    if int.from_bytes(signature[32:], "little") >= GROUP_ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(by).verify(signature, of)
    except InvalidSignature:
        return False
    return True
