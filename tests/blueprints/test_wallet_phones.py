"""The phones that have a wallet: each sees the others and may remove them."""

import re
from datetime import timedelta

import pytest

from tests.blueprints.phones_of_wallet import (
    BACK,
    code_of,
    copy_of,
    join,
    make_code,
    redeem,
    remove,
)
from tests.blueprints.wallets import (
    HERE_COOKIE,
    cookies,
    drop_here,
    kept_ids,
    new_phone,
    ticket_ids,
)
from tests.phones import subscribe
from webapp.database import db
from webapp.flows.reconciliation import reconcile
from webapp.models import AuditEntry, PushSubscription, Wallet, WalletCopy


def test_phones_are_listed_by_what_they_are(owner, guest):
    owner.open("/wallet/pairing")

    words = owner.words()

    assert "This phone" in words
    assert "Safari on iPhone" in words
    assert words.count("Joined on") == 2
    assert "Remove from all other phones" not in words


def test_unknown_browser_is_another_phone_or_computer(app, owner):
    join(app, owner, user_agent="Teapot/1.0")

    owner.open("/wallet/pairing")

    assert "Another phone or computer" in owner.words()


def test_what_the_browser_sent_is_not_stored(guest):
    copy = copy_of(guest)

    stored = {str(getattr(copy, column.name)) for column in WalletCopy.__table__.columns}

    assert (copy.browser, copy.system) == ("Safari", "iPhone")
    assert not any("Mozilla" in text for text in stored)


def test_removed_phone_sees_nothing_and_is_told_to_delete_what_it_saved(owner, guest, order):
    ticket_id = ticket_ids(order)[0]

    answer = remove(owner, copy_of(guest).id)

    assert (answer.status_code, answer.location) == (303, BACK)
    assert "Removed." in owner.open(BACK).text
    assert guest.open(f"/wallet/tickets/{ticket_id}").status_code == 404
    assert guest.open(f"/wallet/tickets/{ticket_id}.pdf").status_code == 404
    assert "No longer connected" in guest.open("/wallet").text
    assert code_of(guest) == "wallet_copy_removed"
    # As often as it asks: the answer may be lost on the way.
    assert code_of(guest) == "wallet_copy_removed"
    assert kept_ids(owner) == set(ticket_ids(order))


def test_removed_phone_that_has_deleted_everything_is_an_unknown_one(owner, guest):
    remove(owner, copy_of(guest).id)
    drop_here(guest)

    first, then = code_of(guest), code_of(guest)

    assert (first, then) == ("wallet_not_connected", "wallet_not_connected")
    assert set(cookies(guest)) <= {"yardpass"}
    assert db.session.query(WalletCopy).count() == 1


@pytest.mark.parametrize("forget", ["backup", "old", "wrong half"])
def test_phone_that_nobody_removed_is_never_told_to_delete_anything(owner, guest, forget):
    """A restored backup may know nothing of a phone, and its tickets are valid all the same."""
    copy = copy_of(guest)
    if forget == "backup":
        db.session.delete(copy)
    elif forget == "old":
        db.session.delete(db.session.get(Wallet, copy.wallet_id))
    else:
        remove(owner, copy.id)
        guest.client.set_cookie(HERE_COOKIE, "another")
    db.session.commit()

    assert code_of(guest) == "wallet_not_connected"


def test_removal_may_be_repeated(owner, guest, clock):
    copy_id = copy_of(guest).id
    remove(owner, copy_id)
    removed_at = copy_of(guest).removed_at
    clock.advance(minutes=1)
    code = make_code(owner)

    answer = remove(owner, copy_id)

    assert answer.status_code == 303
    assert copy_of(guest).removed_at == removed_at
    assert db.session.query(AuditEntry).filter_by(subject="wallet_copy").count() == 1
    # A code that was made since is of no concern to it.
    assert redeem(new_phone(owner.client.application), code).status_code == 303


def test_all_others_are_removed_at_once(app, owner, guest, order):
    second = join(app, owner)
    owner.open("/wallet/pairing")
    assert "Remove from all other phones" in owner.page

    answers = [owner.send("/wallet/copies/removal") for _ in range(2)]

    assert [(each.status_code, each.location) for each in answers] == [(303, BACK)] * 2
    assert {code_of(guest), code_of(second)} == {"wallet_copy_removed"}
    assert kept_ids(owner) == set(ticket_ids(order))


def test_removed_phone_is_told_nothing_any_more(owner, guest):
    subscribe(copy_of(guest))
    kept = subscribe(copy_of(owner))

    remove(owner, copy_of(guest).id)

    assert [each.endpoint for each in db.session.query(PushSubscription)] == [kept]
    body = {"endpoint": "https://fcm.googleapis.com/fcm/send/x", "keys": {}}
    answer = guest.client.post("/wallet/push-subscriptions", json=body)
    assert answer.status_code == 401


def test_removal_is_remembered_for_thirty_days(owner, guest, clock, ports):
    remove(owner, copy_of(guest).id)
    clock.advance(days=30)
    reconcile(ports=ports)
    told = code_of(guest)
    clock.advance(seconds=1)

    reconcile(ports=ports)

    assert told == "wallet_copy_removed"
    assert code_of(guest) == "wallet_not_connected"
    assert db.session.query(WalletCopy).count() == 1


def test_reload_of_a_refused_removal_shows_the_phones(owner):
    for address in ("/wallet/copies/removal", "/wallet/copies/1/removal"):
        assert owner.open(address).location == "/wallet/pairing#wallet-copies"


def test_last_seen_is_the_day_of_the_last_opening(owner, guest, clock):
    clock.advance(days=3)
    guest.client.get("/wallet/contents")

    owner.open("/wallet/pairing")
    days = re.findall(r"Joined on (.+?), last seen on (.+?) (?=Remove|To|$|No)", owner.words())

    assert copy_of(guest).seen_at - copy_of(guest).created_at == timedelta(days=3)
    assert any(joined != seen for joined, seen in days)
