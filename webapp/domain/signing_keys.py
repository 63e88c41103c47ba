"""The keys that tickets are signed with: made, replaced, retired, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    SQLColumnExpression,
    case,
    cast,
    func,
    null,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from webapp.database import db
from webapp.domain import audit
from webapp.domain.signed_tickets import VerifyingKey
from webapp.models import SigningKey, Ticket
from webapp.sealing import KeySeal

FIRST_KEY_NO = 1
LAST_KEY_NO = 255
# More than an installation ever has.
UNSEALED_KEPT = 256


class NoSigningKey(Exception):
    """There is no key that is not retired."""


class NoKeyNumberLeft(Exception):
    """All 255 numbers were given out; a ticket has one byte for it."""


class UnknownKey(Exception):
    """No key has this number."""


class OnlyKey(Exception):
    """The key is the only one that is not retired: without it no ticket could be signed."""


class KeyStatus(StrEnum):
    """One signs new tickets, the others verify those from before, until they are retired."""

    CURRENT = "current"
    VALID = "valid"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys as one statement read them, in the order of their numbers.

    ``signers`` says for every number that a ticket may name, and for none, which
    key signs it: :func:`signing_key_no`, worked out by the same statement.
    """

    keys: Sequence[SigningKey]
    signers: Mapping[int | None, int | None]

    @property
    def current(self) -> SigningKey:
        """The newest that is not retired: it signs new tickets. Raises :class:`NoSigningKey`."""
        return self._live()[-1]

    def signer_of(self, key_no: int | None) -> SigningKey:
        """The key that signs a ticket of ``key_no``. Raises :class:`NoSigningKey`."""
        signer_no = self.signers.get(key_no)
        return next((key for key in self.keys if key.key_no == signer_no), self.current)

    def status_of(self, key: SigningKey) -> KeyStatus:
        """What the key does today."""
        if key.retired_at is not None:
            return KeyStatus.RETIRED
        return KeyStatus.CURRENT if key is self.current else KeyStatus.VALID

    def verifying_keys(self) -> Mapping[int, VerifyingKey]:
        """What a door needs of all of them, retired ones included."""
        return {
            key.key_no: VerifyingKey(key.public_key, is_retired=key.retired_at is not None)
            for key in self.keys
        }

    def _live(self) -> list[SigningKey]:
        live = [key for key in self.keys if key.retired_at is None]
        if not live:
            raise NoSigningKey
        return live


def read_keyring() -> Keyring:
    """All keys, in one statement."""
    query = select(
        SigningKey, signing_key_no(SigningKey.key_no), signing_key_no(cast(null(), BigInteger))
    ).order_by(SigningKey.key_no)
    # Fresh rows: whoever holds the lock must see what was committed while it waited.
    rows = db.session.execute(query.execution_options(populate_existing=True)).all()
    signers: dict[int | None, int | None] = {key.key_no: signer_no for key, signer_no, _ in rows}
    signers[None] = rows[0][2] if rows else None
    return Keyring([key for key, _, _ in rows], signers)


def signing_key_no(key_no: SQLColumnExpression[int | None]) -> ColumnElement[int | None]:
    """The number of the key that signs a ticket of ``key_no``: its own, unless that is retired.

    Then it is the newest. A ticket from before there were keys names none: the
    oldest signs it, so that a new key does not change its text. NULL without keys.
    """
    live = aliased(SigningKey)
    numbers = select(live.key_no).where(live.retired_at.is_(None)).correlate_except(live)
    own = numbers.where(live.key_no == key_no).scalar_subquery()
    oldest = numbers.with_only_columns(func.min(live.key_no)).scalar_subquery()
    newest = numbers.with_only_columns(func.max(live.key_no)).scalar_subquery()
    return case((key_no.is_(None), oldest), else_=func.coalesce(own, newest))


def private_key_of(key: SigningKey, *, seal: KeySeal) -> Ed25519PrivateKey:
    """The private half, kept unsealed in this process. Raises :class:`webapp.sealing.WrongSeal`."""
    return _unsealed(seal, key.key_no, key.sealed_seed)


