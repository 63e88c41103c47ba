"""The wallet of one phone: its list, its ticket documents, and what scripts compare them with."""

import re
from datetime import datetime, timedelta

import pytest

from tests.blueprints.browser import text_of
from tests.blueprints.statements import count_queries
from tests.blueprints.test_order_pages import let_in, make_order
from tests.blueprints.wallets import (
    JSON,
    change_ticket,
    contents,
    keep,
    kept_ids,
    new_phone,
    pass_on,
    ticket_ids,
)
from tests.factories import make_checkout, make_event, make_tier
from webapp.database import db
from webapp.domain import orders, tickets
from webapp.models import Event, EventStatus, Order, OrderStatus, TicketStatus
from webapp.transaction import transaction


def buy(event: Event, *, quantity: int, clock) -> Order:
    checkout = make_checkout((make_tier(event), quantity))
    with transaction():
        order = orders.place_order(checkout=checkout, trace_id="0" * 32, now=clock())
        orders.move_order(order, OrderStatus.PAID, actor="test", now=clock(), trace_id="0" * 32)
        tickets.issue_tickets(order_id=order.id, now=clock(), trace_id="0" * 32)
    return order


def change_event(order: Order, **values: object) -> None:
    event = db.session.get_one(Event, order.event_id, populate_existing=True)
    for name, value in values.items():
        setattr(event, name, value)
    db.session.commit()


def document_of(browser, ticket_id: int) -> str:
    answer = browser.open(f"/wallet/tickets/{ticket_id}")
    assert answer.headers["X-Wallet-Document"] == "ticket"
    return answer.text


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
    assert "<script" not in page.text


def test_ticket_says_everything_that_its_holder_may_be_asked(browser, clock):
    order = make_order(clock, venue_note="Ring twice at the green gate")
    ticket = orders.list_tickets(order_id=order.id)[0]
    keep(browser, order)

    words = text_of(document_of(browser, ticket.id))

    for fact in (
        order.event.title,
        "The Hall",
        "1 Example Street, Boulder",
        "Ring twice at the green gate",
        "Floor",
        "Ada Example",
        ticket.serial_number,
        " ".join(ticket.code[start : start + 4] for start in range(0, 16, 4)),
        order.number,
        # 18:00 UTC, where the event is.
        "11:00\u202fAM MST",
        "Ticket 1 of 2",
    ):
        assert fact in words
    assert "guest@example.com" not in words


def test_times_are_those_of_the_events_zone(browser, clock):
    order = make_order(clock, time_zone="Asia/Tokyo")
    keep(browser, order)

    page = document_of(browser, ticket_ids(order)[0])

    starts = order.event.starts_at
    assert starts.hour == 18
    assert "3:00\u202fAM JST" in page


def test_documents_carry_no_form_and_no_token(browser, clock):
    """They are kept for months: a token of a session would be old by then."""
    order = make_order(clock)
    keep(browser, order)

    pages = [browser.open("/wallet").text, document_of(browser, ticket_ids(order)[0])]

    assert not any("csrf_token" in page or "<form" in page for page in pages)


def test_document_says_when_it_was_checked(browser, clock):
    order = make_order(clock)
    keep(browser, order)

    for path in ("/wallet", f"/wallet/tickets/{ticket_ids(order)[0]}"):
        moment = re.search(r'<time datetime="([^"]+)" data-wallet-checked', browser.open(path).text)
        assert moment is not None
        assert datetime.fromisoformat(moment[1]) == clock()


def test_tickets_of_an_event_lead_to_one_another(browser, clock):
    order = buy(make_event(), quantity=3, clock=clock)
    keep(browser, order)
    first, second, third = ticket_ids(order)

    def ways(ticket_id: int) -> dict[str, str]:
        page = document_of(browser, ticket_id)
        found = re.findall(r'rel="(prev|next)" href="/wallet/tickets/(\d+)"', page)
        return {way: int(target) for way, target in found}

    assert ways(first) == {"next": second}
    assert ways(second) == {"prev": first, "next": third}
    assert ways(third) == {"prev": second}


def test_next_event_is_on_top_and_past_ones_go_after_thirty_days(browser, clock):
    later = make_order(
        clock,
        title="Later night",
        starts_at=clock() + timedelta(days=90),
        ends_at=clock() + timedelta(days=91),
    )
    sooner = make_order(clock, title="Sooner night")
    past = make_order(
        clock,
        title="Bygone night",
        starts_at=clock() - timedelta(days=9, hours=3),
        ends_at=clock() - timedelta(days=9),
    )
    for order in (later, past, sooner):
        keep(browser, order)

    words = text_of(browser.open("/wallet").text)
    places = [words.index(each) for each in ("Sooner night", "Later night", "Past", "Bygone night")]
    clock.advance(days=22)

    assert places == sorted(places)
    assert "Bygone night" not in browser.open("/wallet").text
    assert kept_ids(browser) == {*ticket_ids(later), *ticket_ids(sooner)}


