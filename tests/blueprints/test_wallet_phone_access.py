"""Who may remove a phone from a wallet, and what a removed one can still open."""

from tests.blueprints.browser import let_in
from tests.blueprints.phones_of_wallet import copy_of, make_code, redeem, remove
from tests.blueprints.wallets import (
    contents,
    kept_ids,
    new_phone,
    order_of,
    ticket_ids,
)
from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.domain import wallets
from webapp.domain.wallets import Confirmation
from webapp.models import PairingCode
from webapp.transaction import transaction


def test_phones_of_nobody_else_are_listed(app, owner, guest, clock):
    stranger = new_phone(app, order_of(clock, "zoe@example.com"))

    stranger.open("/wallet/pairing")
    alone = stranger.words()
    page = new_phone(app).open("/wallet/pairing").text

    assert "No other phone has them." in alone
    assert "Safari" not in alone
    assert 'id="wallet-copies"' not in page


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


def test_code_that_the_removed_phone_made_lets_nobody_in(app, owner, guest):
    code = make_code(guest)

    remove(owner, copy_of(guest).id)

    assert db.session.query(PairingCode).count() == 0
    assert redeem(new_phone(app), code).status_code == 422


def test_looking_at_public_pages_asks_for_no_copy(owner, guest):
    """They open nothing, and many look at them at once."""
    remove(owner, copy_of(guest).id)

    guest.open("/")

    with guest.client.session_transaction() as session:
        assert "removed_copy" not in session


def test_a_phone_that_is_just_being_removed_begins_a_wallet_of_its_own(app, owner, guest, clock):
    """Its request had looked who it was before another phone removed it."""
    removed = copy_of(guest)
    remove(owner, removed.id)
    later = order_of(clock, "ada@example.com")

    with transaction():
        kept = wallets.keep_order(
            copy=removed, order=later, confirmation=Confirmation.NONE, now=clock()
        )

    assert kept.copy.wallet_id != removed.wallet_id
    assert set(ticket_ids(later)).isdisjoint(kept_ids(owner))