def get_current_key(*, seal: KeySeal, now: datetime, trace_id: str) -> SigningKey:
    """The key that signs new tickets; the first one is made when there is none.

    Safe against two at once: both want the same number, one gets it, the other
    waits for that transaction and then finds the key. Raises :class:`NoSigningKey`
    when every key was retired.
    """
    newest = (
        select(SigningKey)
        .where(SigningKey.retired_at.is_(None))
        .order_by(SigningKey.key_no.desc())
        .limit(1)
    )
    key = db.session.scalars(newest).one_or_none()
    if key is None:
        _insert_key(FIRST_KEY_NO, seal=seal, now=now, trace_id=trace_id)
        key = db.session.scalars(newest).one_or_none()
    if key is None:
        raise NoSigningKey
    return key


def make_next_key(*, seal: KeySeal, now: datetime, trace_id: str) -> SigningKey:
    """A new key that signs from now on; what the others have signed stays valid.

    Raises :class:`NoKeyNumberLeft`.
    """
    _lock_keys()
    last = db.session.scalar(select(func.max(SigningKey.key_no))) or FIRST_KEY_NO - 1
    if last >= LAST_KEY_NO:
        raise NoKeyNumberLeft
    _insert_key(last + 1, seal=seal, now=now, trace_id=trace_id)
    return db.session.get_one(SigningKey, last + 1)


def retire_key(*, key_no: int, now: datetime, trace_id: str) -> bool:
    """Let nothing that the key has signed open a door any more; False when it was retired.

    Its tickets stay valid and get texts of the current key when they are shown
    again. Raises :class:`UnknownKey` and :class:`OnlyKey`.
    """
    _lock_keys()
    keyring = read_keyring()
    key = next((key for key in keyring.keys if key.key_no == key_no), None)
    if key is None:
        raise UnknownKey
    if key.retired_at is not None:
        return False
    if sum(each.retired_at is None for each in keyring.keys) == 1:
        raise OnlyKey
    key.retired_at = now
    _note(key_no, "signing_key_retired", now=now, trace_id=trace_id)
    return True


def adopt_older_tickets(*, key_no: int) -> int:
    """Let the key sign the tickets from before there were keys; answers how many."""
    adopted = (
        update(Ticket)
        .where(Ticket.key_no.is_(None))
        .values(key_no=key_no)
        .execution_options(synchronize_session=False)
    )
    return int(db.session.execute(adopted).rowcount)  # type: ignore[attr-defined]


def count_tickets() -> Mapping[int, int]:
    """How many tickets name each key."""
    query = select(Ticket.key_no, func.count()).group_by(Ticket.key_no)
    return {key_no: count for key_no, count in db.session.execute(query) if key_no is not None}


def _lock_keys() -> None:
    """One change of keys at a time. Issuing goes on: it only reads, and refers to, keys."""
    db.session.execute(text("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE"))


def _insert_key(key_no: int, *, seal: KeySeal, now: datetime, trace_id: str) -> None:
    private_key = Ed25519PrivateKey.generate()
    row = {
        "key_no": key_no,
        "public_key": private_key.public_key().public_bytes_raw(),
        "sealed_seed": seal.seal(private_key.private_bytes_raw(), key_no=key_no),
        "created_at": now,
    }
    made = insert(SigningKey).values(row).on_conflict_do_nothing().returning(SigningKey.key_no)
    if db.session.scalar(made) is not None:
        _note(key_no, "signing_key_made", now=now, trace_id=trace_id)


def _note(key_no: int, action: str, *, now: datetime, trace_id: str) -> None:
    audit.note(
        subject="signing_key",
        subject_id=key_no,
        action=action,
        actor="operator",
        details={},
        now=now,
        trace_id=trace_id,
    )


@lru_cache(maxsize=UNSEALED_KEPT)
def _unsealed(seal: KeySeal, key_no: int, sealed_seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seal.unseal(sealed_seed, key_no=key_no))
