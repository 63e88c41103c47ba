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
from webapp.models import Order, Ticket


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


def revoke_links(order: Order) -> None:
    """What is done when an order's mail fell into wrong hands."""
    db.session.get_one(Order, order.id, populate_existing=True).link_version += 1
    db.session.commit()


def test_revoking_an_orders_links_revokes_those_of_the_buyers_tickets(app, clock):
    order = make_order(clock)
    first = ticket_ids(order)[0]
    link, stranger = link_of(first), new_phone(app)
    stranger.open(link)
    page = stranger.page

    revoke_links(order)
    stranger.page = page
    kept = stranger.send("/wallet/tickets", link=link.removeprefix("/t/"))

    assert kept.status_code == 404
    for part in ("", ".pdf", ".ics", "/transfer"):
        assert new_phone(app).open(f"{link}{part}").status_code == 404
    # The buyer asks for their mails again, and those work.
    assert new_phone(app).open(link_of(first)).status_code == 200
    assert link_of(first) != link


def test_revoking_an_orders_links_leaves_the_friend_their_ticket(app, clock):
    order = make_order(clock)
    first = ticket_ids(order)[0]
    pass_on(first)
    link, friend = link_of(first), new_phone(app)
    keep_by_link(friend, first)

    revoke_links(order)

    assert new_phone(app).open(link).status_code == 200
    assert kept_ids(friend) == {first}


def test_ticket_that_was_kept_by_a_revoked_link_is_gone_with_it(app, clock):
    """Or whoever read the mail once would go on seeing the code in their wallet."""
    order = make_order(clock)
    first, second = ticket_ids(order)
    stranger, friend = new_phone(app), new_phone(app)
    keep_by_link(stranger, first)
    pass_on(second)
    keep_by_link(friend, second)
    before = kept_ids(stranger)

    revoke_links(order)

    assert before == {first}
    assert kept_ids(stranger) == set()
    assert status_of(stranger, first) == 404
    assert kept_ids(friend) == {second}
    keep_by_link(stranger, first)
    assert kept_ids(stranger) == {first}


def test_browser_that_was_let_into_a_ticket_is_let_out_with_its_link(app, clock):
    order = make_order(clock)
    first, second = ticket_ids(order)
    pass_on(second)
    browser = new_phone(app)
    pages = [browser.open(f"{link_of(each)}/transfer").location for each in (first, second)]
    before = [browser.open(page).status_code for page in pages]

    revoke_links(order)

    assert before == [200, 200]
    assert [browser.open(page).status_code for page in pages] == [404, 200]


def test_link_from_before_versions_were_in_it_still_works(app, clock):
    order = make_order(clock)
    first = ticket_ids(order)[0]
    old = f"/t/{signer().seal('ticket-link', f'{first}/1')}"

    before = new_phone(app).open(old).status_code
    revoke_links(order)

    assert before == 200
    assert new_phone(app).open(old).status_code == 404


@pytest.mark.parametrize("value", ["{}/1/1", "{}/1/2", "{}/1/", "{}/01", "0{}/1", "{}/0", "{}"])
def test_link_names_exactly_one_holder(app, clock, value):
    """Sealed by us, so nobody can make these; and still they open nothing."""
    first = ticket_ids(make_order(clock))[0]
    answer = new_phone(app).open(f"/t/{signer().seal('ticket-link', value.format(first))}")

    assert answer.status_code == 404
