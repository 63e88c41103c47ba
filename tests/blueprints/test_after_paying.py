"""What a buyer does from the order's page, and who else may not."""

import re
from datetime import timedelta

from icalendar import Calendar

from tests.blueprints.browser import Browser, let_in, text_of
from tests.factories import make_tier
from tests.issued import make_order
from webapp.database import db
from webapp.domain import emails, orders
from webapp.domain.resends import PAUSE
from webapp.models import (
    AddOnCheckout,
    Delivery,
    EmailMessage,
    EmailStatus,
    Ticket,
    TicketStatus,
    TierKind,
)
from webapp.transaction import transaction


def mark_sent(now) -> None:
    with transaction():
        for mail in db.session.query(EmailMessage):
            emails.mark_sent(email_message_id=mail.id, provider_message_id="mail", now=now)


def parking_for(order, **fields):
    return make_tier(order.event, **({"name": "Parking", "kind": TierKind.ADD_ON} | fields))


def test_calendar_file_is_the_same_at_every_download(browser, clock):
    location = let_in(browser, make_order(clock))

    first = browser.open(f"{location}/calendar.ics")
    second = browser.open(f"{location}/calendar.ics")

    assert first.mimetype == "text/calendar"
    assert first.data == second.data
    assert len(Calendar.from_ical(first.data).events) == 1


def test_calendar_links_are_plain_and_send_no_referrer(browser, clock):
    let_in(browser, make_order(clock))

    links = re.findall(r'<a href="https://[^>]+>', browser.page)

    assert len(links) == 2
    assert all('rel="noreferrer noopener"' in link for link in links)


def test_strangers_reach_nothing_of_an_order(app, browser, clock):
    order = make_order(clock)
    parking = parking_for(order)
    let_in(browser, order)
    stranger = Browser(app)
    serial = orders.list_tickets(order_id=order.id)[0].serial_number
    base = f"/orders/{order.number}"

    answers = [stranger.open(f"{base}/calendar.ics"), stranger.open(f"{base}/mail", swap=True)]
    for path, fields in (
        ("mail", {}),
        (f"tickets/{serial}/name", {"name": "Eve"}),
        ("add-ons", {f"quantity-{parking.id}": "1"}),
        ("add-ons/dismissal", {}),
    ):
        # For its token.
        stranger.open("/find-tickets")
        answers.append(stranger.send(f"{base}/{path}", **fields))

    assert [answer.status_code for answer in answers] == [404] * 6
    assert db.session.query(AddOnCheckout).count() == 0
    assert db.session.query(Ticket).filter_by(attendee_name="Eve").count() == 0


def test_reload_of_the_answer_to_a_form_leads_back_to_the_order(app, browser, clock):
    location = let_in(browser, make_order(clock))

    for part in ("add-ons", "add-ons/dismissal", "tickets/X001/name"):
        reloaded = browser.open(f"{location}/{part}")

        assert (reloaded.status_code, reloaded.location) == (303, location)
        assert Browser(app).open(reloaded.location).status_code == 404


def test_page_waits_for_the_mail_and_then_no_more(browser, clock):
    location = let_in(browser, make_order(clock))
    assert "Mailing to" in browser.words()
    assert "hx-get" in browser.page

    last = browser.open(f"{location}/mail?round=99", swap=True)
    assert "Mailing to" in text_of(last.text)
    assert "the mail follows by itself" in text_of(last.text)
    assert "hx-get" not in last.text

    mark_sent(clock())
    sent = browser.open(f"{location}/mail?round=1", swap=True)
    assert "Mailed to" in text_of(sent.text)
    assert "hx-get" not in sent.text


def test_waiting_grows_longer_and_longer(browser, clock):
    location = let_in(browser, make_order(clock))

    delays = []
    for round_no in range(10):
        fragment = browser.open(f"{location}/mail?round={round_no}", swap=True).text
        delays.append(int(re.findall(r"load delay:(\d+)s", fragment)[0]))

    assert delays == sorted(delays)
    assert sum(delays) < 180


def test_mail_that_was_not_sent_is_not_said_to_be(browser, clock):
    order = make_order(clock)
    db.session.query(EmailMessage).update({"status": EmailStatus.FAILED})
    db.session.commit()

    let_in(browser, order)

    assert "could not be sent" in browser.words()
    assert "Mailed to" not in browser.words()


