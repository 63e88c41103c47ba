"""Keys that are made, replaced and retired at the same moment, also while tickets are issued."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import text

from tests.concurrency.crowd import call_at_once
from tests.conftest import TEST_SIGNING_SECRET
from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.sources import ROOT
from tests.waiting import wait_until
from webapp.database import db
from webapp.domain import orders, signing_keys, tickets
from webapp.domain.signed_tickets import read_genuine
from webapp.domain.signing_keys import OnlyKey
from webapp.domain.ticket_texts import list_ticket_texts
from webapp.models import AuditEntry, Order, OrderStatus, SigningKey
from webapp.sealing import KeySeal
from webapp.transaction import transaction

AT_ONCE = 8
SEAL = KeySeal(TEST_SIGNING_SECRET)
WAITERS = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'signing_keys'::regclass"
)


def make_first() -> int:
    with transaction():
        return signing_keys.get_current_key(seal=SEAL, now=NOW, trace_id="t").key_no


def rotate() -> int:
    with transaction():
        return signing_keys.make_next_key(seal=SEAL, now=NOW, trace_id="t").key_no


def retire(key_no: int) -> bool:
    with transaction():
        return signing_keys.retire_key(key_no=key_no, now=NOW, trace_id="t")


@pytest.fixture
def paid(app) -> Order:
    checkout = make_checkout((make_tier(make_event()), 2))
    with transaction():
        order = orders.place_order(checkout=checkout, order=None, trace_id="t", now=NOW)
        orders.move_order(order, OrderStatus.PAID, actor="test", now=NOW, trace_id="t")
    return order


def test_two_processes_that_make_the_first_key_at_once_make_one(app, environ):
    command = [sys.executable, "-m", "flask", "--app", "webapp", "keys", "make"]
    with db.engine.connect() as connection:
        # Both find no key, and neither can put its own in before the other has looked.
        connection.execute(text("LOCK TABLE signing_keys IN EXCLUSIVE MODE"))
        makers = [subprocess.Popen(command, cwd=ROOT, env=os.environ | environ) for _ in range(2)]
        wait_until(lambda: connection.scalar(WAITERS) == 2, what="two makers at the table")

    assert [maker.wait(60) for maker in makers] == [0, 0]
    (key,) = signing_keys.read_keyring().keys
    # The one that is kept is whole: its halves belong together.
    private_key = signing_keys.private_key_of(key, seal=SEAL)
    assert private_key.public_key().public_bytes_raw() == key.public_key
    assert db.session.query(AuditEntry).filter_by(action="signing_key_made").count() == 1


def test_crowd_that_needs_the_first_key_gets_the_same(crowd):
    outcomes = call_at_once(crowd, [make_first] * AT_ONCE)

    assert outcomes.refusals == []
    assert outcomes.answers == [1] * AT_ONCE
    assert db.session.query(SigningKey).count() == 1


def test_rotations_at_the_same_moment_get_a_number_each(crowd):
    make_first()

    outcomes = call_at_once(crowd, [rotate] * AT_ONCE)

    assert outcomes.refusals == []
    assert sorted(outcomes.answers) == list(range(2, AT_ONCE + 2))


def test_two_that_retire_the_last_two_keys_leave_one(crowd):
    make_first()
    rotate()

    outcomes = call_at_once(crowd, [partial(retire, 1), partial(retire, 2)])

    assert [type(refusal) for refusal in outcomes.refusals] == [OnlyKey]
    db.session.expire_all()
    assert [key.retired_at is None for key in signing_keys.read_keyring().keys].count(True) == 1


@pytest.mark.parametrize("retires", [False, True], ids=["rotation", "retirement"])
def test_keys_change_while_tickets_are_issued_and_the_tickets_verify(crowd, paid, retires):
    def change_keys() -> None:
        with crowd.app_context():
            rotate()
            if retires:
                retire(1)

    make_first()
    with ThreadPoolExecutor(1) as elsewhere, transaction():
        key = signing_keys.get_current_key(seal=SEAL, now=NOW, trace_id="t")
        tickets.issue_tickets(order_id=paid.id, key_no=key.key_no, now=NOW, trace_id="t")
        # It does not wait for us, nor we for it.
        elsewhere.submit(change_keys).result(20)

    db.session.expire_all()
    issued = orders.list_tickets(order_id=paid.id)
    assert [ticket.key_no for ticket in issued] == [1, 1]
    texts = list_ticket_texts(issued, event=paid.event, seal=SEAL)
    keys = signing_keys.read_keyring().verifying_keys()
    signers = {read_genuine(each, keys=keys).key_no for each in texts.values()}
    assert signers == ({2} if retires else {1})
