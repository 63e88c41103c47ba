"""Reminders of a full house: few statements, and once a mailbox whoever asks at once."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from tests.blueprints.statements import count_queries
from tests.concurrency.crowd import call_at_once
from tests.factories import NOW, make_event, make_tier
from tests.issued import TRACE, make_issued_order
from tests.phones import keep_on_phone, subscribe
from webapp.database import db
from webapp.domain import push_messages, reminders
from webapp.models import Checkout, EmailMessage, Order, OrderItem, Outbox, PushMessage, Ticket
from webapp.transaction import transaction

HOUSE = 2000
STARTS = NOW + timedelta(days=30)
ONE_DAY = STARTS - timedelta(days=1)


def row_of(model, **changes) -> dict:
    """The one row of ``model``, as a pattern for more."""
    found = db.session.execute(select(model.__table__)).mappings().one()
    return {name: value for name, value in found.items() if name != "id"} | changes


@pytest.fixture
def full_house(app) -> None:
    """As many orders of one ticket each, every one of a mailbox of its own."""
    make_issued_order((make_tier(make_event()), 1))
    numbers = range(2, HOUSE + 1)
    patterns = {
        Checkout: lambda n: {"reference": f"reference-{n}"},
        Order: lambda n: {
            "number": f"N-{n}",
            "checkout_id": n,
            "contact_email": f"g{n}@example.com",
        },
        OrderItem: lambda n: {"order_id": n},
        Ticket: lambda n: {
            "order_id": n,
            "order_item_id": n,
            "code": f"CODE{n}",
            "serial_number": f"S{n}",
        },
    }
    for model, changes in patterns.items():
        pattern = row_of(model)
        db.session.execute(insert(model), [pattern | {"id": n} | changes(n) for n in numbers])
    db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def write_reminders(limit: int = HOUSE) -> int:
    with transaction():
        return reminders.write_due_reminders(
            now=ONE_DAY, trace_id=TRACE, limit=limit, spacing=timedelta(seconds=1)
        )


def mails_by_mailbox() -> Counter[str]:
    return Counter(db.session.scalars(select(EmailMessage.recipient)))


def test_a_batch_is_one_statement_however_many_it_writes(full_house):
    written = []

    statements = [
        count_queries(lambda: written.append(write_reminders(limit=500)))
        for _ in range(HOUSE // 500 + 1)
    ]

    assert written == [500] * (HOUSE // 500) + [0]
    assert statements == [1] * (HOUSE // 500 + 1)
    assert set(mails_by_mailbox().values()) == {1}
    assert len(mails_by_mailbox()) == HOUSE == db.session.query(Outbox).count()


def test_schedulers_at_once_write_one_mail_a_mailbox(full_house, crowd):
    outcomes = call_at_once(crowd, [lambda: write_reminders(limit=200)] * 8)

    assert outcomes.refusals == []
    assert sum(outcomes.answers) == len(mails_by_mailbox()) == db.session.query(Outbox).count()
    assert set(mails_by_mailbox().values()) == {1}


def write_pushes(limit: int = 100) -> int:
    with transaction():
        return push_messages.write_beginning(
            now=STARTS - timedelta(minutes=30),
            trace_id=TRACE,
            limit=limit,
            spacing=timedelta(seconds=1),
        )


def make_phones(count: int) -> None:
    order = make_issued_order((make_tier(make_event()), 1))
    for _ in range(count):
        subscribe(keep_on_phone(order))


def test_schedulers_at_once_tell_a_phone_once(crowd):
    make_phones(30)

    outcomes = call_at_once(crowd, [write_pushes] * 8)

    assert outcomes.refusals == []
    assert sum(outcomes.answers) == db.session.query(PushMessage).count() == 30
    assert db.session.query(Outbox).count() == 30


def test_without_the_unique_message_the_same_crowd_tells_it_twice(app, unguarded):
    crowd = unguarded("push_messages", "outbox")

    def tells_new_phones() -> int:
        make_phones(30)
        return sum(call_at_once(crowd, [write_pushes] * 8).answers)

    # On a machine with other work one caller may be done before the others begin.
    assert any(tells_new_phones() > 30 for _ in range(20))


def test_messages_of_many_phones_are_one_statement(app):
    counts = []
    for phones in (1, 3):
        make_phones(phones)
        counts.append(count_queries(write_pushes))

    assert counts == [1, 1]


def test_without_the_unique_mailbox_the_same_crowd_writes_doubles(full_house, unguarded):
    app = unguarded("email_messages", "outbox")

    def write_at_once() -> int:
        return sum(call_at_once(app, [lambda: write_reminders(limit=100)] * 8).answers)

    # On a machine with other work one caller may be done before the others begin.
    written = 0
    with app.app_context():
        for _ in range(HOUSE // 800):
            written += write_at_once()
            if written > len(mails_by_mailbox()):
                break
        assert max(mails_by_mailbox().values()) > 1
        db.session.remove()
