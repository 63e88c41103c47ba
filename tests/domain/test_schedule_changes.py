"""Changes of time: told once they have settled, once a version, to whom they concern."""

from datetime import UTC, timedelta

import pytest
from icalendar import Calendar

from jobs.mail import compose
from jobs.runtime import perform
from tests.factories import NOW, make_event, make_tier
from tests.issued import give_away, make_issued_order, refund, tickets_of
from tests.phones import keep_on_phone, subscribe
from tests.transfers import Handover
from webapp.database import db
from webapp.domain import outbox
from webapp.domain.schedule_changes import SCHEDULE_CHANGED
from webapp.flows import push, reminders
from webapp.models import EmailMessage, EmailStatus, Event, Occurrence, Outbox, PushMessage, Ticket

STARTS = NOW + timedelta(days=30)
LATER = timedelta(hours=2)


@pytest.fixture
def event(app) -> Event:
    return make_event(title="Rueda Night")


@pytest.fixture
def order(event):
    return make_issued_order((make_tier(event, occurrences=list(event.occurrences)), 2))


@pytest.fixture
def turn(ports, clock):
    """A turn of both chores some minutes later; answers how many mails and pushes it wrote."""

    def _turn(minutes: float = 0) -> tuple[int, int]:
        clock.advance(minutes=minutes)
        mails = reminders.write_reminders(ports=ports)["changes_written"]
        return mails, push.write_pushes(ports=ports)["pushes_written"]

    return _turn


def move(part: Event | Occurrence, by: timedelta = LATER) -> None:
    part.starts_at += by
    part.ends_at += by
    db.session.commit()
    db.session.expire_all()


def change_mails() -> list[EmailMessage]:
    db.session.expire_all()
    rows = db.session.query(EmailMessage).filter_by(kind=SCHEDULE_CHANGED)
    return rows.order_by(EmailMessage.id).all()


def test_holders_are_told_of_a_new_time_once(event, order, turn):
    subscribe(keep_on_phone(order))
    turn()
    move(event.occurrences[0])

    told = [turn(minutes) for minutes in (1, 5, 4.9, 0.2, 1, 60)]

    assert told == [(0, 0), (0, 0), (0, 0), (1, 1), (0, 0), (0, 0)]
    (email,) = change_mails()
    assert (email.recipient, email.sequence) == ("guest@example.com", event.schedule_version)
    message = db.session.query(PushMessage).one()
    assert (message.kind, message.moment) == (SCHEDULE_CHANGED, STARTS + LATER)


def test_the_mail_has_the_new_time_and_moves_the_calendars_entry(event, order, turn):
    turn()
    before = event.schedule_version
    move(event.occurrences[0])
    turn(1)
    turn(10)

    mail = compose(change_mails()[0])

    when = "Wednesday, March 31, 2027, 2:00"
    assert mail.subject == f"New time: Rueda Night, {when} PM MDT"
    for body in (mail.text, mail.html):
        assert "Your tickets stay valid" in body
        assert "2:00\N{NARROW NO-BREAK SPACE}PM MDT" in body
        assert "http://localhost:8000/o/" in body
    (file,) = mail.attachments
    (entry,) = Calendar.from_ical(file.content).walk("VEVENT")
    assert file.filename == f"{order.number}.ics"
    assert entry["DTSTART"].dt.astimezone(UTC) == STARTS + LATER
    assert entry["SEQUENCE"] == event.schedule_version > before


def test_several_changes_in_a_row_are_one_mail(event, order, turn):
    turn()
    for _ in range(3):
        move(event.occurrences[0])
        assert turn(5) == (0, 0)

    assert turn(10) == (1, 0)


def test_a_change_that_is_taken_back_in_time_is_not_told(event, order, turn):
    turn()
    move(event.occurrences[0])
    turn(1)
    move(event.occurrences[0], -LATER)
    turn(1)

    assert turn(30) == (0, 0)


def test_a_change_that_was_told_and_is_taken_back_is_told_again(event, order, turn):
    turn()
    move(event.occurrences[0])
    turn(1)
    assert turn(10) == (1, 0)
    move(event.occurrences[0], -LATER)
    turn(1)

    assert turn(10) == (1, 0)
    assert [email.sequence for email in change_mails()] == [1, 2]


