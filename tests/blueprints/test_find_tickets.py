"""Lost mails: the page tells nobody anything, the mail goes to the address itself."""

import re
from datetime import timedelta

import pytest

from jobs.runtime import perform
from tests.blueprints.browser import Browser
from tests.issued import make_order
from tests.transfers import FRIEND, Handover, mails_of
from webapp.database import db
from webapp.domain import emails, order_lookups, outbox
from webapp.models import EmailMessage, OrderLookup, OrderStatus, Outbox, TicketStatus


def ask(browser: Browser, email: str):
    browser.open("/find-tickets")
    answer = browser.send("/find-tickets", email=email)
    return answer, browser.open(answer.location)


def run_all(kind: str) -> None:
    for (outbox_id,) in db.session.query(Outbox.id).filter_by(kind=kind).all():
        perform(outbox_id)
    db.session.expire_all()


def link_mails() -> list[EmailMessage]:
    return db.session.query(EmailMessage).filter_by(kind=emails.ORDER_LINKS).all()


def test_answer_is_the_same_for_every_address(app, clock):
    make_order(clock)
    known_answer, known_page = ask(Browser(app), "guest@example.com")
    unknown_answer, unknown_page = ask(Browser(app), "nobody@example.com")

    assert known_answer.status_code == unknown_answer.status_code == 303
    assert known_answer.data == unknown_answer.data
    assert known_answer.location == unknown_answer.location
    assert known_page.data == unknown_page.data


def test_same_rows_are_written_for_every_address(app, clock):
    make_order(clock)
    db.session.query(Outbox).delete()
    db.session.commit()

    ask(Browser(app), "guest@example.com")
    ask(Browser(app), "nobody@example.com")

    assert [row.kind for row in db.session.query(Outbox)] == [outbox.FIND_ORDERS] * 2
    assert link_mails() == []


def test_address_without_orders_gets_no_mail(browser, clock):
    make_order(clock)
    ask(browser, "nobody@example.com")

    run_all(outbox.FIND_ORDERS)

    assert link_mails() == []


def test_one_mail_lists_every_order_and_its_links_open_them(app, browser, clock, mailer):
    first, second = make_order(clock), make_order(clock)
    unpaid = make_order(clock, OrderStatus.PENDING)
    ask(browser, " Guest@Example.com ")

    for _ in range(2):
        run_all(outbox.FIND_ORDERS)
    (row,) = link_mails()
    assert row.recipient == "guest@example.com"
    run_all(outbox.SEND_EMAIL)

    mail = next(each for key, each in mailer.sent.items() if key.startswith("order_links"))
    assert unpaid.number not in mail.text
    numbers = []
    for link in re.findall(r"http://localhost:8000(/o/\S+)", mail.text):
        friend = Browser(app)
        friend.open(friend.open(link).location)
        numbers.append(re.findall(r"E\d+X-\d{8}-\d{4}", friend.page)[0])
    assert numbers == [second.number, first.number]
    for order in (first, second):
        assert order.number in mail.html


def test_links_go_to_the_address_that_asked_whatever_was_found(app, browser, clock):
    # The database folds this one to the same letters; it is another mailbox all the same.
    order = make_order(clock)
    order.contact_email = "v\u0130ctim@example.com"
    db.session.commit()
    ask(browser, "victim@example.com")

    run_all(outbox.FIND_ORDERS)

    assert [mail.recipient for mail in link_mails()] == ["victim@example.com"]


def test_friend_who_lost_the_mail_finds_a_ticket_that_was_given(app, browser, clock, mailer):
    handover = Handover.begin(clock)
    handover.give_to()
    clock.advance(hours=1)
    for _ in range(2):
        ask(browser, "Grace@Example.com")

    for _ in range(2):
        run_all(outbox.FIND_ORDERS)
    run_all(outbox.SEND_EMAIL)

    assert link_mails() == []
    first, again = mails_of("ticket_received")
    mail = mailer.sent[again.idempotency_key]
    assert (again.recipient, mail.to) == (FRIEND, FRIEND)
    (link,) = re.findall(r"http://localhost:8000(/t/\S+)", mail.text)
    browser.open(link)
    assert handover.ticket.code[:4] in browser.words()
    assert first.sequence == 1


@pytest.mark.parametrize("change", ["given on", "refunded", "over", "just mailed"])
def test_ticket_is_not_mailed_again_in_vain(browser, clock, change):
    handover = Handover.begin(clock)
    handover.give_to()
    if change == "given on":
        handover.give_to("alan@example.com", "Alan Example")
    elif change == "refunded":
        handover.ticket.status = TicketStatus.VOID
    elif change == "over":
        clock.now = handover.event.ends_at
    db.session.commit()
    if change != "just mailed":
        clock.advance(hours=1)
    ask(browser, FRIEND)

    run_all(outbox.FIND_ORDERS)

    received = [mail for mail in mails_of("ticket_received") if mail.recipient == FRIEND]
    assert len(received) == 1


def test_orders_long_past_are_not_listed(app, clock):
    order = make_order(clock)

    assert order_lookups.list_orders_of(email="guest@example.com", now=clock()) == [order]
    late = order.event.ends_at + timedelta(days=31)
    assert order_lookups.list_orders_of(email="guest@example.com", now=late) == []


def test_one_address_is_written_to_a_few_times_an_hour(app, clock):
    make_order(clock)

    pages = [ask(Browser(app), "guest@example.com")[1].data for _ in range(5)]

    assert len(set(pages)) == 1
    assert db.session.query(OrderLookup).count() == order_lookups.MOST_LOOKUPS
    clock.advance(seconds=order_lookups.WINDOW.total_seconds())
    ask(Browser(app), "guest@example.com")
    assert db.session.query(OrderLookup).count() == order_lookups.MOST_LOOKUPS + 1


@pytest.mark.parametrize("typed", ["", "guest", "guest@", "a b@example.com"])
def test_what_is_no_address_is_told_at_the_field_and_kept(browser, typed):
    browser.open("/find-tickets")

    answer = browser.send("/find-tickets", email=typed)

    assert answer.status_code == 422
    assert 'id="email-fault"' in browser.page
    assert f'value="{typed}"' in browser.page
    assert db.session.query(OrderLookup).count() == 0


def test_event_list_and_error_page_lead_there(browser):
    for url in ("/", "/orders/NO-20270301-0001"):
        browser.open(url)
        assert 'href="/find-tickets"' in browser.page


def test_faulty_address_is_told_at_the_top_and_the_field_is_one_tap_away(browser):
    browser.open("/find-tickets")

    answer = browser.send("/find-tickets", email="guest@")

    assert answer.status_code == 422
    assert "<title>Error: Find my tickets" in answer.text
    alert = answer.text[answer.text.index('class="alert"') :]
    assert "autofocus" in alert[: alert.index(">")]
    assert '<a href="#email">' in alert
