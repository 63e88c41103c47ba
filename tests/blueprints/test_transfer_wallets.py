"""A ticket that changes hands leaves one wallet and may be given on from another."""

import re

from tests.blueprints.browser import Browser, let_in, text_of
from tests.blueprints.transfer_pages import FORM, accept, make_link, page_of
from tests.blueprints.wallets import keep, kept_ids, order_of, ticket_ids
from tests.phones import subscribe
from tests.transfers import FRIEND
from webapp.database import db
from webapp.domain import push_messages, ticket_access
from webapp.extensions import signer
from webapp.models import PushMessage, WalletCopy


def test_wallet_of_the_giver_shows_no_code_any_more(browser, friend, handover):
    let_in(browser, handover.order)
    browser.send(f"/wallet/orders/{handover.order.number}")
    address = f"/wallet/tickets/{handover.ticket_id}"
    before = browser.open(address)
    assert f'href="{page_of(handover)}"' in before.text
    assert "qr-modules" in before.text

    accept(friend, make_link(browser, handover))

    after = browser.open(address)
    assert after.status_code == 200
    assert "Given away" in text_of(after.text)
    for secret in ("qr-modules", handover.ticket.code, "Grace", FRIEND):
        assert secret not in after.text.replace(" ", "")


def test_friend_gives_it_on_from_the_own_wallet(browser, friend, handover):
    accept(friend, make_link(browser, handover))
    sealed = ticket_access.seal_ticket_link(signer(), handover.ticket)
    assert f'href="/t/{sealed}/transfer"' in friend.open(f"/t/{sealed}").text
    friend.open(FORM)
    assert friend.send("/wallet/tickets", link=sealed).status_code == 303
    with friend.client.session_transaction() as session:
        session.pop("tickets")

    assert friend.open(page_of(handover)).status_code == 200
    handover.give_to("alan@example.com", "Alan Example")

    assert friend.open(page_of(handover)).status_code == 409
    assert "Given away" in text_of(friend.open(f"/wallet/tickets/{handover.ticket_id}").text)


def pair(phone: Browser, other: Browser) -> None:
    """The other browser gets a copy of the phone's wallet."""
    phone.open("/wallet/pairing")
    phone.send("/wallet/pairing-codes")
    code = re.search(r'class="wallet-pairing-code[^>]*>([^<]+)<', phone.page)[1]
    other.open("/wallet/pairing")
    assert other.send("/wallet/pairing", code=code).status_code == 303


def last_copy() -> WalletCopy:
    db.session.rollback()
    return db.session.query(WalletCopy).order_by(WalletCopy.id.desc()).first()


def test_friend_who_has_a_wallet_finds_the_ticket_in_it(browser, friend, handover, clock):
    own = order_of(clock, FRIEND)
    keep(friend, own)

    accept(friend, make_link(browser, handover))

    assert handover.ticket_id in kept_ids(friend)
    assert set(ticket_ids(own)) < kept_ids(friend)
    assert f"/wallet/tickets/{handover.ticket_id}/ticket.pdf" in friend.page


def test_friend_without_a_wallet_gets_none_unasked(browser, friend, handover):
    accept(friend, make_link(browser, handover))

    assert friend.open("/wallet/contents").status_code == 401
    assert "Keep on this phone" in friend.words()


def test_accepted_ticket_does_not_slip_into_somebody_elses_wallet(browser, friend, handover, clock):
    other = order_of(clock, "alan@example.com")
    keep(friend, other)

    accept(friend, make_link(browser, handover))

    assert kept_ids(friend) == set(ticket_ids(other))
    assert handover.ticket.holder_no == 2
    assert "Keep on this phone" in friend.words()


def test_other_phones_of_the_friend_are_told_of_the_ticket(app, browser, friend, handover, clock):
    keep(friend, order_of(clock, FRIEND))
    subscribe(last_copy())
    tablet = Browser(app)
    pair(friend, tablet)
    told = subscribe(last_copy())

    accept(friend, make_link(browser, handover))

    message = db.session.query(PushMessage).one()
    assert (message.kind, message.ticket_id) == (
        push_messages.TICKET_RECEIVED,
        handover.ticket_id,
    )
    assert message.subscription.endpoint == told
    assert handover.ticket_id in kept_ids(tablet)


def test_phone_of_the_giver_is_told_that_the_ticket_went(browser, friend, handover):
    let_in(browser, handover.order)
    browser.send(f"/wallet/orders/{handover.order.number}")
    givers = subscribe(last_copy())

    accept(friend, make_link(browser, handover))

    message = db.session.query(PushMessage).one()
    assert (message.kind, message.subscription.endpoint) == (push_messages.TICKET_GIVEN, givers)
