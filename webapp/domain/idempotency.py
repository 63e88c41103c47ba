"""Keyed requests: the same key gives the same answer again."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select

from webapp.database import db, table_of
from webapp.domain.name_locks import lock_name, try_lock_name
from webapp.errors import IdempotencyInFlight, IdempotencyMismatch
from webapp.models import IdempotencyKey

# What the API promises; from then on a sweep may delete the answer.
KEPT_FOR = timedelta(hours=24)

# Built once: every hold runs them.
_FIND = select(IdempotencyKey).where(
    IdempotencyKey.scope == bindparam("scope"), IdempotencyKey.key == bindparam("key")
)
_SAVE = insert(table_of(IdempotencyKey))


def claim_key(*, scope: str, key: str, request_hash: str) -> IdempotencyKey | None:
    """The saved answer of this key, or None and the key is the caller's.

    ``scope`` is a digest of route and caller: nobody gets another's answer.
    The claim lasts until the transaction ends, so a process that dies leaves
    nothing behind. Raises :class:`IdempotencyInFlight` while another request
    with the key is running, :class:`IdempotencyMismatch` for another body.
    """
    if not try_lock_name(f"{scope}:{key}"):
        raise IdempotencyInFlight
    # A look of its own: only what begins after the lock sees what its last holder kept.
    saved = db.session.scalars(_FIND, {"scope": scope, "key": key}).one_or_none()
    if saved is not None and saved.request_hash != request_hash:
        raise IdempotencyMismatch
    return saved


def wait_for_key(*, scope: str, key: str) -> None:
    """Wait until nobody else works on the key: for a person's double click.

    To be called right before :func:`claim_key`, in the same transaction.
    """
    lock_name(f"{scope}:{key}")


def save_answer(
    *,
    scope: str,
    key: str,
    request_hash: str,
    status_code: int,
    answer: Mapping[str, object],
    now: datetime,
) -> None:
    """Keep the answer with the effect it tells of; ``answer`` must hold no token."""
    saved = {
        "scope": scope,
        "key": key,
        "request_hash": request_hash,
        "status_code": status_code,
        "answer": dict(answer),
        "created_at": now,
    }
    db.session.execute(_SAVE, saved)
