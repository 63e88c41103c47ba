"""What the mails about a ticket that changes hands say, and to whom."""

import re

from icalendar import Calendar

from jobs import mail
from tests.issued import add_captured_payment
from tests.transfers import FRIEND, Handover, mails_of
from webapp.database import db
from webapp.domain import emails, refunds
from webapp.flows.endings import nothing_to_finish
from webapp.models import (
    EmailMessage,
    EmailStatus,
    OrderStatus,
    TicketStatus,
    Transfer,
    TransferStatus,
)
from webapp.ports import RefundSighting
from webapp.transaction import transaction


def send(kind, mailer, *, which=-1):
    """Send the newest mail of a kind, or the one named, and answer what went out."""
    email = mails_of(kind)[which]
    mail.send_email(email.id, nothing_to_finish)
    return mailer.sent[email.idempotency_key]


def links(message):
    found = re.findall(r"http://localhost:8000(/\S+)", message.text)
    assert all(f'href="http://localhost:8000{link}"' in message.html for link in found)
    return found


def refund_everything(handover):
    """All money went back at the gateway, and we see it there."""
    add_captured_payment(handover.order, now=handover.clock())
    whole = RefundSighting("re_1", "succeeded", handover.order.total_cents, "pi_1")
    with transaction():
        refunds.apply_refunds(order_id=handover.order.id, sightings=[whole], now=handover.clock())


def test_offer_carries_a_link_and_nothing_that_the_giver_typed(handover, mailer):
    handover.offer()
    handover.invite()

    message = send("transfer_offer", mailer)

    assert message.to == FRIEND
    assert message.attachments == []
    (link,) = links(message)
    assert link.startswith("/claims/")
    for private in ("Ada", handover.order.contact_email, handover.order.number):
        assert private not in message.text + message.html + message.subject
    for secret in (handover.ticket.code, handover.ticket.serial_number):
        assert secret not in message.text + message.html


def test_confirmation_opens_with_one_press_and_shows_no_ticket(handover, mailer):
    handover.claim(handover.offer())

    message = send("transfer_confirmation", mailer)

    (link,) = links(message)
    assert link.startswith("/claims/")
    assert handover.ticket.code not in message.text + message.html
    assert "Grace" not in message.text + message.html


def test_links_that_open_nothing_any_more_are_not_sent(handover, mailer):
    transfer = handover.offer()
    handover.invite()
    handover.claim(transfer, email="carol@example.com")
    handover.clock.now = handover.event.starts_at

    for kind in ("transfer_offer", "transfer_confirmation"):
        for email in mails_of(kind):
            mail.send_email(email.id, nothing_to_finish)

    sent = {email.kind: email.status for email in db.session.query(EmailMessage).all()}
    assert sent["transfer_offer"] is sent["transfer_confirmation"] is EmailStatus.DROPPED
    assert mailer.calls == 0


def test_new_holder_gets_link_pdf_and_dates(app, handover, mailer):
    handover.give_to()

    message = send("ticket_received", mailer)

    assert message.to == FRIEND
    (link,) = links(message)
    assert app.test_client().get(link).status_code == 200
    pdf, dates = message.attachments
    serial = handover.ticket.serial_number
    assert (pdf.filename, dates.filename) == (f"{serial}.pdf", f"{serial}.ics")
    assert pdf.content.startswith(b"%PDF")
    assert pdf.content.count(b"/Type /Page\n") == 1
    (entry,) = Calendar.from_ical(dates.content).events
    assert str(entry["summary"]) == handover.event.title
    for private in ("Ada", handover.order.contact_email, handover.order.number):
        assert private not in message.text + message.html


def test_giver_hears_the_first_name_of_who_accepted(handover, mailer):
    handover.give_to(FRIEND, "Grace Secret-Surname")

    message = send("ticket_given", mailer)

    assert message.to == handover.order.contact_email
    assert "Grace accepted your ticket" in message.text
    assert "Surname" not in message.text + message.html + message.subject
    assert FRIEND not in message.text + message.html
    assert (links(message), message.attachments) == ([], [])


def test_name_that_is_an_advert_reaches_nobody(handover, mailer):
    handover.give_to(FRIEND, "cheap-pills.example buy now")

    message = send("ticket_given", mailer)

    assert "pills" not in message.text + message.html + message.subject


def test_mail_that_comes_late_never_shows_the_next_holders_ticket(handover, mailer):
    handover.give_to()
    handover.give_to("alan@example.com", "Alan Example")

    late = send("ticket_received", mailer, which=0)

    assert late.to == FRIEND
    assert (links(late), late.attachments) == ([], [])
    assert handover.ticket.code not in late.text + late.html


def test_ticket_that_was_refunded_meanwhile_is_welcomed_by_nobody(handover, mailer):
    handover.give_to()
    refund_everything(handover)

    (received,) = mails_of("ticket_received")

    assert mail.compose(received) is None
    assert "ticket_voided" in {each.kind for each in db.session.query(EmailMessage)}


def test_confirmation_sent_again_leaves_the_given_ticket_out(handover, mailer):
    handover.give_to()
    with transaction():
        emails.queue_email(
            order_id=handover.order.id,
            kind=emails.ORDER_CONFIRMATION,
            sequence=2,
            now=handover.clock(),
            trace_id="0" * 32,
        )

    message = send("order_confirmation", mailer)

    assert message.attachments[0].content.count(b"/Type /Page\n") == 1


def test_refund_ends_the_offer_and_tells_the_new_holder(handover, mailer, clock):
    handover.give_to()
    second = Handover(clock, handover.order, handover.ticket_id + 1)
    open_offer = second.offer()

    refund_everything(handover)

    assert handover.ticket.status is second.ticket.status is TicketStatus.VOID
    db.session.refresh(open_offer)
    assert open_offer.status is TransferStatus.LAPSED
    message = send("ticket_voided", mailer)
    assert (message.to, links(message)) == (FRIEND, [])
    assert len(mails_of("ticket_voided")) == 1
    assert db.session.query(Transfer).filter_by(status=TransferStatus.OFFERED).count() == 0
    assert handover.ticket.order.status is OrderStatus.REFUNDED


def test_refund_tells_only_who_holds_the_ticket_now(handover):
    handover.give_to()
    handover.give_to("alan@example.com", "Alan Example")

    refund_everything(handover)

    assert [each.recipient for each in mails_of("ticket_voided")] == ["alan@example.com"]
    told = [each.recipient for each in mails_of("order_refunded")]
    assert told == [handover.order.contact_email]


def test_every_mail_is_written_in_the_readers_language(handover, mailer):
    claim = handover.claim(handover.offer())
    claim.locale = "de"
    db.session.commit()

    message = send("transfer_confirmation", mailer)

    assert '<html lang="de">' in message.html


def test_keys_of_all_mails_differ(handover):
    handover.give_to()
    handover.give_to("alan@example.com", "Alan Example")

    keys = [each.idempotency_key for each in db.session.query(EmailMessage)]

    assert len(keys) == len(set(keys)) == 7


def test_stranger_whose_offer_was_taken_back_in_time_gets_no_mail(handover, mailer):
    transfer = handover.offer()
    handover.invite("mistyped@example.com")
    handover.withdraw(number=transfer.number)

    (email,) = mails_of("transfer_offer")
    mail.send_email(email.id, nothing_to_finish)

    assert email.idempotency_key not in mailer.sent
    assert mails_of("transfer_offer")[0].status is EmailStatus.DROPPED
