"""Mails to who holds tickets: when, where, what opens them, in the event's own time."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from jobs.mail import compose
from jobs.runtime import perform
from tests.factories import make_event, make_tier
from tests.issued import give_away, make_issued_order, refund, tickets_of
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import access, outbox
from webapp.extensions import signer
from webapp.flows import reminders
from webapp.models import EmailMessage, EmailStatus, Event, EventStatus, Occurrence, Order
from webapp.ports import MailMessage

STARTS = datetime(2027, 6, 12, 19, 0, tzinfo=ZoneInfo("America/Denver"))
BOUGHT = datetime(2027, 5, 1, 12, 0, tzinfo=UTC)
ONE_DAY = (STARTS - timedelta(hours=24)).astimezone(UTC)
THREE_DAYS = datetime(2027, 6, 9, 10, 0, tzinfo=ZoneInfo("America/Denver")).astimezone(UTC)


@pytest.fixture
def event(app) -> Event:
    return make_event(
        now=BOUGHT,
        title="Rueda Night",
        venue_note="Ring twice",
        starts_at=STARTS,
        ends_at=STARTS + timedelta(hours=5),
    )


@pytest.fixture
def order(event) -> Order:
    return make_issued_order((make_tier(event), 2), now=BOUGHT)


@pytest.fixture
def remind(ports, clock):
    """Writes what is due at a moment; answers the mail that a mailbox would get then."""

    def _remind(moment: datetime, mailbox: str = "guest@example.com") -> MailMessage | None:
        clock.now = moment
        reminders.write_reminders(ports=ports)
        email = db.session.query(EmailMessage).filter_by(recipient=mailbox).one()
        return compose(email)

    return _remind


def links_in(mail: MailMessage) -> list[str]:
    return re.findall(r"^http\S+$", mail.text, re.MULTILINE)


@pytest.mark.parametrize("moment", [THREE_DAYS, ONE_DAY])
def test_reminder_says_when_where_how_to_get_there_and_opens_the_tickets(order, remind, moment):
    mail = remind(moment)

    assert "Rueda Night" in mail.subject
    assert "Saturday, June 12, 2027" in mail.subject
    assert "7:00 PM MDT" in mail.subject
    for body in (mail.text, mail.html):
        for fact in (
            "Saturday, June 12, 2027",
            "MDT",
            "The Hall, 1 Example Street, Boulder",
            "Ring twice",
            "Open them once before you go",
            "because this address holds tickets for Rueda Night",
            "http://localhost:8000/o/",
        ):
            assert fact in body
    assert not re.search(r"<(img|link|script|style)|url\(", mail.html)
    assert mail.attachments == []


def test_the_link_of_a_reminder_opens_the_order(order, remind):
    (url,) = links_in(remind(ONE_DAY))

    opened = access.open_order_link(signer(), url.rsplit("/", 1)[1], now=datetime.now(UTC))
    assert opened.number == order.number


def test_one_mail_opens_every_order_of_the_mailbox_and_each_is_told_apart(event, order, remind):
    second = make_issued_order((make_tier(event), 1), now=BOUGHT)

    mail = remind(ONE_DAY)

    assert len(set(links_in(mail))) == 2
    for each in (order, second):
        assert f"Order {each.number}" in mail.text
        assert f"Order {each.number}" in mail.html


def test_a_given_ticket_is_opened_by_its_own_link_and_never_by_the_buyers(order, remind):
    ticket = tickets_of(order)[0]
    give_away(ticket, "friend@example.com")

    mail = remind(ONE_DAY, "friend@example.com")

    (url,) = links_in(mail)
    sealed = url.removeprefix("http://localhost:8000/t/")
    value = signer().unseal("ticket-link", sealed, max_age_seconds=60)
    assert value == f"{ticket.id}/{ticket.holder_no}"
    assert order.number not in mail.text + mail.html + mail.subject
    assert "guest@example.com" not in mail.text + mail.html


def test_a_mail_speaks_the_language_of_the_last_purchase(event, order, remind):
    order.locale = "de"
    db.session.commit()

    mail = remind(ONE_DAY)

    assert '<html lang="de">' in mail.html
    assert "Samstag, 12. Juni 2027" in mail.subject


def test_only_the_dates_that_the_tickets_open_are_named(event, remind):
    sunday = Occurrence(
        name="Sunday brunch", starts_at=STARTS + timedelta(hours=16), ends_at=event.ends_at
    )
    sunday.ends_at = sunday.starts_at + timedelta(hours=3)
    event.ends_at = sunday.ends_at
    event.occurrences.append(sunday)
    make_issued_order((make_tier(event, occurrences=[sunday]), 1), now=BOUGHT)

    mail = remind(sunday.starts_at.astimezone(UTC) - timedelta(hours=24))

    assert "Sunday brunch: Sunday, June 13, 2027, 11:00" in mail.text
    assert "Saturday" not in mail.text


def test_an_event_title_cannot_add_a_header_or_markup(event, order, remind):
    event.title = "Night\r\nBcc: everybody@example.com <b>{{ 7*7 }}</b>"
    db.session.commit()

    mail = remind(ONE_DAY)

    assert not set("\r\n") & set(mail.subject)
    assert "<b>{{ 7*7 }}</b>" not in mail.html


def test_a_reminder_goes_out_once(order, ports, mailer, clock):
    clock.now = ONE_DAY
    for _ in range(3):
        reminders.write_reminders(ports=ports)
        perform(work_of(outbox.SEND_EMAIL).id)

    assert mailer.calls == 1
    assert db.session.query(EmailMessage).one().status is EmailStatus.SENT


@pytest.mark.parametrize("change", ["refunded", "cancelled", "begun", "given"])
def test_what_happens_between_writing_and_sending_is_heeded(
    change, event, order, ports, mailer, clock
):
    clock.now = ONE_DAY
    reminders.write_reminders(ports=ports)
    if change == "refunded":
        refund(order, now=ONE_DAY)
    elif change == "cancelled":
        event.status = EventStatus.CANCELLED
        db.session.commit()
    elif change == "begun":
        clock.now = STARTS.astimezone(UTC)
    else:
        for ticket in tickets_of(order):
            give_away(ticket, "friend@example.com")

    perform(work_of(outbox.SEND_EMAIL).id)

    assert mailer.calls == 0
    db.session.expire_all()
    assert db.session.query(EmailMessage).one().status is EmailStatus.DROPPED
    assert work_of(outbox.SEND_EMAIL).status == "done"


@pytest.mark.parametrize(
    ("moment", "latest"),
    [(THREE_DAYS, timedelta(hours=48)), (ONE_DAY, timedelta(hours=2))],
)
def test_a_reminder_that_an_outage_kept_is_not_sent_absurdly_late(
    moment, latest, order, remind, clock
):
    assert remind(moment) is not None
    email = db.session.query(EmailMessage).one()

    clock.now = STARTS.astimezone(UTC) - latest
    in_time = compose(email)
    clock.advance(seconds=1)
    late = compose(email)

    assert in_time is not None
    assert late is None
