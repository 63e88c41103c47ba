"""Nobody sees another's ticket: by no address, no guess, no half of anything."""

import pytest

from tests.blueprints.browser import Browser, let_in
from tests.blueprints.wallets import (
    HERE_COOKIE,
    TOKEN_COOKIE,
    change_ticket,
    cookies,
    keep,
    kept_ids,
    link_of,
    new_phone,
    pass_on,
    status_of,
    ticket_ids,
)
from tests.issued import make_order
from webapp.database import db
from webapp.models import Event, EventStatus, Order, OrderStatus


def test_stranger_gets_the_answer_for_a_ticket_that_is_not_there(app, browser, clock):
    order = make_order(clock)
    keep(browser, order)
    someone = new_phone(app, make_order(clock))

    for stranger in (new_phone(app), someone):
        there = stranger.open(f"/wallet/tickets/{ticket_ids(order)[0]}")
        nowhere = stranger.open("/wallet/tickets/987654")
        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert there.text == nowhere.text
        assert "X-Wallet-Document" not in there.headers


@pytest.mark.parametrize("number", ["0", "-1", "9223372036854775807", "9" * 30, "1e3", "x"])
def test_ids_that_are_none_are_not_found(browser, clock, number):
    keep(browser, make_order(clock))

    assert browser.open(f"/wallet/tickets/{number}").status_code == 404


def test_order_that_a_browser_may_not_open_cannot_be_kept(app, browser, clock):
    order, own = make_order(clock), make_order(clock)
    keep(browser, own)

    answers = []
    for number in (order.number, "X-1"):
        # For its token.
        browser.open("/find-tickets")
        answers.append(browser.send(f"/wallet/orders/{number}"))

    assert [answer.status_code for answer in answers] == [404, 404]
    assert kept_ids(browser) == set(ticket_ids(own))


def test_forwarded_link_does_not_tell_who_bought_with_or_without_a_wallet(app, browser, clock):
    order = make_order(clock)
    ticket_id = ticket_ids(order)[0]
    change_ticket(ticket_id, attendee_name="Guest One")
    keeper = new_phone(app, order)
    let_in(browser, order)

    for friend in (browser, keeper):
        page = friend.open(f"/wallet/tickets/{ticket_id}").text
        assert "Guest One" in page
        assert order.number in page
        assert "Ada Example" not in page
        assert "guest@example.com" not in page


def test_browser_that_may_open_the_order_sees_its_tickets_without_a_wallet(browser, clock):
    order = make_order(clock)
    let_in(browser, order)

    page = browser.open(f"/wallet/tickets/{ticket_ids(order)[0]}")

    assert 'class="qr"' in page.text
    # Not on this phone: the worker must not store it, and the page must not say so.
    assert "X-Wallet-Document" not in page.headers
    assert "Saved on this phone" not in browser.words()


def test_buyers_browser_loses_a_ticket_that_was_passed_on(browser, clock):
    order = make_order(clock)
    let_in(browser, order)
    ticket = pass_on(ticket_ids(order)[0], name="Receiver Example")

    page = browser.open(f"/wallet/tickets/{ticket.id}").text

    assert "Given away" in page
    assert 'class="qr"' not in page
    assert "Receiver" not in page


def test_wallet_alone_does_not_open_order_pages(app, browser, clock):
    order = make_order(clock)
    keep(browser, order)
    other = Browser(app)
    for name in (TOKEN_COOKIE, HERE_COOKIE):
        other.client.set_cookie(name, cookies(browser)[name])

    assert kept_ids(other) == set(ticket_ids(order))
    for path in ("", "/tickets.pdf", "/calendar.ics", "/mail"):
        assert other.open(f"/orders/{order.number}{path}").status_code == 404


@pytest.mark.parametrize("missing", [TOKEN_COOKIE, HERE_COOKIE])
def test_half_of_a_credential_shows_nothing(app, browser, clock, missing):
    order = make_order(clock)
    keep(browser, order)
    thief = Browser(app)
    for name in {TOKEN_COOKIE, HERE_COOKIE} - {missing}:
        thief.client.set_cookie(name, cookies(browser)[name])

    answer = thief.client.get("/wallet/contents")

    assert (answer.status_code, answer.json["code"]) == (401, "wallet_not_connected")
    assert answer.mimetype == "application/problem+json"
    assert status_of(thief, ticket_ids(order)[0]) == 404


def test_halves_of_two_credentials_show_nothing(app, browser, clock):
    order, other_order = make_order(clock), make_order(clock)
    keep(browser, order)
    other = new_phone(app, other_order)
    thief = Browser(app)
    thief.client.set_cookie(TOKEN_COOKIE, cookies(browser)[TOKEN_COOKIE])
    thief.client.set_cookie(HERE_COOKIE, cookies(other)[HERE_COOKIE])

    assert thief.client.get("/wallet/contents").status_code == 401
    assert status_of(thief, ticket_ids(order)[0]) == 404
    assert status_of(thief, ticket_ids(other_order)[0]) == 404
    # And neither of the two loses its own.
    assert kept_ids(browser) == set(ticket_ids(order))
    assert kept_ids(other) == set(ticket_ids(other_order))


def test_what_is_asked_without_a_credential_is_never_redirected(client):
    answers = [client.get(path) for path in ("/wallet", "/wallet/contents", "/wallet/tickets/1")]

    assert [answer.status_code for answer in answers] == [200, 401, 404]


def test_nothing_of_a_wallet_may_be_cached(app, browser, clock):
    order = make_order(clock)
    keep(browser, order)
    link = link_of(ticket_ids(order)[0])
    paths = (
        "/wallet",
        "/wallet/contents",
        f"/wallet/tickets/{ticket_ids(order)[0]}",
        "/wallet/tickets/987654",
        "/wallet/pairing",
        "/wallet/removal",
        link,
    )

    answers = [browser.client.get(path) for path in paths]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


@pytest.mark.parametrize("status", list(OrderStatus))
def test_tickets_show_only_in_orders_that_were_paid(browser, clock, status):
    order = make_order(clock)
    keep(browser, order)
    ids = ticket_ids(order)
    row = db.session.get_one(Order, order.id)
    row.status = status
    db.session.commit()

    was_paid = status in {
        OrderStatus.PAID,
        OrderStatus.PARTIALLY_REFUNDED,
        OrderStatus.REFUNDED,
        OrderStatus.NEEDS_REVIEW,
    }

    assert kept_ids(browser) == (set(ids) if was_paid else set())
    assert status_of(browser, ids[0]) == (200 if was_paid else 404)
    assert browser.open(link_of(ids[0])).status_code == (200 if was_paid else 404)


def test_tickets_of_a_draft_show_nowhere(browser, clock):
    order = make_order(clock)
    keep(browser, order)
    ids = ticket_ids(order)
    db.session.get_one(Event, order.event_id).status = EventStatus.DRAFT
    db.session.commit()

    assert kept_ids(browser) == set()
    assert status_of(browser, ids[0]) == 404
    assert browser.open(link_of(ids[0])).status_code == 404


def test_revoking_an_orders_links_takes_its_tickets_from_wallets(browser, clock):
    order = make_order(clock)
    keep(browser, order)
    row = db.session.get_one(Order, order.id)
    row.link_version += 1
    db.session.commit()

    assert kept_ids(browser) == set()
    assert status_of(browser, ticket_ids(order)[0]) == 404

    keep(browser, row)
    assert kept_ids(browser) == set(ticket_ids(order))
