"""Reminders: due at the right local hour, once a mailbox, for those who hold tickets."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.factories import make_event, make_tier
from tests.issued import TRACE, give_away, make_issued_order, refund, tickets_of
from tests.transfers import Handover
from webapp.database import db
from webapp.domain import outbox, reminders
from webapp.models import EmailMessage, Event, EventStatus, Occurrence, Outbox
from webapp.transaction import transaction

DENVER = ZoneInfo("America/Denver")
SYDNEY = ZoneInfo("Australia/Sydney")
# A Saturday evening; bought long before.
STARTS = datetime(2027, 6, 12, 19, 0, tzinfo=DENVER)
BOUGHT = datetime(2027, 5, 1, 12, 0, tzinfo=UTC)
THREE_DAYS = datetime(2027, 6, 9, 10, 0, tzinfo=DENVER)
ONE_DAY = STARTS - timedelta(hours=24)


def evening(starts: datetime = STARTS, **fields) -> Event:
    zone = str(starts.tzinfo)
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=5), "time_zone": zone}
    return make_event(now=BOUGHT, **(times | fields))


def write(now: datetime, *, limit: int = 100) -> list[tuple[str, str]]:
    """What a turn at ``now`` writes: kind and mailbox."""
    before = set(db.session.scalars(db.select(EmailMessage.id)))
    with transaction():
        reminders.write_due_reminders(
            now=now, trace_id=TRACE, limit=limit, spacing=timedelta(seconds=1)
        )
    rows = db.session.query(EmailMessage).order_by(EmailMessage.id)
    return [(row.kind, row.recipient) for row in rows if row.id not in before]


def first_moment(kind: str, around: datetime) -> datetime:
    """The first minute at which ``kind`` is written, of those an hour or a day before it too."""
    for minute in (-1440, -121, -61, -60, -59, -30, -1, 0):
        moment = around + timedelta(minutes=minute)
        if any(written == kind for written, _ in write(moment)):
            return moment
    raise AssertionError(kind)


def test_a_buyer_is_reminded_twice_and_never_again(app):
    make_issued_order((make_tier(evening()), 2), now=BOUGHT)

    written = [write(BOUGHT + timedelta(hours=hours)) for hours in range(0, 24 * 45, 4)]

    assert [each for turn in written for each in turn] == [
        ("reminder_3_days", "guest@example.com"),
        ("reminder_24_hours", "guest@example.com"),
    ]


@pytest.mark.parametrize(
    ("starts", "three_days"),
    [
        (STARTS, datetime(2027, 6, 9, 10, 0, tzinfo=DENVER)),
        # Spring forward in Denver on 14 March 2027, between the reminder and the event.
        (
            datetime(2027, 3, 15, 19, 0, tzinfo=DENVER),
            datetime(2027, 3, 12, 10, 0, tzinfo=DENVER),
        ),
        # Back in Sydney on 4 April 2027; the day there began while it was still Friday in UTC.
        (
            datetime(2027, 4, 5, 8, 0, tzinfo=SYDNEY),
            datetime(2027, 4, 2, 10, 0, tzinfo=SYDNEY),
        ),
        # An hour that the clocks leave out, and the year's last days.
        (
            datetime(2028, 1, 2, 0, 30, tzinfo=SYDNEY),
            datetime(2027, 12, 30, 10, 0, tzinfo=SYDNEY),
        ),
    ],
)
def test_first_reminder_comes_at_ten_in_the_morning_where_the_event_is(app, starts, three_days):
    bought = starts.astimezone(UTC) - timedelta(days=30)
    event = evening(starts)
    make_issued_order((make_tier(event), 1), now=bought)

    assert first_moment("reminder_3_days", three_days.astimezone(UTC)) == three_days


@pytest.mark.parametrize(
    "starts",
    [
        STARTS,
        datetime(2027, 3, 14, 19, 0, tzinfo=DENVER),
        datetime(2027, 4, 4, 19, 0, tzinfo=SYDNEY),
        datetime(2027, 10, 3, 19, 0, tzinfo=SYDNEY),
    ],
)
def test_second_reminder_comes_24_hours_before_however_the_clocks_change(app, starts):
    exactly = starts.astimezone(UTC) - timedelta(hours=24)
    make_issued_order((make_tier(evening(starts)), 1), now=exactly - timedelta(days=30))

    assert first_moment("reminder_24_hours", exactly) == exactly


def test_who_buys_after_a_moment_gets_only_what_is_still_to_come(app):
    event = evening()
    tier = make_tier(event)
    make_issued_order((tier, 1), now=THREE_DAYS + timedelta(hours=1), email="late@example.com")
    make_issued_order((tier, 1), now=ONE_DAY + timedelta(hours=1), email="later@example.com")

    written = [
        each
        for hours in range(24 * 4)
        for each in write(THREE_DAYS.astimezone(UTC) + timedelta(hours=hours))
    ]

    assert written == [("reminder_24_hours", "late@example.com")]


def test_who_accepts_a_ticket_after_a_moment_gets_only_what_is_still_to_come(app, clock):
    order = make_issued_order((make_tier(evening()), 3), now=BOUGHT)
    kept, *given = tickets_of(order)
    moments = (THREE_DAYS + timedelta(hours=1), ONE_DAY + timedelta(hours=1))
    for ticket, moment, email in zip(given, moments, ("late", "later"), strict=True):
        clock.now = moment.astimezone(UTC)
        Handover(clock, order, ticket.id).give_to(f"{email}@example.com")

    written = [
        each
        for hours in range(1, 24 * 4)
        for each in write(THREE_DAYS.astimezone(UTC) + timedelta(hours=hours))
    ]

    assert kept.holder_no == 1
    assert sorted(written) == [
        ("reminder_24_hours", "guest@example.com"),
        ("reminder_24_hours", "late@example.com"),
        ("reminder_3_days", "guest@example.com"),
    ]


def test_who_accepted_before_a_moment_is_reminded_in_place_of_the_giver(app, clock):
    order = make_issued_order((make_tier(evening()), 1), now=BOUGHT)
    clock.now = (THREE_DAYS - timedelta(hours=1)).astimezone(UTC)
    Handover(clock, order, tickets_of(order)[0].id).give_to("friend@example.com")

    assert write(THREE_DAYS) == [("reminder_3_days", "friend@example.com")]
    assert write(ONE_DAY) == [("reminder_24_hours", "friend@example.com")]


def test_a_late_scheduler_reminds_until_two_hours_before_and_never_after(app):
    make_issued_order((make_tier(evening()), 1), now=BOUGHT)

    assert write(STARTS + timedelta(minutes=1)) == []
    assert write(STARTS - timedelta(minutes=119)) == []
    assert write(STARTS - timedelta(hours=2)) == [("reminder_24_hours", "guest@example.com")]


def test_a_late_first_reminder_is_left_out_when_the_second_is_near(app):
    make_issued_order((make_tier(evening()), 1), now=BOUGHT)

    assert write(STARTS - timedelta(hours=47)) == []
    assert write(STARTS - timedelta(hours=48)) == [("reminder_3_days", "guest@example.com")]


@pytest.mark.parametrize("status", [EventStatus.CANCELLED, EventStatus.DRAFT])
def test_nobody_is_reminded_of_an_event_that_is_not_on(app, status):
    event = evening()
    make_issued_order((make_tier(event), 1), now=BOUGHT)
    event.status = status
    db.session.commit()

    assert write(ONE_DAY) == []


def test_refunded_tickets_remind_nobody(app):
    tier = make_tier(evening())
    refund(make_issued_order((tier, 2), now=BOUGHT), now=BOUGHT)
    make_issued_order((tier, 1), now=BOUGHT, email="stays@example.com")

    assert write(ONE_DAY) == [("reminder_24_hours", "stays@example.com")]


def test_the_holder_is_reminded_of_a_ticket_that_was_given_and_its_buyer_is_not(app):
    tier = make_tier(evening())
    both_given = make_issued_order((tier, 2), now=BOUGHT)
    one_given = make_issued_order((tier, 2), now=BOUGHT, email="keeps@example.com")
    for ticket in tickets_of(both_given):
        give_away(ticket, "friend@example.com")
    give_away(tickets_of(one_given)[0], "Friend@Example.com")

    assert sorted(mailbox.lower() for _, mailbox in write(ONE_DAY)) == [
        "friend@example.com",
        "keeps@example.com",
    ]


def test_one_mailbox_gets_one_mail_however_many_orders_and_spellings(app):
    tier = make_tier(evening())
    for email in ("guest@example.com", "Guest@example.com", "GUEST@EXAMPLE.COM"):
        make_issued_order((tier, 1), now=BOUGHT, email=email)

    assert len(write(ONE_DAY)) == 1
    assert write(ONE_DAY + timedelta(minutes=1)) == []


def test_two_events_of_one_mailbox_are_two_mails(app):
    for starts in (STARTS, STARTS + timedelta(hours=1)):
        make_issued_order((make_tier(evening(starts)), 1), now=BOUGHT)

    assert len(write(ONE_DAY + timedelta(hours=1))) == 2


def test_a_ticket_begins_with_the_first_part_that_it_opens(app):
    event = evening(ends_at=STARTS + timedelta(days=2))
    day, sunday = (
        event.occurrences[0],
        Occurrence(
            name="Sunday", starts_at=STARTS + timedelta(days=1), ends_at=STARTS + timedelta(days=2)
        ),
    )
    event.occurrences.append(sunday)
    make_issued_order(
        (make_tier(event, occurrences=[sunday]), 1), now=BOUGHT, email="sunday@example.com"
    )
    make_issued_order(
        (make_tier(event, occurrences=[day, sunday]), 1), now=BOUGHT, email="pass@example.com"
    )

    assert write(ONE_DAY) == [
        ("reminder_24_hours", "pass@example.com"),
        ("reminder_3_days", "sunday@example.com"),
    ]
    assert write(ONE_DAY + timedelta(days=1)) == [("reminder_24_hours", "sunday@example.com")]


def test_who_holds_several_parts_is_reminded_of_the_first(app):
    event = evening(ends_at=STARTS + timedelta(days=2))
    sunday = Occurrence(
        name="Sunday", starts_at=STARTS + timedelta(days=1), ends_at=STARTS + timedelta(days=2)
    )
    event.occurrences.append(sunday)
    opening = make_tier(event, occurrences=[event.occurrences[0]])
    make_issued_order((make_tier(event, occurrences=[sunday]), 1), now=BOUGHT)
    make_issued_order((opening, 1), now=ONE_DAY - timedelta(hours=1))

    assert write(ONE_DAY) == [("reminder_24_hours", "guest@example.com")]
    assert write(ONE_DAY + timedelta(days=1)) == []


def test_an_event_that_was_put_off_is_reminded_of_anew(app):
    event = evening()
    make_issued_order((make_tier(event), 1), now=BOUGHT)
    assert write(THREE_DAYS) == [("reminder_3_days", "guest@example.com")]
    event.starts_at += timedelta(days=63)
    event.ends_at += timedelta(days=63)
    db.session.commit()

    written = [
        each
        for hours in range(0, 24 * 70, 4)
        for each in write(THREE_DAYS.astimezone(UTC) + timedelta(hours=hours))
    ]

    assert written == [
        ("reminder_3_days", "guest@example.com"),
        ("reminder_24_hours", "guest@example.com"),
    ]


def test_an_event_that_moves_by_a_day_is_not_reminded_of_twice(app):
    event = evening()
    make_issued_order((make_tier(event), 1), now=BOUGHT)
    assert write(THREE_DAYS) == [("reminder_3_days", "guest@example.com")]
    event.starts_at += timedelta(days=1)
    event.ends_at += timedelta(days=1)
    db.session.commit()

    assert write(THREE_DAYS + timedelta(days=1)) == []


def test_reminders_go_out_evenly_so_that_a_confirmation_need_not_wait_for_all(app):
    tier = make_tier(evening())
    for number in range(3):
        make_issued_order((tier, 1), now=BOUGHT, email=f"guest-{number}@example.com")
    now = ONE_DAY.astimezone(UTC)

    assert len(write(now, limit=2)) == 2
    assert [row.due_at for row in db.session.query(Outbox).order_by(Outbox.id)] == [
        now,
        now + timedelta(seconds=1),
    ]
    assert {row.kind for row in db.session.query(Outbox)} == {outbox.SEND_EMAIL}
    assert len(write(now, limit=2)) == 1
