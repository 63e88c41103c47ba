"""Taking a ticket into a phone's own wallet: who may, and when it is offered."""

from dataclasses import replace
from datetime import timedelta

import jwt
import pytest

from tests.blueprints.browser import Browser, let_in
from tests.blueprints.pass_phones import APPLE_BUTTON, GOOGLE_BUTTON, change, content_of
from tests.blueprints.statements import count_queries
from tests.issued import make_order, tickets_of
from tests.pass_certificates import apple_keys, google_keys
from webapp.database import db
from webapp.domain import ticket_texts
from webapp.extensions import key_seal
from webapp.models import Event, EventStatus, Ticket, TicketStatus, WalletPass


def address_of(order, *, file: str = "pass.pkpass", at: int = 0) -> str:
    return f"/orders/{order.number}/tickets/{tickets_of(order)[at].serial_number}/{file}"


def test_without_keys_there_is_no_button_and_no_address(browser, clock):
    order = make_order(clock)
    let_in(browser, order)

    assert APPLE_BUTTON not in browser.words()
    assert GOOGLE_BUTTON not in browser.words()
    assert browser.open(address_of(order)).status_code == 404
    assert browser.open(address_of(order, file="google-pass")).status_code == 404
    assert db.session.query(WalletPass).count() == 0


def test_each_valid_ticket_has_both_buttons(with_passes, browser, clock):
    let_in(browser, make_order(clock))

    assert browser.words().count(APPLE_BUTTON) == 2
    assert browser.words().count(GOOGLE_BUTTON) == 2


def test_one_wallet_is_offered_without_the_other(app, with_passes, browser, clock):
    own = replace(with_passes.passes, google=None)
    app.extensions["ports"] = replace(with_passes, passes=own)

    let_in(browser, make_order(clock))

    assert APPLE_BUTTON in browser.words()
    assert GOOGLE_BUTTON not in browser.words()


def test_pass_is_a_file_of_its_type_that_nobody_stores(with_passes, browser, clock):
    order = make_order(clock)
    let_in(browser, order)

    answer = browser.open(address_of(order))

    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.apple.pkpass"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].endswith('.pkpass"')
    content = content_of(answer.data)
    assert content["serialNumber"] == f"{tickets_of(order)[0].id}-1-1"
    assert content["webServiceURL"] == "http://localhost:8000/passes"


def test_barcode_of_both_passes_is_the_text_of_the_tickets_qr_code(with_passes, browser, clock):
    order = make_order(clock)
    let_in(browser, order)

    apple = content_of(browser.open(address_of(order)).data)["barcodes"][0]["message"]
    link = browser.open(address_of(order, file="google-pass")).location
    claims = jwt.decode(
        link.rpartition("/")[2],
        google_keys().key.public_key(),
        algorithms=["RS256"],
        audience="google",
        options={"verify_iat": False},
    )

    expected = text_of_qr(tickets_of(order)[0])
    assert len(expected) == 200
    assert apple == expected
    assert claims["payload"]["eventTicketObjects"][0]["barcode"]["value"] == expected


def text_of_qr(ticket: Ticket) -> str:
    """What the order's page and its PDF show."""
    event = ticket.order.event
    return ticket_texts.list_ticket_texts([ticket], event=event, seal=key_seal())[ticket.id]


def test_google_link_leads_there_and_says_not_where_from(with_passes, browser, clock):
    order = make_order(clock)
    let_in(browser, order)

    answer = browser.open(address_of(order, file="google-pass"))

    assert answer.status_code == 303
    assert answer.location.startswith("https://pay.google.com/gp/v/save/")
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("file", ["pass.pkpass", "google-pass"])
def test_strangers_get_no_pass(app, with_passes, browser, clock, file):
    order = make_order(clock)
    let_in(browser, order)
    other = make_order(clock)

    stranger = Browser(app)
    let_in(stranger, other)
    serial = tickets_of(order)[0].serial_number

    assert Browser(app).open(address_of(order, file=file)).status_code == 404
    assert stranger.open(address_of(order, file=file)).status_code == 404
    # Somebody else's ticket under one's own order.
    assert stranger.open(f"/orders/{other.number}/tickets/{serial}/{file}").status_code == 404
    assert db.session.query(WalletPass).count() == 0


@pytest.mark.parametrize("file", ["pass.pkpass", "google-pass"])
@pytest.mark.parametrize("values", [{"status": TicketStatus.VOID}, {"holder_no": 2, "revision": 2}])
def test_ticket_that_is_void_or_passed_on_gives_no_pass(with_passes, browser, clock, file, values):
    order = make_order(clock)
    change(tickets_of(order)[0], **values)

    let_in(browser, order)

    assert browser.words().count(APPLE_BUTTON) == 1
    assert browser.open(address_of(order, file=file)).status_code == 404
    assert browser.open(address_of(order, file=file, at=1)).status_code in {200, 303}


def test_event_that_is_over_or_cancelled_gives_no_pass(with_passes, browser, clock):
    order = make_order(clock)
    let_in(browser, order)
    db.session.query(Event).update({"status": EventStatus.CANCELLED})
    db.session.commit()
    cancelled = browser.open(address_of(order))
    db.session.query(Event).update({"status": EventStatus.PUBLISHED})
    db.session.commit()
    clock.now = order.event.ends_at
    over = browser.open(address_of(order))

    browser.open(f"/orders/{order.number}")

    assert (cancelled.status_code, over.status_code) == (404, 404)
    assert APPLE_BUTTON not in browser.words()


def test_expired_certificate_takes_the_button_away_and_is_logged(
    app, with_passes, browser, clock, caplog
):
    ended = apple_keys(ends_at=clock() + timedelta(days=1))
    own = replace(with_passes.passes, apple=ended)
    app.extensions["ports"] = replace(with_passes, passes=own)
    order = make_order(clock)
    let_in(browser, order)
    assert APPLE_BUTTON in browser.words()
    clock.advance(days=1)

    answer = browser.open(address_of(order))
    let_in(browser, order)

    assert answer.status_code == 404
    assert APPLE_BUTTON not in browser.words()
    assert GOOGLE_BUTTON in browser.words()
    assert "no pass made: a certificate is not valid" in caplog.messages


def test_pass_speaks_the_orders_language(with_passes, browser, clock):
    order = make_order(clock)
    order.locale = "de"
    db.session.commit()
    let_in(browser, order)

    fields = content_of(browser.open(address_of(order)).data)["eventTicket"]

    times = next(field for field in fields["backFields"] if field["key"] == "times")
    assert "März" in times["value"]


def test_second_download_is_the_same_pass(with_passes, browser, clock):
    order = make_order(clock)
    let_in(browser, order)

    first = browser.open(address_of(order))
    clock.advance(hours=1)
    second = browser.open(address_of(order))

    assert content_of(first.data) == content_of(second.data)
    assert first.headers["Last-Modified"] == second.headers["Last-Modified"]
    assert db.session.query(WalletPass).count() == 1


def test_page_asks_the_database_no_more_for_having_passes(app, ports, with_passes, browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)

    with_buttons = count_queries(lambda: browser.open(location))
    app.extensions["ports"] = ports
    without = count_queries(lambda: browser.open(location))

    assert with_buttons == without
