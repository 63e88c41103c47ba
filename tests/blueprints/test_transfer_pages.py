"""Giving a ticket away in the browser: the holder's pages, the friend's, and everybody else's."""

import pytest

from tests.blueprints.browser import Browser, let_in, text_of
from tests.blueprints.transfer_pages import FORM, accept, make_link, page_of
from tests.transfers import FRIEND, Handover, mails_of
from webapp.database import db
from webapp.domain import access, ticket_access, transfers
from webapp.domain.transfers import find_open_transfer
from webapp.extensions import signer
from webapp.models import TicketStatus


def test_whole_way_from_the_order_to_the_friends_ticket(browser, friend, handover):
    code = handover.ticket.code
    let_in(browser, handover.order)
    assert f'href="{page_of(handover)}"' in browser.page

    link = make_link(browser, handover)
    assert f"http://localhost:8000{link}" in browser.page
    accept(friend, link)

    ticket = handover.ticket
    assert "Grace Example" in friend.words()
    assert ticket.code[:4] in friend.words()
    assert ticket.code != code
    assert (ticket.holder_no, ticket.holder_email) == (2, FRIEND)


def test_order_of_the_buyer_shows_the_ticket_no_longer(browser, friend, handover):
    accept(friend, make_link(browser, handover))

    number = handover.order.number
    page = browser.open(f"/orders/{number}").text

    ticket = handover.ticket
    assert "Given to a friend" in text_of(page)
    assert page.count("ticket-code") == 1
    assert ticket.code not in page.replace(" ", "")
    assert "Grace" not in page
    assert "Receipt" in text_of(page)
    assert browser.open(page_of(handover)).status_code == 409


def test_pdf_leaves_the_given_ticket_out_and_ends_with_the_last(browser, handover, clock):
    number = handover.order.number
    let_in(browser, handover.order)
    both = browser.client.get(f"/orders/{number}/tickets.pdf").data
    handover.give_to()

    one = browser.client.get(f"/orders/{number}/tickets.pdf").data
    assert (both.count(b"/Type /Page\n"), one.count(b"/Type /Page\n")) == (2, 1)

    second = Handover(clock, handover.order, handover.ticket_id + 1)
    second.give_to()
    assert browser.open(f"/orders/{number}/tickets.pdf").status_code == 404
    browser.open(f"/orders/{number}")
    assert "Your tickets are with your friends" in browser.words()
    assert "Tickets as PDF" not in browser.words()


def test_name_of_a_given_ticket_is_not_the_buyers_to_change(browser, handover):
    handover.give_to()
    location = let_in(browser, handover.order)

    serial = handover.ticket.serial_number
    answer = browser.send(f"{location}/tickets/{serial}/name", name="Alan Example")

    assert answer.status_code == 409
    assert "accepted by a friend" in text_of(answer.text)
    assert handover.ticket.attendee_name == "Grace Example"


@pytest.mark.parametrize("path", ["", "/withdrawal", "/invitation"])
def test_strangers_learn_nothing_of_a_ticket(friend, handover, path):
    handover.offer()
    unknown = f"/tickets/{handover.ticket_id + 999}/transfer{path}"

    for address in (page_of(handover) + path, unknown):
        friend.open(FORM)
        answer = friend.send(address, number=2, email=FRIEND)
        assert answer.status_code == 404
    assert friend.open(page_of(handover)).status_code == 404
    assert mails_of("transfer_offer") == []


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(browser, friend, handover):
    link = make_link(browser, handover)
    friend.open(link)

    answer = friend.send(f"{link}/claims", name="Grace Example", email="grace@example")

    assert answer.status_code == 422
    assert 'value="Grace Example"' in answer.text
    assert 'value="grace@example"' in answer.text
    assert 'aria-describedby="email-fault"' in answer.text
    wrong = browser.send(f"{page_of(handover)}/invitation", email="nobody")
    assert wrong.status_code == 422
    assert 'value="nobody"' in wrong.text


def test_holder_by_link_gives_the_ticket_on(browser, friend, handover):
    accept(friend, make_link(browser, handover))
    third = Browser(friend.client.application)
    sealed = ticket_access.seal_ticket_link(signer(), handover.ticket)

    location = third.open(f"/t/{sealed}/transfer").location
    third.open(location)
    third.send(location, number=transfers.last_number(ticket_id=handover.ticket_id) + 1)

    transfer = find_open_transfer(ticket=handover.ticket)
    assert (transfer.number, transfer.from_holder_no) == (2, 2)
    assert browser.open(location).status_code == 409
    handover.accept(handover.claim(transfer, "alan@example.com", "Alan"))
    assert third.open(location).status_code == 409
    assert third.open(f"/t/{sealed}").status_code == 404
    assert third.open(f"/t/{sealed}/transfer").status_code == 404


def test_revoked_order_link_gives_nothing_away(browser, handover):
    let_in(browser, handover.order)
    handover.ticket.order.link_version += 1
    db.session.commit()

    assert browser.open(page_of(handover)).status_code == 404


def test_void_ticket_offers_no_link(browser, handover):
    let_in(browser, handover.order)
    handover.ticket.status = TicketStatus.VOID
    db.session.commit()

    assert "can no longer be given away" in text_of(browser.open(page_of(handover)).text)
    browser.open(FORM)
    assert browser.send(page_of(handover), number=1).status_code == 409


def test_pages_with_links_are_neither_stored_nor_listed(browser, friend, handover):
    link = make_link(browser, handover)

    for answer in (friend.open(link), browser.open(page_of(handover))):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}


def test_api_tells_the_buyer_no_secret_of_a_given_ticket(app, handover):
    token = access.checkout_token(signer(), handover.order.checkout)
    number = handover.order.number
    handover.give_to()

    answer = app.test_client().get(
        f"/api/v1/orders/{number}", headers={"Authorization": f"Bearer {token}"}
    )

    given, kept = answer.json["tickets"]
    assert (given["status"], given["code"], given["qr_payload"]) == ("given", "", "")
    assert given["attendee_name"] == ""
    assert (kept["status"], len(kept["code"])) == ("valid", 16)
    assert handover.ticket.code not in answer.text
