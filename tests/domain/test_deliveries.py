"""What the mail service tells of a mail: noted once, in any order, never backwards."""

from datetime import timedelta
from itertools import permutations

import pytest

from tests.factories import NOW
from tests.issued import make_order
from webapp.database import db
from webapp.domain import deliveries, emails, webhooks
from webapp.domain.deliveries import NOTED_WITHIN, UnknownMail
from webapp.models import AuditEntry, Delivery, EmailMessage, WebhookEvent
from webapp.ports import Notice
from webapp.transaction import transaction

PURCHASE = "0af7651916cd43dd8448eb211c80319c"


def told(kind: str, mail_id: str = "m-1") -> WebhookEvent:
    notice = Notice(f"msg-{kind}-{mail_id}", f"email.{kind}", None, mail_id)
    with transaction():
        webhooks.record_notice(provider="resend", notice=notice, now=NOW, trace_id="t")
    return db.session.query(WebhookEvent).filter_by(event_id=notice.event_id).one()


def note(event: WebhookEvent, now=NOW) -> EmailMessage | None:
    with transaction():
        return deliveries.note_delivery(event, now=now, trace_id="t")


@pytest.fixture
def mail(app, clock) -> EmailMessage:
    order = make_order(clock)
    order.trace_id = PURCHASE
    db.session.commit()
    mail = db.session.query(EmailMessage).one()
    with transaction():
        emails.mark_sent(email_message_id=mail.id, provider_message_id="m-1", now=NOW)
    return mail


def delivery_of(mail: EmailMessage) -> Delivery:
    db.session.expire_all()
    return db.session.get_one(EmailMessage, mail.id).delivery


@pytest.mark.parametrize("kind", ["delivered", "complained", "suppressed", "bounced", "failed"])
def test_word_is_noted_once(mail, kind):
    event = told(kind)

    assert [note(event) is not None, note(event) is not None] == [True, False]
    assert delivery_of(mail) is Delivery(kind)


@pytest.mark.parametrize(
    "order", list(permutations(["delivered", "complained", "bounced"])), ids="-".join
)
def test_worst_word_stays_in_whatever_order_they_come(mail, order):
    for kind in order:
        note(told(kind))

    assert delivery_of(mail) is Delivery.BOUNCED


def test_trouble_is_on_the_record_under_the_trace_of_the_purchase_and_success_is_not(mail):
    note(told("delivered"))
    note(told("bounced"))

    entries = db.session.query(AuditEntry).filter_by(subject="email_message").all()
    assert [(entry.subject_id, entry.action, entry.trace_id) for entry in entries] == [
        (mail.id, "bounced", PURCHASE)
    ]


@pytest.mark.parametrize("kind", ["opened", "clicked", "delivery_delayed", "sent"])
def test_words_that_say_nothing_of_the_end_change_nothing(mail, kind):
    assert note(told(kind)) is None
    assert delivery_of(mail) is Delivery.UNKNOWN


def test_notice_that_is_faster_than_our_own_note_waits_for_it(app, mail):
    event = told("bounced", "m-2")
    with pytest.raises(UnknownMail):
        note(event, NOW + NOTED_WITHIN - timedelta(seconds=1))
    db.session.query(EmailMessage).update({"provider_message_id": "m-2"})
    db.session.commit()

    note(event, NOW + NOTED_WITHIN - timedelta(seconds=1))

    assert delivery_of(mail) is Delivery.BOUNCED


def test_notice_of_a_mail_that_is_not_ours_is_let_go_in_the_end(mail):
    assert note(told("bounced", "m-2"), NOW + NOTED_WITHIN) is None
    assert delivery_of(mail) is Delivery.UNKNOWN
