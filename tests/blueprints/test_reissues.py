"""Replacing a ticket's code on the order's page."""

import re

import zxingcpp

from tests.blueprints.browser import Browser, let_in
from tests.blueprints.statements import count_queries
from tests.documents.painting import paint_svg
from tests.issued import first_ticket, make_order
from webapp.database import db
from webapp.domain import orders, signing_keys
from webapp.domain.signed_tickets import read_genuine
from webapp.domain.ticket_texts import list_ticket_texts
from webapp.extensions import key_seal
from webapp.models import AuditEntry, Ticket, TicketStatus


def shown_revisions(page: str) -> list[int]:
    """What the page's symbols say, as a scanner and a verifier read them."""
    keys = signing_keys.read_keyring().verifying_keys()
    symbols = re.findall(r"<svg [^>]*class=\"qr\".*?</svg>", page, re.DOTALL)
    return [
        read_genuine(zxingcpp.read_barcodes(paint_svg(symbol))[0].text, keys=keys).revision
        for symbol in symbols
    ]


def test_new_code_is_on_page_and_pdf_and_the_page_says_what_it_means(browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)
    ticket = first_ticket(order)
    path, old_code = f"{location}/tickets/{ticket.serial_number}/code", ticket.code
    old_pdf = browser.open(f"{location}/tickets.pdf").data
    assert shown_revisions(browser.page) == [1, 1]
    assert "This is a new code" not in browser.words()

    answer = browser.send(path, revision=1)
    browser.open(location)

    assert (answer.status_code, answer.location) == (
        303,
        f"{location}#ticket-{ticket.serial_number}",
    )
    assert shown_revisions(browser.page) == [2, 1]
    assert first_ticket(order).code != old_code
    assert f"{old_code[:4]} {old_code[4:8]}" not in browser.words()
    assert browser.words().count("prints and screenshots from before no longer work") == 1
    assert browser.open(f"{location}/tickets.pdf").data != old_pdf


def test_double_click_replaces_the_code_once(browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)
    path = f"{location}/tickets/{first_ticket(order).serial_number}/code"

    answers = [browser.send(path, revision=1) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert first_ticket(order).revision == 2
    assert db.session.query(AuditEntry).filter_by(action="ticket_reissued").count() == 1


def test_form_without_a_revision_changes_nothing(browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)
    path = f"{location}/tickets/{first_ticket(order).serial_number}/code"

    for fields in ({}, {"revision": "x"}, {"revision": "9" * 400}, {"revision": "-1"}):
        assert browser.send(path, **fields).status_code == 303

    assert first_ticket(order).revision == 1


def test_strangers_and_forms_without_a_token_replace_nothing(app, browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)
    path = f"{location}/tickets/{first_ticket(order).serial_number}/code"
    stranger = Browser(app)
    stranger.open("/find-tickets")

    assert stranger.send(path, revision=1).status_code == 404
    assert browser.client.post(path, data={"revision": "1"}).status_code == 400
    assert first_ticket(order).revision == 1


def test_void_ticket_offers_no_new_code_and_says_why_not(browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)
    ticket = first_ticket(order)
    ticket.status = TicketStatus.VOID
    db.session.commit()

    answer = browser.send(f"{location}/tickets/{ticket.serial_number}/code", revision=1)

    assert answer.status_code == 409
    assert "no longer valid and cannot be changed" in browser.words()
    assert browser.page.count("Make a new code") == 1


def test_after_the_event_no_new_code_is_offered(browser, clock):
    location = let_in(browser, make_order(clock))
    assert "Replace the code" in browser.words()
    clock.advance(days=29)
    browser.open(location)
    assert "Replace the code" in browser.words()
    clock.advance(days=2)

    browser.open(location)

    assert "Replace the code" not in browser.words()


def test_reload_of_the_answer_leads_back_to_the_order(browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)

    answer = browser.open(f"{location}/tickets/{first_ticket(order).serial_number}/code")

    assert (answer.status_code, answer.location) == (303, location)


def test_field_of_a_named_ticket_says_that_another_name_makes_a_new_code(browser, clock):
    order = make_order(clock)
    first_ticket(order).attendee_name = ""
    db.session.commit()
    location = let_in(browser, order)
    unnamed, named = orders.list_tickets(order_id=order.id)

    browser.open(location)

    assert browser.words().count("With another name the ticket gets a new code") == 1
    hint = f"name-{named.serial_number}-hint"
    assert browser.page.count(f'id="{hint}"') == 1
    assert f'aria-describedby="{hint}"' in browser.page
    assert f"name-{unnamed.serial_number}-hint" not in browser.page


def test_texts_of_all_tickets_cost_one_statement(app, clock):
    order = make_order(clock)
    tickets = db.session.query(Ticket).all()
    event, seal = order.event, key_seal()
    assert event.ends_at

    assert count_queries(lambda: list_ticket_texts(tickets, event=event, seal=seal)) == 1
    assert count_queries(lambda: list_ticket_texts([], event=event, seal=seal)) == 0