def test_refunded_ticket_says_so_and_has_no_code(browser, clock):
    order = make_order(clock)
    ticket = orders.list_tickets(order_id=order.id)[0]
    keep(browser, order)

    change_ticket(ticket.id, status=TicketStatus.VOID, voided_at=clock())
    page = document_of(browser, ticket.id)

    assert "No longer valid" in page
    assert 'class="qr"' not in page
    assert ticket.code[:4] not in page
    assert [entry["status"] for entry in contents(browser)["tickets"]] == ["void", "valid"]


def test_cancelled_event_says_so_and_shows_no_code(browser, clock):
    order = make_order(clock)
    keep(browser, order)

    change_event(order, status=EventStatus.CANCELLED)
    page = document_of(browser, ticket_ids(order)[0])

    assert "This event is cancelled" in page
    assert 'class="qr"' not in page
    assert "Cancelled" in browser.open("/wallet").text
    assert contents(browser)["tickets"][0]["event"]["is_cancelled"] is True


def test_ticket_that_was_passed_on_says_only_that(browser, clock):
    order = make_order(clock)
    ticket_id = ticket_ids(order)[0]
    keep(browser, order)

    ticket = pass_on(ticket_id, email="receiver@example.com", name="Receiver Example")
    shown = [document_of(browser, ticket_id), browser.open("/wallet").text, str(contents(browser))]

    assert "Given away" in shown[0]
    for text in shown:
        assert "Receiver" not in text
        assert "receiver" not in text
    assert 'class="qr"' not in shown[0]
    assert ticket.code[:4] not in shown[0]
    assert [entry["status"] for entry in contents(browser)["tickets"]] == ["given", "valid"]


def test_ticket_issued_later_appears_by_itself(browser, clock):
    checkout = make_checkout((make_tier(make_event()), 1))
    with transaction():
        order = orders.place_order(checkout=checkout, trace_id="0" * 32, now=clock())
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


def set_venue_note(order: Order) -> None:
    change_event(order, venue_note="Now by the back door")


def move_event(order: Order) -> None:
    change_event(order, starts_at=order.event.starts_at + timedelta(minutes=30))


def rename_holder(order: Order) -> None:
    change_ticket(ticket_ids(order)[0], attendee_name="Bo Example")


def replace_code(order: Order) -> None:
    change_ticket(ticket_ids(order)[0], code="0123456789ABCDEF")


@pytest.mark.parametrize("change", [set_venue_note, move_event, rename_holder, replace_code])
def test_whatever_a_document_shows_changes_its_version(browser, clock, change):
    order = make_order(clock)
    keep(browser, order)
    before = contents(browser)["tickets"][0]["version"]

    change(order)
    after = contents(browser)["tickets"][0]["version"]

    assert after != before
    assert f'data-wallet-version="{after}"' in document_of(browser, ticket_ids(order)[0])


def test_another_language_is_another_version(browser, clock):
    order = make_order(clock)
    keep(browser, order)
    german = {"Accept-Language": "de"}

    versions = {
        answer.json["tickets"][0]["version"]
        for answer in (
            browser.client.get("/wallet/contents"),
            browser.client.get("/wallet/contents", headers=german),
        )
    }

    assert len(versions) == 2


def test_twenty_tickets_cost_as_many_statements_as_one(app, browser, clock):
    keep(browser, buy(make_event(), quantity=1, clock=clock))
    crowded = new_phone(app)
    for _ in range(5):
        keep(crowded, buy(make_event(), quantity=4, clock=clock))
    assert len(kept_ids(crowded)) == 20

    one = count_queries(lambda: contents(browser))
    twenty = count_queries(lambda: contents(crowded))

    assert twenty == one
    assert one <= 3


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

    assert "data-wallet-keep" in offered
    assert "data-wallet-keep" not in browser.page
    assert 'href="/wallet">Open your tickets' in browser.page


def test_wallet_without_tickets_says_how_to_get_some(browser):
    page = browser.open("/wallet")

    assert page.status_code == 200
    assert "X-Wallet-Document" not in page.headers
    assert "No tickets on this phone yet" in browser.words()
