"""Links to one ticket: for its present holder, and for nobody after that."""

import pytest

from blueprints.api.orders import wallet_url
from tests.blueprints.browser import Browser
from tests.blueprints.wallets import (
    WALLET,
    change_ticket,
    keep,
    keep_by_link,
    kept_ids,
    link_of,
    new_phone,
    pass_on,
    status_of,
    ticket_ids,
)
from tests.issued import make_order
from webapp.database import db
from webapp.extensions import signer
from webapp.models import Ticket


def test_ticket_link_shows_one_ticket_and_nothing_of_its_order(app, clock):
    order = make_order(clock)
    first, second = ticket_ids(order)
    friend = new_phone(app)

    page = friend.open(link_of(first))

    assert 'class="qr"' in page.text
    assert "X-Wallet-Document" not in page.headers
    assert order.number not in page.text
    assert f"/wallet/tickets/{second}" not in page.text
    assert status_of(friend, first) == 404
    assert friend.open(f"/orders/{order.number}").status_code == 404


def test_ticket_of_a_link_can_be_kept(app, clock):
    order = make_order(clock)
    first, second = ticket_ids(order)
    friend = new_phone(app)

    answer = keep_by_link(friend, first)
    page = friend.open(f"/wallet/tickets/{first}")

    assert (answer.status_code, answer.location) == (303, WALLET)
    assert kept_ids(friend) == {first}
    assert page.headers["X-Wallet-Document"] == "ticket"
    assert order.number not in page.text
    assert status_of(friend, second) == 404


def test_ticket_link_ends_with_the_next_holder(app, clock):
    order = make_order(clock)
    first = ticket_ids(order)[0]
    old_link, friend = link_of(first), new_phone(app)
    friend.open(old_link)
    page = friend.page

    pass_on(first)
    friend.page = page
    kept = friend.send("/wallet/tickets", link=old_link.removeprefix("/t/"))

    assert friend.open(old_link).status_code == 404
    assert kept.status_code == 404
    assert friend.open(link_of(first)).status_code == 200


def test_ticket_goes_from_wallet_to_wallet_and_back(app, browser, clock):
    order = make_order(clock)
    first = ticket_ids(order)[0]
    keep(browser, order)
    friend = new_phone(app)
    pass_on(first)
    keep_by_link(friend, first)

    def shown(phone: Browser) -> str:
        page = phone.open(f"/wallet/tickets/{first}").text
        return "code" if 'class="qr"' in page else "given" if "Given away" in page else "other"

    away = shown(browser), shown(friend)
    pass_on(first, email="", name="Ada Example")
    between = shown(browser), shown(friend)
    keep_by_link(browser, first)

    assert away == ("given", "code")
    # Not the buyer's again by itself: the link that came with the ticket brings it back.
    assert between == ("given", "given")
    assert (shown(browser), shown(friend)) == ("code", "given")


@pytest.mark.parametrize("purpose", ["order-link", "checkout-link"])
def test_ticket_link_is_made_for_this_purpose_alone(browser, clock, purpose):
    ticket_id = ticket_ids(make_order(clock))[0]
    forged = [
        signer().seal(purpose, f"{ticket_id}/1"),
        signer().seal("ticket-link", "x/1"),
        signer().seal("ticket-link", f"{ticket_id}"),
        signer().seal("ticket-link", "²/1"),
        link_of(ticket_id).removeprefix("/t/")[:-2] + "xx",
        "x",
    ]

    assert {browser.open(f"/t/{sealed}").status_code for sealed in forged} == {404}


def test_new_name_on_a_ticket_is_no_way_in(app, clock):
    order = make_order(clock)
    first = ticket_ids(order)[0]
    change_ticket(first, attendee_name="Bo Example", holder_email="bo@example.com")

    assert status_of(new_phone(app), first) == 404


def test_api_never_gives_the_buyer_the_receivers_link(app, clock):
    order = make_order(clock)
    first, second = ticket_ids(order)
    given, kept = pass_on(first), db.session.get_one(Ticket, second)

    buyers = new_phone(app, order)

    assert wallet_url(given) == f"http://localhost:8000/wallet/tickets/{first}"
    assert "Given away" in buyers.open(f"/wallet/tickets/{first}").text
    assert new_phone(app).open(f"/wallet/tickets/{first}").status_code == 404
    assert 'class="qr"' in buyers.open(wallet_url(kept).removeprefix("http://localhost:8000")).text
