"""One ticket on paper and in a calendar: for its holder, by every way in, and for nobody else."""

import io

import pypdf
import pytest
from icalendar import Calendar

from tests.blueprints.browser import let_in
from tests.blueprints.wallets import keep
from tests.issued import give_away, make_order, refund, tickets_of
from webapp.database import db
from webapp.domain import ticket_access
from webapp.extensions import signer
from webapp.models import Ticket

FILES = ("ticket.pdf", "calendar.ics")


@pytest.fixture
def order(app, clock):
    return make_order(clock)


@pytest.fixture
def ticket(order) -> Ticket:
    return tickets_of(order)[0]


def statuses(client, prefix: str) -> list[int]:
    return [client.get(f"{prefix}/{name}").status_code for name in FILES]


def paper(client, prefix: str) -> str:
    answer = client.get(f"{prefix}/ticket.pdf")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/pdf", "no-store")
    pages = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def link_to(ticket: Ticket) -> str:
    return f"/t/{ticket_access.seal_ticket_link(signer(), ticket)}"


def test_a_wallet_has_each_ticket_on_paper_and_in_a_calendar(browser, order, ticket):
    keep(browser, order)

    text = paper(browser.client, f"/wallet/tickets/{ticket.id}")
    dates = browser.client.get(f"/wallet/tickets/{ticket.id}/calendar.ics")

    assert ticket.serial_number in text
    assert ticket.code[:4] in text
    assert tickets_of(order)[1].serial_number not in text
    (entry,) = Calendar.from_ical(dates.data).walk("VEVENT")
    assert str(entry["UID"]).startswith(ticket.serial_number)
    assert dates.headers["Content-Disposition"] == (
        f'attachment; filename="{ticket.serial_number}.ics"'
    )


def test_the_browser_that_may_open_the_order_needs_no_wallet(browser, order, ticket):
    let_in(browser, order)

    assert statuses(browser.client, f"/wallet/tickets/{ticket.id}") == [200, 200]


def test_the_holder_of_a_link_gets_them_by_the_link_and_nothing_of_the_buyer(
    browser, order, ticket
):
    give_away(ticket, "friend@example.com")

    text = paper(browser.client, link_to(ticket))

    assert statuses(browser.client, link_to(ticket)) == [200, 200]
    assert order.number not in text
    assert statuses(browser.client, f"/wallet/tickets/{ticket.id}") == [404, 404]


def test_the_page_of_a_ticket_leads_to_both_by_the_way_it_was_opened(browser, order, ticket):
    link = link_to(ticket)
    assert all(f'href="{link}/{name}"' in browser.open(link).text for name in FILES)

    keep(browser, order)
    page = browser.open(f"/wallet/tickets/{ticket.id}").text

    assert all(f'href="/wallet/tickets/{ticket.id}/{name}"' in page for name in FILES)


def test_nobody_else_gets_either_and_cannot_tell_it_from_no_ticket(client, order, ticket):
    assert statuses(client, f"/wallet/tickets/{ticket.id}") == [404, 404]
    assert statuses(client, "/wallet/tickets/999999") == [404, 404]
    assert statuses(client, f"{link_to(ticket)}x") == [404, 404]


def test_a_ticket_that_was_given_away_is_on_nobodys_paper_any_more(browser, order, ticket):
    keep(browser, order)
    old_link = link_to(ticket)
    give_away(ticket, "friend@example.com")

    assert statuses(browser.client, f"/wallet/tickets/{ticket.id}") == [404, 404]
    assert statuses(browser.client, old_link) == [404, 404]


def test_a_void_ticket_is_printed_without_a_code_and_taken_out_of_calendars(
    browser, order, ticket, clock
):
    keep(browser, order)
    refund(order, now=clock())
    db.session.expire_all()

    text = paper(browser.client, f"/wallet/tickets/{ticket.id}")
    dates = browser.client.get(f"/wallet/tickets/{ticket.id}/calendar.ics")

    assert "no longer valid" in text
    assert ticket.code[:4] not in text
    assert Calendar.from_ical(dates.data)["METHOD"] == "CANCEL"
    assert "wallet-files" not in browser.open(f"/wallet/tickets/{ticket.id}").text
