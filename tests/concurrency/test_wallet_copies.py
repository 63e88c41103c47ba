"""Phones of one wallet that remove one another, or are let in, at the same moment."""

from functools import partial

import pytest
from sqlalchemy import func, select

from tests.concurrency.crowd import call_at_once
from tests.issued import TRACE, make_order
from webapp.database import db
from webapp.domain import pairing, wallet_copies, wallets
from webapp.domain.wallet_credentials import new_copy
from webapp.domain.wallets import Confirmation
from webapp.extensions import signer
from webapp.models import PairingCode, WalletCopy
from webapp.signing import Signer
from webapp.transaction import transaction

PHONES = 8
REFUSED = {"WalletNotConnected"}


@pytest.fixture
def copies(app, clock) -> list[int]:
    """The copies of one wallet, by their ids."""
    order = make_order(clock)
    with transaction():
        kept = wallets.keep_order(
            copy=None, order=order, confirmation=Confirmation.NONE, now=clock()
        ).copy
        others = [new_copy(wallet_id=kept.wallet_id, now=clock())[0] for _ in range(PHONES - 1)]
        return [copy.id for copy in (kept, *others)]


def remove_others(own_id: int, now) -> int:
    with transaction():
        own = db.session.get_one(WalletCopy, own_id)
        wallet_copies.remove_other_copies(own=own, now=now, trace_id=TRACE)
    return own_id


def count_live() -> int:
    db.session.rollback()
    query = select(func.count()).where(WalletCopy.removed_at.is_(None))
    return db.session.scalar(query) or 0


def test_phones_that_remove_one_another_at_once_leave_one(crowd, copies, clock):
    outcomes = call_at_once(crowd, [partial(remove_others, each, clock()) for each in copies])

    assert outcomes.deadlocks == 0
    assert len(outcomes.answers) == 1
    assert outcomes.refusal_kinds() == REFUSED
    assert count_live() == 1


def remove_unlocked(own_id: int, now) -> int:
    """The negative control: without the wallet's lock, who was removed still removes."""
    with transaction():
        own = db.session.get_one(WalletCopy, own_id)
        others = [copy.id for copy in wallet_copies.list_other_copies(own)]
        wallet_copies._remove(others, own=own, now=now, trace_id=TRACE)
    return own_id


def test_control_without_the_lock_more_than_one_gets_its_way(crowd, copies, clock):
    outcomes = call_at_once(crowd, [partial(remove_unlocked, each, clock()) for each in copies])

    # With the lock one gets its way, and the others hear that they were removed.
    assert len(outcomes.answers) > 1


def join(code: str, seal: Signer, now) -> int:
    with transaction():
        return pairing.redeem_pairing_code(
            text=code, copy=None, confirmation=Confirmation.NONE, signer=seal, now=now
        ).copy.id


def make_code(own_id: int, seal: Signer, now) -> str:
    with transaction():
        own = db.session.get_one(WalletCopy, own_id)
        return pairing.make_pairing_code(copy=own, signer=seal, now=now).text


def test_nobody_is_left_who_joined_while_all_others_were_removed(app, crowd, copies, clock):
    """Whoever is let in before is among the removed; after it, there is no code."""
    owner, lost, *_ = copies
    seal = signer()
    code = make_code(lost, seal, clock())

    outcomes = call_at_once(
        crowd,
        [
            partial(remove_others, owner, clock()),
            partial(join, code, seal, clock()),
            partial(make_code, lost, seal, clock()),
        ],
    )

    assert outcomes.deadlocks == 0
    assert outcomes.refusal_kinds() <= {"WalletNotConnected", "UnknownPairingCode"}
    assert count_live() == 1
    assert db.session.scalar(select(func.count()).select_from(PairingCode)) == 0
