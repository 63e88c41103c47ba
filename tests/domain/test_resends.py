"""The confirmation once more: to the address on file, exactly once, not too often."""

from datetime import timedelta

import pytest

from tests.issued import make_order
from webapp.database import db
from webapp.domain import emails, outbox
from webapp.domain.resends import MOST_MAILS, PAUSE, resend_confirmation
from webapp.errors import NotFound
from webapp.models import EmailMessage, EmailStatus, Order, OrderStatus, Outbox
from webapp.order_refusals import MailJustSent, TooManyMails
from webapp.transaction import transaction


def resend(order: Order, now) -> None:
    with transaction():
        resend_confirmation(order_id=order.id, now=now, trace_id="0" * 32)


def mails() -> list[EmailMessage]:
    db.session.expire_all()
    return db.session.query(EmailMessage).order_by(EmailMessage.sequence).all()


def mark_all_sent(now) -> None:
    with transaction():
        for mail in mails():
            emails.mark_sent(email_message_id=mail.id, provider_message_id="mail", now=now)


def test_second_mail_is_a_row_of_its_own_with_its_own_work(app, clock):
    order = make_order(clock)
    mark_all_sent(clock())
    clock.advance(seconds=PAUSE.total_seconds())

    for _ in range(3):
        resend(order, clock())

    first, second = mails()
    assert (second.sequence, second.status) == (2, EmailStatus.QUEUED)
    assert second.recipient == first.recipient == "guest@example.com"
    assert second.idempotency_key != first.idempotency_key
    assert db.session.query(Outbox).filter_by(kind=outbox.SEND_EMAIL).count() == 2


def test_mail_that_is_on_its_way_is_not_sent_twice(app, clock):
    order = make_order(clock)

    resend(order, clock())

    assert len(mails()) == 1


def test_mail_that_has_just_been_sent_is_not_sent_again(app, clock):
    order = make_order(clock)
    mark_all_sent(clock())

    with pytest.raises(MailJustSent):
        resend(order, clock() + PAUSE - timedelta(seconds=1))


def test_mails_of_one_order_have_an_end(app, clock):
    order = make_order(clock)
    for _ in range(MOST_MAILS - 1):
        mark_all_sent(clock())
        clock.advance(seconds=PAUSE.total_seconds())
        resend(order, clock())
    mark_all_sent(clock())
    clock.advance(days=9)

    with pytest.raises(TooManyMails):
        resend(order, clock())

    assert len(mails()) == MOST_MAILS


def test_mail_that_failed_can_be_sent_again(app, clock):
    order = make_order(clock)
    with transaction():
        emails.mark_failed(email_message_id=mails()[0].id)
    clock.advance(seconds=PAUSE.total_seconds())

    resend(order, clock())

    assert [mail.status for mail in mails()] == [EmailStatus.FAILED, EmailStatus.QUEUED]


@pytest.mark.parametrize(
    "status", [OrderStatus.PENDING, OrderStatus.CANCELLED, OrderStatus.REFUNDED]
)
def test_order_that_opens_nothing_is_not_mailed(app, clock, status):
    order = make_order(clock, status)

    with pytest.raises(NotFound):
        resend(order, clock())
