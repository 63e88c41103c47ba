"""The wallet of one phone: its list, its ticket documents, and what scripts compare them with."""

import re
from datetime import datetime, timedelta

from tests.blueprints.browser import let_in, text_of
from tests.blueprints.statements import count_queries
from tests.blueprints.wallets import (
    JSON,
    buy,
    change_event,
    change_ticket,
    contents,
    keep,
    kept_ids,
    new_phone,
    ticket_ids,
)
from tests.factories import make_checkout, make_event, make_tier
from tests.issued import make_order
from webapp.domain import orders, tickets
from webapp.models import OrderStatus
from webapp.transaction import transaction


def test_kept_order_shows_its_tickets_and_their_codes(browser, clock):
    order = make_order(clock)
    first, second = orders.list_tickets(order_id=order.id)

    keep(browser, order)
    wallet = browser.open("/wallet")
    page = browser.open(f"/wallet/tickets/{first.id}")

    assert wallet.headers["X-Wallet-Document"] == "list"
    assert {first.serial_number, second.serial_number} <= set(text_of(wallet.text).split())
    assert page.headers["X-Wallet-Document"] == "ticket"
    assert page.headers["Cache-Control"] == "no-store"
    assert 'class="qr"' in page.text


def test_next_event_is_on_top_and_past_ones_go_after_thirty_days(browser, clock):
    later = make_order(
        clock,
        title="Later night",
        starts_at=clock() + timedelta(days=90),
        ends_at=clock() + timedelta(days=91),
    )
    sooner = make_order(clock, title="Sooner night")
    past = make_order(clock, title="Bygone night")
    for order in (later, past, sooner):
        keep(browser, order)
    change_event(
        past, starts_at=clock() - timedelta(days=9, hours=3), ends_at=clock() - timedelta(days=9)
    )

    words = text_of(browser.open("/wallet").text)
    places = [words.index(each) for each in ("Sooner night", "Later night", "Past", "Bygone night")]
    clock.advance(days=22)

    assert places == sorted(places)
    assert "Bygone night" not in browser.open("/wallet").text
    assert kept_ids(browser) == {*ticket_ids(later), *ticket_ids(sooner)}


def test_ticket_issued_later_appears_by_itself(browser, clock):
    checkout = make_checkout((make_tier(make_event()), 1))
    with transaction():
        order = orders.place_order(checkout=checkout, order=None, trace_id="0" * 32, now=clock())
    keep_unpaid(browser, order)
    assert kept_ids(browser) == set()

    with transaction():
        orders.move_order(order, OrderStatus.PAID, actor="test", now=clock(), trace_id="0" * 32)
        tickets.issue_tickets(order_id=order.id, now=clock(), trace_id="0" * 32)

    assert kept_ids(browser) == set(ticket_ids(order))


def keep_unpaid(browser, order) -> None:
    let_in(browser, order)
    browser.open("/find-tickets")
    assert browser.send(f"/wallet/orders/{order.number}").status_code == 303


def test_contents_name_the_wallet_and_every_ticket(browser, clock):
    order = make_order(clock)
    ticket = orders.list_tickets(order_id=order.id)[0]
    keep(browser, order)

    found = contents(browser)
    entry = found["tickets"][0]

    assert re.fullmatch("[0-9a-f]{16}", found["wallet"])
    assert datetime.fromisoformat(found["checked_at"]) == clock()
    assert re.fullmatch("[0-9a-f]{16}", entry.pop("version"))
    assert entry == {
        "id": ticket.id,
        "url": f"/wallet/tickets/{ticket.id}",
        "status": "valid",
        "event": {
            "title": order.event.title,
            "starts_at": order.event.starts_at.isoformat(),
            "ends_at": order.event.ends_at.isoformat(),
            "time_zone": "America/Denver",
            "venue": "The Hall",
            "is_cancelled": False,
        },
        "tier": "Floor",
        "holder": "Ada Example",
        "serial": ticket.serial_number,
    }


def test_contents_have_a_tag_over_all_but_the_moment(browser, clock):
    order = make_order(clock)
    keep(browser, order)
    tag = browser.client.get("/wallet/contents").headers["ETag"]

    def ask() -> int:
        answer = browser.client.get("/wallet/contents", headers={"If-None-Match": tag})
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.status_code

    clock.advance(hours=1)
    unchanged = ask()
    change_ticket(ticket_ids(order)[0], attendee_name="Bo Example")

    assert (unchanged, ask()) == (304, 200)


def test_twenty_tickets_cost_as_many_statements_as_one(app, browser, clock):
    keep(browser, buy(make_event(), quantity=1, clock=clock))
    crowded = new_phone(app)
    for _ in range(5):
        keep(crowded, buy(make_event(), quantity=4, clock=clock))
    assert len(kept_ids(crowded)) == 20

    one = count_queries(lambda: contents(browser))
    twenty = count_queries(lambda: contents(crowded))

    assert twenty == one
    # The copy, the tickets, their parts, the keys.
    assert one <= 4


def test_keeping_twice_keeps_once(browser, clock):
    order = make_order(clock)
    keep(browser, order)
    wallet = contents(browser)["wallet"]

    keep(browser, order)

    assert contents(browser)["wallet"] == wallet
    assert kept_ids(browser) == set(ticket_ids(order))


def test_script_that_keeps_an_order_is_told_what_the_wallet_holds(browser, clock):
    order = make_order(clock)
    let_in(browser, order)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)[1]

    answer = browser.client.post(
        f"/wallet/orders/{order.number}", headers=JSON | {"X-CSRFToken": token}
    )

    assert answer.status_code == 200
    assert [entry["id"] for entry in answer.json["tickets"]] == ticket_ids(order)


def test_order_page_offers_to_keep_its_tickets_until_they_are_kept(browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)
    offered = browser.page

    keep(browser, order)
    browser.open(location)

    assert f'action="/wallet/orders/{order.number}"' in offered
    assert "/wallet/orders/" not in browser.page
    assert 'href="/wallet">Open your tickets' in browser.page


def test_wallet_without_tickets_says_how_to_get_some(browser):
    page = browser.open("/wallet")

    assert page.status_code == 200
    assert "X-Wallet-Document" not in page.headers
    assert "No tickets on this phone yet" in browser.words()


def test_page_says_what_is_true_of_the_tickets_before_anything_else(browser, clock):
    keep(browser, make_order(clock))

    page = browser.open("/wallet").text
    swapped, rest = page.split('id="wallet-state"')
    places = [rest.index(each) for each in ("data-checked", 'id="wallet-push"', "Remove from")]

    assert 'class="wallet-line' in swapped
    assert places == sorted(places)
    assert 'id="wallet-push"' not in swapped
    assert "/wallet/pairing" not in swapped


def test_every_event_says_when_it_is_over(browser, clock):
    order = make_order(clock)
    keep(browser, order)

    page = browser.open("/wallet").text

    assert re.findall('data-ends="([^"]+)"', page) == [order.event.ends_at.isoformat()]


def test_codes_typed_into_the_empty_wallet_are_counted_for_this_browser(browser):
    browser.open("/wallet")

    with browser.client.session_transaction() as session:
        assert session["buyer"]