def test_mail_that_bounced_is_told_with_what_to_do(browser, clock):
    order = make_order(clock)
    mark_sent(clock())
    db.session.query(EmailMessage).update({"delivery": Delivery.BOUNCED})
    db.session.commit()

    location = let_in(browser, order)
    steps = browser.words()
    clock.advance(hours=1)
    browser.open(location)

    for words in (steps, browser.words()):
        assert "The mail to g\u2060…\u2060@example.com could not be delivered" in words
        assert "Mailed to" not in words
        assert "save it now" in words
        assert "in the browser in which you chose the tickets, or write to" in words
        assert "Mail it again to" in words


def test_buyer_from_another_programme_is_sent_to_no_browser_that_never_was(browser, clock):
    order = make_order(clock)
    mark_sent(clock())
    db.session.query(EmailMessage).update({"delivery": Delivery.BOUNCED})
    order.checkout.client_key = ""
    db.session.commit()

    let_in(browser, order)

    assert "in the browser" not in browser.words()
    assert "If it is wrong, write to" in browser.words()


def test_mail_that_was_called_spam_is_told(browser, clock):
    order = make_order(clock)
    mark_sent(clock())
    db.session.query(EmailMessage).update({"delivery": Delivery.COMPLAINED})
    db.session.commit()

    let_in(browser, order)

    assert "Mailed to" in browser.words()
    assert "Our mail was marked as spam there" in browser.words()


def test_newer_mail_that_is_on_its_way_is_told_of_instead(browser, clock):
    location = let_in(browser, make_order(clock))
    mark_sent(clock())
    db.session.query(EmailMessage).update({"delivery": Delivery.BOUNCED})
    db.session.commit()
    clock.advance(seconds=PAUSE.total_seconds())
    browser.open(location)

    browser.send(f"{location}/mail")
    browser.open(location)

    assert "could not be delivered" not in browser.words()
    assert "Mailing to" in browser.words()


def test_mail_is_sent_again_once_for_two_clicks(browser, clock):
    location = let_in(browser, make_order(clock))
    mark_sent(clock())
    clock.advance(seconds=PAUSE.total_seconds())
    assert f'action="{location}/mail"' in browser.page
    assert "Mail it again to" in browser.words()

    answers = [browser.send(f"{location}/mail") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert [mail.sequence for mail in db.session.query(EmailMessage)] == [1, 2]


def test_mail_goes_to_the_address_on_file_whatever_is_sent(browser, clock):
    location = let_in(browser, make_order(clock))
    mark_sent(clock())
    clock.advance(seconds=PAUSE.total_seconds())

    browser.send(f"{location}/mail", email="eve@example.com", recipient="eve@example.com")

    assert {mail.recipient for mail in db.session.query(EmailMessage)} == {"guest@example.com"}


def test_too_soon_is_told_on_the_page(browser, clock):
    location = let_in(browser, make_order(clock))
    mark_sent(clock())

    answer = browser.send(f"{location}/mail")

    assert answer.status_code == 429
    assert "We mailed your order a moment ago" in browser.words()
    assert "2 tickets" in browser.words()


def test_name_follows_to_page_and_pdf(browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)
    serial = orders.list_tickets(order_id=order.id)[0].serial_number
    before = browser.open(f"{location}/tickets.pdf").data

    answer = browser.send(f"{location}/tickets/{serial}/name", name="Grace Example")
    browser.open(location)

    assert answer.status_code == 303
    assert "Grace Example" in browser.words()
    assert browser.open(f"{location}/tickets.pdf").data != before


def test_faulty_name_is_told_at_its_field_and_kept(browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)
    serial = orders.list_tickets(order_id=order.id)[0].serial_number

    answer = browser.send(f"{location}/tickets/{serial}/name", name="x" * 121)

    assert answer.status_code == 422
    assert f'id="name-{serial}-fault"' in browser.page
    assert f'aria-describedby="name-{serial}-fault name-{serial}-hint"' in browser.page
    assert "x" * 121 in browser.page


def test_name_of_a_void_ticket_cannot_be_changed(browser, clock):
    order = make_order(clock)
    location = let_in(browser, order)
    ticket = orders.list_tickets(order_id=order.id)[0]
    db.session.query(Ticket).filter_by(id=ticket.id).update({"status": TicketStatus.VOID})
    db.session.commit()

    answer = browser.send(f"{location}/tickets/{ticket.serial_number}/name", name="Grace")

    assert answer.status_code == 409
    assert "no longer valid and cannot be changed" in browser.words()
    assert browser.page.count("Save the name") == 1


def test_names_are_not_offered_for_change_after_the_deadline(browser, clock):
    order = make_order(clock, attendee_changes_until=clock() + timedelta(days=1))
    location = let_in(browser, order)
    assert "Change the name" in browser.words()
    clock.advance(days=2)

    browser.open(location)

    assert "Change the name" not in browser.words()
