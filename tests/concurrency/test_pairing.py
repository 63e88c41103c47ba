"""Many phones enter the same pairing code, or one phone keeps things twice at once."""

from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import delete, func, select

from tests.concurrency.crowd import call_at_once
from tests.issued import make_order
from webapp.database import db
from webapp.domain import pairing, wallet_credentials, wallets
from webapp.domain.wallets import Confirmation
from webapp.extensions import signer
from webapp.models import Order, PairingCode, WalletCopy
from webapp.signing import Signer
from webapp.transaction import transaction
from webapp.wallet_refusals import UnknownPairingCode, WalletOfSomeoneElse

THREADS = 32


@pytest.fixture
def seal(app) -> Signer:
    return signer()


@pytest.fixture
def order(app, clock) -> Order:
    return make_order(clock)


def new_wallet(order: Order, now) -> WalletCopy:
    with transaction():
        return wallets.keep_order(
            copy=None, order=order, confirmation=Confirmation.NONE, now=now
        ).copy


def make_code(copy: WalletCopy, seal: Signer, now) -> str:
    with transaction():
        return pairing.make_pairing_code(copy=copy, signer=seal, now=now).text


def redeem(text: str, seal: Signer, now) -> int:
    with transaction():
        return pairing.redeem_pairing_code(
            text=text, copy=None, confirmation=Confirmation.NONE, signer=seal, now=now
        ).copy.id


def count_copies() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(WalletCopy)) or 0


def test_one_of_thirty_two_redeems_the_code(crowd, order, seal, clock):
    copy = new_wallet(order, clock())
    for round_no in range(1, 4):
        code = make_code(copy, seal, clock())

        outcomes = call_at_once(crowd, [partial(redeem, code, seal, clock())] * THREADS)

        assert len(outcomes.answers) == 1
        assert outcomes.refusal_kinds() == {UnknownPairingCode.__name__}
        assert count_copies() == 1 + round_no


def look_then_redeem(seal: Signer, text: str, everybody: Barrier, now) -> int:
    """The negative control: the code is looked for first, and deleted afterwards."""
    with transaction():
        row = db.session.scalars(select(PairingCode)).one_or_none()
        everybody.wait()
        if row is None:
            raise UnknownPairingCode
        db.session.execute(delete(PairingCode).where(PairingCode.wallet_id == row.wallet_id))
        return wallet_credentials.new_copy(wallet_id=row.wallet_id, now=now)[0].id


def test_control_looking_before_deleting_lets_several_in(crowd, order, seal, clock):
    code = make_code(new_wallet(order, clock()), seal, clock())
    everybody = Barrier(THREADS, timeout=30)

    outcomes = call_at_once(
        crowd, [partial(look_then_redeem, seal, code, everybody, clock())] * THREADS
    )

    assert len(outcomes.answers) == THREADS


def keep(order_id: int, copy_id: int, now) -> int:
    with transaction():
        return wallets.keep_order(
            copy=db.session.get_one(WalletCopy, copy_id),
            order=db.session.get_one(Order, order_id),
            confirmation=Confirmation.NONE,
            now=now,
        ).copy.id


def test_two_persons_never_get_into_a_wallet_at_once(crowd, app, clock):
    with transaction():
        copy = wallets._new_wallet(now=clock())[0]
        wallet_id = copy.wallet_id
    orders = [make_order(clock) for _ in range(8)]
    for number, each in enumerate(orders):
        each.contact_email = f"person-{number}@example.com"
    db.session.commit()

    outcomes = call_at_once(crowd, [partial(keep, each.id, copy.id, clock()) for each in orders])

    assert len(outcomes.answers) == 1
    assert outcomes.refusal_kinds() == {WalletOfSomeoneElse.__name__}
    db.session.rollback()
    assert len(wallets.list_persons(wallet_id=wallet_id)) == 1


def test_same_order_kept_at_once_is_kept_once(crowd, order, clock):
    copy = new_wallet(order, clock())

    outcomes = call_at_once(crowd, [partial(keep, order.id, copy.id, clock())] * 8)

    assert outcomes.refusals == []
    assert set(outcomes.answers) == {copy.id}


def test_codes_made_at_once_leave_one(crowd, order, seal, clock):
    copy = new_wallet(order, clock())

    outcomes = call_at_once(crowd, [partial(make_code, copy, seal, clock())] * 8)

    db.session.rollback()
    assert outcomes.refusals == []
    assert db.session.scalar(select(func.count()).select_from(PairingCode)) == 1
