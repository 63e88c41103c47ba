"""From the wallet of this site into the one that the phone came with."""

import pytest

from tests.blueprints.browser import Browser
from tests.blueprints.pass_phones import APPLE_BUTTON, GOOGLE_BUTTON, content_of
from tests.blueprints.wallets import contents, new_phone, pass_on, ticket_ids
from tests.issued import make_order
from webapp.database import db
from webapp.domain import ticket_access
from webapp.extensions import signer
from webapp.models import Ticket, WalletPass


def address_of(ticket_id: int, file: str = "pass.pkpass") -> str:
    return f"/wallet/tickets/{ticket_id}/{file}"


def friend_of(app, order) -> Browser:
    """A browser that keeps the first ticket alone, as its new holder."""
    ticket = pass_on(ticket_ids(order)[0])
    friend = Browser(app)
    sealed = ticket_access.seal_ticket_link(signer(), ticket)
    friend.open(f"/t/{sealed}")
    friend.send("/wallet/tickets", link=sealed)
    return friend


def test_kept_ticket_has_both_buttons_and_both_lead_there(app, with_passes, clock):
    order = make_order(clock)
    phone = new_phone(app, order)
    ticket_id = ticket_ids(order)[0]

    phone.open(f"/wallet/tickets/{ticket_id}")
    apple, google = (
        phone.open(address_of(ticket_id)),
        phone.open(address_of(ticket_id, "google-pass")),
    )

    assert f'href="{address_of(ticket_id)}"' in phone.page
    assert f'href="{address_of(ticket_id, "google-pass")}"' in phone.page
    assert content_of(apple.data)["serialNumber"] == f"{ticket_id}-1-1"
    assert google.location.startswith("https://pay.google.com/")


def test_without_keys_the_wallet_offers_no_other(app, clock):
    order = make_order(clock)
    phone = new_phone(app, order)

    phone.open(f"/wallet/tickets/{ticket_ids(order)[0]}")

    assert APPLE_BUTTON not in phone.words()
    assert GOOGLE_BUTTON not in phone.words()


def test_documents_are_made_anew_when_other_wallets_are_offered(app, ports, with_passes, clock):
    order = make_order(clock)
    phone = new_phone(app, order)
    with_buttons = [each["version"] for each in contents(phone)["tickets"]]

    app.extensions["ports"] = ports

    assert set(with_buttons).isdisjoint(each["version"] for each in contents(phone)["tickets"])


@pytest.mark.parametrize("file", ["pass.pkpass", "google-pass"])
def test_strangers_and_former_holders_get_no_pass(app, with_passes, clock, file):
    order = make_order(clock)
    phone, stranger = new_phone(app, order), new_phone(app, make_order(clock))
    ticket_id = ticket_ids(order)[0]
    assert Browser(app).open(address_of(ticket_id, file)).status_code == 404
    assert stranger.open(address_of(ticket_id, file)).status_code == 404

    pass_on(ticket_id)

    assert phone.open(address_of(ticket_id, file)).status_code == 404
    assert phone.open(address_of(10**30, file)).status_code == 404
    assert db.session.query(WalletPass).count() == 0


def test_new_holder_gets_a_pass_of_their_own(app, with_passes, clock):
    order = make_order(clock)
    friend = friend_of(app, order)
    ticket_id = ticket_ids(order)[0]

    content = content_of(friend.open(address_of(ticket_id)).data)

    assert content["serialNumber"] == f"{ticket_id}-2-2"
    assert order.number not in str(content)
    assert db.session.get_one(Ticket, ticket_id).holder_no == 2
