"""How a copy of a wallet begins, proves itself and ends.

A copy proves itself with two random tokens. One alone is worth nothing: scripts
can throw the second away without a network, and then the copy has ended.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from webapp.database import db
from webapp.domain.browser_names import NAMELESS, BrowserName
from webapp.models import WalletCopy

# Opening a wallet writes that it was seen, but not every time.
SEEN_EVERY = timedelta(days=1)
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Credential:
    """The two tokens of a copy: one that scripts cannot read, one that they can delete."""

    token: str
    here: str


def find_copy(credential: Credential) -> WalletCopy | None:
    """The copy with its wallet, if both tokens are its own and no other copy removed it."""
    return _find(credential, WalletCopy.removed_at.is_(None))


def find_removed_copy(credential: Credential) -> WalletCopy | None:
    """The copy, if both tokens are its own and another copy removed it: it opens nothing."""
    return _find(credential, WalletCopy.removed_at.is_not(None))


def end_half_copy(*, token: str = "", here: str = "") -> bool:
    """End the copy of which only one token is left; says whether there was one."""
    stored, half = (WalletCopy.token_hash, token) if token else (WalletCopy.here_hash, here)
    mine = stored == hash_token(half)
    ended = db.session.execute(delete(WalletCopy).where(mine).returning(WalletCopy.id))
    return bool(ended.all())


def end_copy(*, copy_id: int) -> None:
    """End one copy; the wallet's other copies stay. A repeat is a no-op."""
    db.session.execute(delete(WalletCopy).where(WalletCopy.id == copy_id))


def note_seen(copy: WalletCopy, *, now: datetime) -> bool:
    """Remember that a copy is in use; says whether that was due, at most once a day."""
    if now < copy.seen_at + SEEN_EVERY:
        return False
    db.session.execute(update(WalletCopy).where(WalletCopy.id == copy.id).values(seen_at=now))
    return True


def new_copy(
    *, wallet_id: int, now: datetime, browser: BrowserName = NAMELESS
) -> tuple[WalletCopy, Credential]:
    """Another copy of a wallet, with the credential that only its browser will know."""
    credential = Credential(
        token=secrets.token_urlsafe(TOKEN_BYTES), here=secrets.token_urlsafe(TOKEN_BYTES)
    )
    copy = WalletCopy(
        wallet_id=wallet_id,
        token_hash=hash_token(credential.token),
        here_hash=hash_token(credential.here),
        created_at=now,
        seen_at=now,
        browser=browser.browser,
        system=browser.system,
    )
    db.session.add(copy)
    db.session.flush()
    return copy, credential


def hash_token(token: str) -> str:
    """What is stored of a token: SHA-256 in hex. It is random, so it needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def _find(credential: Credential, condition: ColumnElement[bool]) -> WalletCopy | None:
    is_named = WalletCopy.token_hash == hash_token(credential.token)
    query = select(WalletCopy).where(is_named, condition)
    copy = db.session.scalars(query).one_or_none()
    if copy is None or not hmac.compare_digest(copy.here_hash, hash_token(credential.here)):
        return None
    return copy
