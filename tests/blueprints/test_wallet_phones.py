"""The phones that have a wallet: each sees the others and may remove them, and no stranger may."""

import re
from datetime import timedelta

import pytest

from tests.blueprints.browser import Browser
from tests.blueprints.test_order_pages import let_in, make_order
from tests.blueprints.test_wallet_pairing import make_code, redeem
from tests.blueprints.wallets import (
    HERE_COOKIE,
    TOKEN_COOKIE,
    contents,
    cookies,
    drop_here,
    keep,
    kept_ids,
    new_phone,
    order_of,
    ticket_ids,
)
from tests.factories import make_event, make_tier
from tests.phones import subscribe
from webapp.database import db
from webapp.flows.reconciliation import reconcile
from webapp.models import AuditEntry, PairingCode, PushSubscription, Wallet, WalletCopy

SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
BACK = "/wallet/pairing?removed=#wallet-copies"


@pytest.fixture
def order(app, clock):
    return make_order(clock)


@pytest.fixture
def owner(browser, order) -> Browser:
    keep(browser, order)
    return browser


@pytest.fixture
def guest(app, owner) -> Browser:
    """A phone that was let in by a code."""
    return join(app, owner)


def join(app, owner: Browser, *, user_agent: str = SAFARI) -> Browser:
    phone = new_phone(app)
    phone.client.environ_base["HTTP_USER_AGENT"] = user_agent
    assert redeem(phone, make_code(owner)).status_code == 303
    return phone


def copy_of(phone: Browser) -> WalletCopy:
    from webapp.domain.wallets import _hash  # noqa: PLC0415

    token = _hash(cookies(phone)[TOKEN_COOKIE])
    query = db.select(WalletCopy).where(WalletCopy.token_hash == token)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def remove(phone: Browser, copy_id: int):
    phone.open("/wallet/pairing")
    return phone.send(f"/wallet/copies/{copy_id}/removal")


def code_of(phone: Browser) -> str:
    """What the phone's scripts are told instead of tickets."""
    answer = phone.client.get("/wallet/contents")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    return answer.json["code"]


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


def test_phones_of_nobody_else_are_listed(app, owner, guest, clock):
    stranger = new_phone(app, order_of(clock, "zoe@example.com"))

    stranger.open("/wallet/pairing")
    alone = stranger.words()
    page = new_phone(app).open("/wallet/pairing").text

    assert "No other phone has them." in alone
    assert "Safari" not in alone
    assert 'id="wallet-copies"' not in page


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


def test_removed_phone_forgets_what_opens_orders_and_checkouts(app, owner, guest, order):
    event = make_event()
    let_in(guest, order)
    checkout = guest.hold(event, (make_tier(event), 1))
    before = guest.open(f"/orders/{order.number}").status_code
    remove(owner, copy_of(guest).id)

    statuses = [
        guest.open(address).status_code for address in (f"/orders/{order.number}", checkout)
    ]

    assert (before, statuses) == (200, [404, 404])


def test_removed_phone_may_be_let_in_again(app, owner, guest, order):
    """By the mail or by another code: both show that somebody wants it so."""
    remove(owner, copy_of(guest).id)

    let_in(guest, order)
    shown = guest.open(f"/orders/{order.number}").status_code
    answer = guest.send(f"/wallet/orders/{order.number}")

    assert (shown, answer.status_code) == (200, 303)
    assert kept_ids(guest) == set(ticket_ids(order))
    assert contents(guest)["wallet"] != contents(owner)["wallet"]


def test_removed_phone_may_buy_as_everybody_may(owner, guest):
    remove(owner, copy_of(guest).id)
    event = make_event()

    address = guest.hold(event, (make_tier(event), 1))

    assert guest.open(address).status_code == 200


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


def test_nobody_removes_a_copy_of_another_wallet(app, owner, guest, clock):
    stranger = new_phone(app, order_of(clock, "zoe@example.com"))

    statuses = [remove(stranger, copy_of(phone).id).status_code for phone in (owner, guest)]

    assert statuses == [404, 404]
    assert remove(stranger, 2**60).status_code == 404
    assert copy_of(guest).removed_at is None
    assert contents(guest)["tickets"]


def test_own_copy_is_removed_in_its_own_way(owner, guest):
    assert remove(owner, copy_of(owner).id).status_code == 404
    assert contents(owner)["tickets"]


def test_whoever_has_no_wallet_removes_nothing(app, owner, guest):
    nobody = new_phone(app)
    copy_id = copy_of(guest).id

    one = remove(nobody, copy_id)
    nobody.open("/wallet/pairing")
    all_others = nobody.send("/wallet/copies/removal")

    statuses = [one.status_code, all_others.status_code]

    assert statuses == [401, 401]
    assert copy_of(guest).removed_at is None


def test_removed_phone_removes_nobody_and_lets_nobody_in(owner, guest):
    guest.open("/wallet/pairing")
    page = guest.page
    remove(owner, copy_of(guest).id)

    statuses = []
    for address in (
        "/wallet/copies/removal",
        f"/wallet/copies/{copy_of(owner).id}/removal",
        "/wallet/pairing-codes",
    ):
        guest.page = page
        statuses.append(guest.send(address).status_code)

    assert statuses == [401, 401, 401]
    assert contents(owner)["tickets"]


def test_form_of_another_site_removes_nothing(owner, guest):
    owner.open("/wallet/pairing")
    copy_id = copy_of(guest).id

    answers = [
        owner.client.post(f"/wallet/copies/{copy_id}/removal"),
        owner.client.post("/wallet/copies/removal"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert copy_of(guest).removed_at is None


def test_all_others_are_removed_at_once(app, owner, guest, order):
    second = join(app, owner)
    owner.open("/wallet/pairing")
    assert "Remove from all other phones" in owner.page

    answers = [owner.send("/wallet/copies/removal") for _ in range(2)]

    assert [(each.status_code, each.location) for each in answers] == [(303, BACK)] * 2
    assert {code_of(guest), code_of(second)} == {"wallet_copy_removed"}
    assert kept_ids(owner) == set(ticket_ids(order))


def test_code_that_the_removed_phone_made_lets_nobody_in(app, owner, guest):
    code = make_code(guest)

    remove(owner, copy_of(guest).id)

    assert db.session.query(PairingCode).count() == 0
    assert redeem(new_phone(app), code).status_code == 422


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


def test_looking_at_public_pages_asks_for_no_copy(owner, guest):
    """They open nothing, and many look at them at once."""
    remove(owner, copy_of(guest).id)

    guest.open("/")

    with guest.client.session_transaction() as session:
        assert "removed_copy" not in session


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
