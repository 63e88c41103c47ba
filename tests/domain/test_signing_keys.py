"""The keys that sign tickets, and which of them signs which."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import NOW
from tests.issued import make_order
from webapp.database import db
from webapp.domain import orders, signing_keys
from webapp.domain.signed_tickets import Fault, NotGenuine, verify_text
from webapp.domain.signing_keys import (
    LAST_KEY_NO,
    NoKeyNumberLeft,
    NoSigningKey,
    OnlyKey,
    UnknownKey,
)
from webapp.domain.ticket_texts import LIFETIME_AFTER_EVENT, list_ticket_texts, ticket_text
from webapp.extensions import key_seal
from webapp.models import AuditEntry, Order, SigningKey, Ticket
from webapp.sealing import KeySeal, WrongSeal
from webapp.transaction import transaction

TRACE = "0" * 32


def make_first() -> SigningKey:
    with transaction():
        return signing_keys.get_current_key(seal=key_seal(), now=NOW, trace_id=TRACE)


def rotate() -> SigningKey:
    with transaction():
        return signing_keys.make_next_key(seal=key_seal(), now=NOW, trace_id=TRACE)


def retire(key_no: int) -> bool:
    with transaction():
        return signing_keys.retire_key(key_no=key_no, now=NOW, trace_id=TRACE)


def texts_of(order: Order) -> list[str]:
    db.session.expire_all()
    tickets = orders.list_tickets(order_id=order.id)
    return list(list_ticket_texts(tickets, event=order.event, seal=key_seal()).values())


def read(text: str, order: Order, now=NOW):
    keys = signing_keys.read_keyring().verifying_keys()
    return verify_text(text, keys=keys, event_id=order.event_id, now=now)


def test_first_key_is_made_once_and_sealed(app):
    first, again = make_first(), make_first()

    assert first.key_no == again.key_no == 1
    seed = signing_keys.private_key_of(first, seal=key_seal()).private_bytes_raw()
    assert seed not in first.sealed_seed
    assert db.session.query(AuditEntry).filter_by(action="signing_key_made").count() == 1


def test_seed_opens_only_with_its_secret_and_in_its_row(app):
    seal = key_seal()
    sealed = seal.seal(b"s" * 32, key_no=1)

    assert seal.unseal(sealed, key_no=1) == b"s" * 32
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for other, text, key_no in (
        (KeySeal("another secret that is long enough"), sealed, 1),
        (seal, sealed, 2),
        (seal, altered, 1),
        (seal, b"", 1),
    ):
        with pytest.raises(WrongSeal):
            other.unseal(text, key_no=key_no)


def test_secret_is_not_in_what_a_log_would_say(app):
    assert key_seal().secret not in repr(key_seal())


def test_ticket_says_what_it_is(app, clock):
    order = make_order(clock)
    (first, _) = orders.list_tickets(order_id=order.id)

    body = read(texts_of(order)[0], order)

    assert (body.ticket_id, body.event_id, body.tier_id) == (
        first.id,
        order.event_id,
        first.tier_id,
    )
    assert (body.revision, body.key_no) == (1, 1)
    assert body.expires_at == int((order.event.ends_at + LIFETIME_AFTER_EVENT).timestamp())


def test_text_stays_while_nothing_changes(app, clock):
    order = make_order(clock)
    before = texts_of(order)
    rotate()
    clock.advance(days=20)

    assert texts_of(order) == before


def test_moved_event_changes_the_text_and_both_are_genuine(app, clock):
    order = make_order(clock)
    (before, _) = texts_of(order)
    order.event.ends_at += timedelta(days=3)
    db.session.commit()

    (after, _) = texts_of(order)

    assert after != before
    assert read(before, order).revision == read(after, order).revision == 1


def test_new_key_signs_new_tickets_and_the_old_stay_valid(app, clock):
    old = make_order(clock)
    (old_text, _) = texts_of(old)

    assert rotate().key_no == 2

    new = make_order(clock)
    assert read(texts_of(new)[0], new).key_no == 2
    assert read(old_text, old).key_no == 1


def test_tickets_of_a_retired_key_are_signed_by_the_current_one(app, clock):
    order = make_order(clock)
    (before, _) = texts_of(order)
    rotate()

    assert retire(1)

    with pytest.raises(NotGenuine) as refusal:
        read(before, order)
    assert refusal.value.fault is Fault.RETIRED_KEY
    assert read(texts_of(order)[0], order).key_no == 2


@pytest.mark.parametrize(
    ("retired", "signers"),
    [
        ((), {None: 1, 1: 1, 2: 2, 3: 3}),
        ((1,), {None: 2, 1: 3, 2: 2, 3: 3}),
        ((2,), {None: 1, 1: 1, 2: 3, 3: 3}),
        ((3,), {None: 1, 1: 1, 2: 2, 3: 2}),
        ((1, 2), {None: 3, 1: 3, 2: 3, 3: 3}),
        ((1, 3), {None: 2, 1: 2, 2: 2, 3: 2}),
    ],
)
def test_passes_and_codes_go_by_the_same_key(app, clock, retired, signers):
    make_first()
    rotate()
    rotate()
    for key_no in retired:
        retire(key_no)
    (ticket, _) = orders.list_tickets(order_id=make_order(clock).id)
    keyring = signing_keys.read_keyring()
    found = {}
    for key_no in signers:
        ticket.key_no = key_no
        db.session.flush()
        query = select(signing_keys.signing_key_no(Ticket.key_no)).where(Ticket.id == ticket.id)
        found[key_no] = db.session.scalar(query)

    assert found == signers
    assert {key_no: keyring.signer_of(key_no).key_no for key_no in signers} == signers


def test_without_keys_nothing_signs(app):
    with pytest.raises(NoSigningKey):
        signing_keys.read_keyring().signer_of(None)


def test_key_is_retired_once_and_never_the_only_one(app):
    make_first()
    with pytest.raises(OnlyKey):
        retire(1)
    rotate()

    assert retire(2)
    assert not retire(2)
    with pytest.raises(OnlyKey):
        retire(1)
    with pytest.raises(UnknownKey):
        retire(9)
    assert signing_keys.read_keyring().current.key_no == 1


def test_number_of_a_key_is_never_given_out_twice(app):
    make_first()
    assert rotate().key_no == 2
    assert retire(2)

    assert rotate().key_no == 3


def test_after_the_last_number_there_is_no_other_key(app):
    make_first()
    rotate().key_no = LAST_KEY_NO
    db.session.commit()

    with pytest.raises(NoKeyNumberLeft):
        rotate()


def test_ticket_from_before_keys_keeps_its_text_when_a_key_is_added(app, clock):
    order = make_order(clock)
    db.session.query(Ticket).update({"key_no": None})
    db.session.commit()
    before = texts_of(order)

    rotate()

    assert texts_of(order) == before
    with transaction():
        assert signing_keys.adopt_older_tickets(key_no=1) == 2
    assert texts_of(order) == before


def test_without_a_key_the_printed_code_stands_in(app, clock, caplog):
    order = make_order(clock)
    db.session.query(Ticket).update({"key_no": None})
    db.session.query(SigningKey).delete()
    db.session.commit()
    (ticket, _) = orders.list_tickets(order_id=order.id)

    assert texts_of(order)[0] == ticket.code

    with pytest.raises(NoSigningKey):
        ticket_text(ticket, order.event, keyring=signing_keys.read_keyring(), seal=key_seal())
    assert "flask keys list" in caplog.text
    assert db.session.query(SigningKey).count() == 0


def test_with_another_secret_the_printed_code_stands_in(app, clock, caplog):
    order = make_order(clock)
    tickets = orders.list_tickets(order_id=order.id)

    texts = list_ticket_texts(
        tickets, event=order.event, seal=KeySeal("another secret that is long enough")
    )

    assert texts == {ticket.id: ticket.code for ticket in tickets}
    assert "flask keys list" in caplog.text
