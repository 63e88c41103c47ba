"""A mail says that something is over; the file with it takes that out of calendars."""

from icalendar import Calendar

from jobs import mail
from tests.issued import add_captured_payment
from tests.transfers import Handover, mails_of
from webapp.domain import refunds
from webapp.ports import Attachment, RefundSighting
from webapp.transaction import transaction


def attachments(kind: str) -> list[Attachment]:
    return mail.compose(mails_of(kind)[-1]).attachments


def dates(kind: str) -> Calendar:
    """The only file of the newest mail of a kind."""
    (file,) = attachments(kind)
    assert (file.filename[-4:], file.content_type) == (".ics", "text/calendar")
    return Calendar.from_ical(file.content)


def entry_of(file: Attachment):
    (entry,) = Calendar.from_ical(file.content).events
    return entry


def refund(handover: Handover, cents: int = 0) -> None:
    """Money that went back at the gateway, seen here: all of it, or a part."""
    add_captured_payment(handover.order, now=handover.clock())
    amount = cents or handover.order.total_cents
    with transaction():
        refunds.apply_refunds(
            order_id=handover.order.id,
            sightings=[RefundSighting("re_1", "succeeded", amount, "pi_1")],
            now=handover.clock(),
        )


def assert_taken_back(found: Calendar, *, of: Attachment) -> None:
    """The entry that an earlier file put into the calendar, and nothing else."""
    (entry,), before = found.events, entry_of(of)
    assert (found["method"], entry["status"]) == ("CANCEL", "CANCELLED")
    assert entry["uid"] == before["uid"]
    assert entry["sequence"] > before["sequence"]


def test_refunded_order_leaves_the_buyers_calendar(handover):
    bought = attachments("order_confirmation")[1]

    refund(handover)

    assert_taken_back(dates("order_refunded"), of=bought)


def test_refund_of_a_part_that_leaves_the_tickets_has_no_dates(handover):
    refund(handover, 100)

    assert attachments("order_partially_refunded") == []


def test_refunded_ticket_leaves_the_calendar_of_who_it_was_given_to(handover):
    handover.give_to()
    received = attachments("ticket_received")[1]

    refund(handover)

    assert_taken_back(dates("ticket_voided"), of=received)


def test_ticket_given_on_leaves_the_calendar_of_who_had_it(handover):
    handover.give_to()
    received = attachments("ticket_received")[1]

    handover.give_to("alan@example.com", "Alan Example")

    assert_taken_back(dates("ticket_given"), of=received)


def test_buyer_who_keeps_a_ticket_of_the_same_kind_keeps_the_date(handover):
    handover.give_to()

    assert attachments("ticket_given") == []


def test_late_mail_takes_nothing_from_who_got_the_ticket_back(handover):
    handover.give_to()
    handover.give_to("alan@example.com", "Alan Example")
    late = mails_of("ticket_given")[-1]

    handover.give_to()

    assert mail.compose(late).attachments == []
