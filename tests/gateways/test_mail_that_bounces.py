"""A mail that its address refuses: from the mail service's signed webhook to the order page."""

import base64
from collections.abc import Iterator
from dataclasses import replace

import pytest

from jobs.runtime import perform
from tests.blueprints.browser import Browser, let_in
from tests.issued import make_order
from tests.paysandbox.receiver import Receiver
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import outbox
from webapp.gateways.resend_notices import ResendNotices
from webapp.models import Delivery, EmailMessage, Order, OutboxStatus, WebhookEvent

SECRET = "whsec_" + base64.b64encode(b"mail webhook secret").decode()


@pytest.fixture
def receiver(control) -> Iterator[Receiver]:
    """Where the sandbox sends what became of mails; tests hand it on, when they like."""
    receiver = Receiver()
    control.post("mail-webhook", url=receiver.url, secret=SECRET)
    yield receiver
    receiver.close()


@pytest.fixture
def installation(app, ports, mailer):
    """The application with the real mail service's adapters."""
    app.extensions["ports"] = replace(ports, mailer=mailer, mail_notices=ResendNotices(SECRET))
    return app


def order_of(address: str, clock) -> Order:
    order = make_order(clock)
    db.session.query(Order).update({"contact_email": address})
    db.session.query(EmailMessage).update({"recipient": address})
    db.session.commit()
    return order


def hand_on(app, receiver: Receiver) -> int:
    """Bring the notice that the sandbox signed to our own webhook."""
    notice = receiver.wait_for(1)[0]
    answer = app.test_client().post("/webhooks/resend", data=notice.body, headers=notice.headers)
    return answer.status_code


@pytest.mark.parametrize(
    ("address", "delivery", "words"),
    [
        ("bounced@example.com", Delivery.BOUNCED, "could not be delivered"),
        ("suppressed@example.com", Delivery.SUPPRESSED, "could not be delivered"),
        ("complained@example.com", Delivery.COMPLAINED, "marked as spam there"),
        ("guest@example.com", Delivery.DELIVERED, "Mailed to"),
    ],
)
def test_order_page_says_what_became_of_the_mail(
    installation, receiver, clock, address, delivery, words
):
    order = order_of(address, clock)
    perform(work_of(outbox.SEND_EMAIL).id)

    assert hand_on(installation, receiver) == 204
    perform(work_of(outbox.PROCESS_WEBHOOK_EVENT).id)

    assert db.session.query(EmailMessage).one().delivery is delivery
    assert db.session.query(WebhookEvent).one().processed_at is not None
    browser = Browser(installation)
    let_in(browser, order)
    assert words in browser.words()
    assert address not in browser.page


def test_notice_that_comes_before_our_own_note_finds_its_mail_later(installation, receiver, clock):
    order_of("bounced@example.com", clock)
    perform(work_of(outbox.SEND_EMAIL).id)
    mail = db.session.query(EmailMessage).one()
    mail_id, mail.provider_message_id = mail.provider_message_id, ""
    db.session.commit()

    hand_on(installation, receiver)
    perform(work_of(outbox.PROCESS_WEBHOOK_EVENT).id)
    waiting = work_of(outbox.PROCESS_WEBHOOK_EVENT)
    assert (waiting.status, waiting.last_error) == (OutboxStatus.DUE, "UnknownMail")
    db.session.query(EmailMessage).update({"provider_message_id": mail_id})
    db.session.commit()
    clock.now = waiting.due_at
    perform(waiting.id)

    assert db.session.query(EmailMessage).one().delivery is Delivery.BOUNCED