def test_other_changes_of_the_programme_are_no_change_of_time(event, order, turn):
    turn()
    event.title = "Another night"
    event.occurrences[0].name = "Dance"
    event.venue_name = "Another hall"
    db.session.commit()
    turn(1)

    assert turn(30) == (0, 0)


def test_a_new_title_does_not_lose_a_change_that_is_being_told(event, order, turn):
    for number in range(40):
        make_issued_order((tickets_of(order)[0].tier, 1), email=f"guest-{number}@example.com")
    turn()
    move(event.occurrences[0])
    turn(1)
    first, _ = turn(10)
    event.title = "Another night"
    db.session.commit()

    told = first + turn(1)[0] + turn(1)[0]

    assert first == 30
    assert told == 41 == len({email.recipient for email in change_mails()})


def test_only_holders_of_what_moved_are_told(event, app, turn):
    event.ends_at = STARTS + timedelta(days=2)
    sunday = Occurrence(
        name="Sunday", starts_at=STARTS + timedelta(days=1), ends_at=STARTS + timedelta(days=1.2)
    )
    event.occurrences.append(sunday)
    friday = event.occurrences[0]
    for email, tier in {
        "friday@example.com": make_tier(event, occurrences=[friday]),
        "sunday@example.com": make_tier(event, occurrences=[sunday]),
        "pass@example.com": make_tier(event, occurrences=[friday, sunday]),
        "whole@example.com": make_tier(event),
    }.items():
        make_issued_order((tier, 1), email=email)
    turn()
    move(sunday)
    turn(1)
    turn(10)

    assert {email.recipient for email in change_mails()} == {
        "sunday@example.com",
        "pass@example.com",
    }


def test_who_opens_the_whole_event_is_told_when_its_own_start_moves(event, app, turn):
    make_issued_order((make_tier(event), 1))
    turn()
    move(event)
    turn(1)

    assert turn(10) == (1, 0)


def test_who_bought_after_the_change_knows_the_time(event, order, turn, clock):
    turn()
    move(event.occurrences[0])
    turn(1)
    make_issued_order((tickets_of(order)[0].tier, 1), email="late@example.com", now=clock())
    turn(10)

    assert [email.recipient for email in change_mails()] == ["guest@example.com"]


def test_who_accepted_a_ticket_after_the_change_knows_the_time(event, order, turn, clock):
    early, late = tickets_of(order)
    Handover(clock, order, early.id).give_to("early@example.com")
    phone = subscribe(keep_on_phone(db.session.get_one(Ticket, early.id, populate_existing=True)))
    turn(1)
    move(event.occurrences[0])
    turn(1)
    Handover(clock, order, late.id).give_to("late@example.com")
    subscribe(keep_on_phone(db.session.get_one(Ticket, late.id, populate_existing=True)))
    told = turn(10)

    assert [email.recipient for email in change_mails()] == ["early@example.com"]
    assert told == (1, 1)
    assert db.session.query(PushMessage).one().subscription.endpoint == phone


def test_the_holder_of_a_given_ticket_is_told_and_gets_its_own_entries(event, order, turn):
    for ticket in tickets_of(order):
        give_away(ticket, "friend@example.com")
    turn()
    move(event.occurrences[0])
    turn(1)
    turn(10)

    (email,) = change_mails()
    mail = compose(email)
    assert mail.to == "friend@example.com"
    assert [file.filename for file in mail.attachments] == [
        f"{ticket.serial_number}.ics" for ticket in tickets_of(order)
    ]
    assert order.number.encode() not in b"".join(file.content for file in mail.attachments)


def test_refunded_tickets_are_no_longer_anybodys_business(event, order, turn):
    turn()
    move(event.occurrences[0])
    turn(1)
    refund(order, now=NOW)

    assert turn(10) == (0, 0)


def test_an_older_mail_that_waited_is_dropped_for_the_newer(event, order, turn, mailer):
    turn()
    for _ in range(2):
        move(event.occurrences[0])
        turn(1)
        turn(10)

    for row in db.session.query(Outbox).filter_by(kind=outbox.SEND_EMAIL).order_by(Outbox.id):
        perform(row.id)

    assert mailer.calls == 1
    assert [email.status for email in change_mails()] == [EmailStatus.DROPPED, EmailStatus.SENT]
