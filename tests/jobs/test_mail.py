"""Mails of an order: complete, in the buyer's language, sent once."""

import io
import re

import pypdf
import pytest

from jobs.runtime import perform
from tests.factories import make_checkout, make_event, make_tier
from tests.issued import refund
from tests.purchases import work_of
from webapp.database import db
from webapp.documents.order_mail import compose_mail
from webapp.domain import emails, orders, outbox
from webapp.domain.money_back import REFUND_FAILED
from webapp.domain.verification import verify_order
from webapp.flows.mail import send_email
from webapp.models import EmailMessage, EmailStatus, Event, OrderStatus, OutboxStatus
from webapp.ports import MailRefused
from webapp.transaction import transaction


@pytest.fixture
def issued(paid_order) -> EmailMessage:
    """The confirmation of a paid order, waiting to go."""
    perform(work_of(outbox.ISSUE_TICKETS).id)
    db.session.expire_all()
    return db.session.query(EmailMessage).one()


def queue(order_id: int, kind: str, clock) -> EmailMessage:
    with transaction():
        emails.queue_email(order_id=order_id, kind=kind, now=clock(), trace_id="0" * 32)
    return db.session.query(EmailMessage).filter_by(kind=kind).one()


def test_the_confirmation_carries_receipt_event_link_and_tickets(issued, paid_order, mailer):
    perform(work_of(outbox.SEND_EMAIL).id)

    (mail,) = mailer.sent.values()
    assert mail.to == "guest@example.com"
    assert paid_order.number in mail.subject
    for body in (mail.text, mail.html):
        for fact in (
            "$60.00",
            "$6.15",
            "$66.15",
            "Wednesday, March 31, 2027",
            "MDT",
            "The Hall, 1 Example Street, Boulder",
            "Ring twice",
            "http://localhost:8000/o/",
            "Sold by Harbour Nights",
        ):
            assert fact in body
    file, dates = mail.attachments
    assert file.filename == f"{paid_order.number}.pdf"
    assert (dates.filename, dates.content_type) == (f"{paid_order.number}.ics", "text/calendar")
    assert dates.content.startswith(b"BEGIN:VCALENDAR")
    pages = pypdf.PdfReader(io.BytesIO(file.content)).pages
    assert ["Sold by Harbour Nights" in page.extract_text() for page in pages] == [True, True]


def test_confirmation_of_an_order_that_was_refunded_meanwhile_is_dropped(
    issued, paid_order, clock, mailer
):
    refund(paid_order, now=clock())

    perform(work_of(outbox.SEND_EMAIL).id)

    assert mailer.calls == 0
    db.session.expire_all()
    assert db.session.get_one(EmailMessage, issued.id).status is EmailStatus.DROPPED
    (point,) = [each for each in verify_order(number=paid_order.number) if each.name == "mail"]
    assert point.is_ok


def test_confirmation_of_tickets_that_still_open_the_door_is_sent(
    issued, paid_order, clock, mailer
):
    steps = {OrderStatus.PARTIALLY_REFUNDED: "", OrderStatus.NEEDS_REVIEW: REFUND_FAILED}
    with transaction():
        for status, reason in steps.items():
            orders.move_order(
                orders.lock_order(order_id=paid_order.id),
                status,
                actor="gateway",
                reason=reason,
                now=clock(),
                trace_id="0" * 32,
            )

    perform(work_of(outbox.SEND_EMAIL).id)

    assert mailer.calls == 1


def test_a_mail_is_sent_once_however_often_it_is_asked_for(issued, ports, mailer):
    for _ in range(3):
        send_email(email_message_id=issued.id, composer=compose_mail, ports=ports)

    assert mailer.calls == 1
    db.session.expire_all()
    sent = db.session.get_one(EmailMessage, issued.id)
    assert (sent.status, sent.provider_message_id) == (EmailStatus.SENT, "mail-0")


def test_a_crash_after_sending_repeats_with_the_same_key(issued, ports, mailer):
    class Crash(BaseException):
        """The process dies here."""

    really_send = mailer.send

    def send_and_die(message):
        really_send(message)
        raise Crash

    mailer.send = send_and_die
    with pytest.raises(Crash):
        send_email(email_message_id=issued.id, composer=compose_mail, ports=ports)
    mailer.send = really_send

    send_email(email_message_id=issued.id, composer=compose_mail, ports=ports)

    assert mailer.calls == 2
    assert list(mailer.sent) == [issued.idempotency_key]


def test_a_mail_that_is_refused_goes_to_the_dead_letters_at_once(issued, mailer):
    def refuse(_message: object) -> str:
        raise MailRefused

    mailer.send = refuse
    perform(work_of(outbox.SEND_EMAIL).id)

    row = work_of(outbox.SEND_EMAIL)
    assert (row.status, row.last_error) == (OutboxStatus.DEAD, "MailRefused")
    assert db.session.get_one(EmailMessage, issued.id).status is EmailStatus.FAILED


@pytest.mark.parametrize("kind", emails.KINDS)
def test_every_kind_can_be_written_for_an_order_without_tickets(paid_order, clock, kind):
    mail = compose_mail(queue(paid_order.id, kind, clock))

    assert paid_order.number in mail.subject
    assert "\n" not in mail.subject
    assert mail.text.strip()
    assert mail.attachments == []
    # Nothing is fetched when it is opened.
    assert not re.search(r"<(img|link|script|style)|url\(", mail.html)


def test_an_event_title_cannot_add_a_header_or_markup(app, ports, gateway, clock, paid_order):
    event = db.session.get_one(Event, paid_order.event_id)
    event.title = "Night\r\nBcc: everybody@example.com <b>{{ 7*7 }}</b>"
    db.session.commit()

    mail = compose_mail(queue(paid_order.id, emails.ORDER_CONFIRMATION, clock))

    assert "\r" not in mail.subject
    assert "\n" not in mail.subject
    assert "<b>{{ 7*7 }}</b>" not in mail.html
    assert "{{ 7*7 }}" in mail.text


def test_the_same_kind_is_written_once(paid_order, clock):
    for _ in range(2):
        queue(paid_order.id, emails.PAYMENT_FAILED, clock)

    assert db.session.query(EmailMessage).filter_by(kind=emails.PAYMENT_FAILED).count() == 1


def test_an_order_without_an_address_gets_no_mail(app, clock):
    checkout = make_checkout((make_tier(make_event()), 1), email="")
    assert checkout.contact_email == ""
    # Nothing to write to; the order itself is covered by the flows.
    assert db.session.query(EmailMessage).count() == 0
