"""What a ticket document says, and that its version changes with it."""

import re
from datetime import datetime, timedelta

import pytest

from tests.blueprints.browser import text_of
from tests.blueprints.wallets import (
    buy,
    change_event,
    change_ticket,
    contents,
    document_of,
    keep,
    pass_on,
    ticket_ids,
)
from tests.factories import make_event
from tests.issued import make_order
from webapp.domain import orders
from webapp.models import EventStatus, Order, TicketStatus


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
        "12:00 PM MDT",
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
        moment = re.search(r'<time datetime="([^"]+)" data-checked', browser.open(path).text)
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


def set_venue_note(order: Order) -> None:
    change_event(order, venue_note="Now by the back door")


def move_event(order: Order) -> None:
    change_event(order, starts_at=order.event.starts_at + timedelta(minutes=30))


def rename_holder(order: Order) -> None:
    change_ticket(ticket_ids(order)[0], attendee_name="Bo Example")


def replace_code(order: Order) -> None:
    change_ticket(ticket_ids(order)[0], code="0123456789ABCDEF")


def reissue(order: Order) -> None:
    change_ticket(ticket_ids(order)[0], revision=2)


@pytest.mark.parametrize(
    "change", [set_venue_note, move_event, rename_holder, replace_code, reissue]
)
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
