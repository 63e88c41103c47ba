"""Who began a checkout that came to nothing is forgotten after a week, and nothing else is."""

from datetime import timedelta

import pytest

from tests.factories import make_checkout, make_event, make_tier
from webapp.database import db
from webapp.domain import abandoned_checkouts, checkout_closing, checkout_mails, details, orders
from webapp.domain.attendees import TypedAttendees
from webapp.domain.details import TypedDetails
from webapp.models import Checkout, CheckoutAttendee, CheckoutStatus, EmailMessage, EmailStatus
from webapp.transaction import transaction

WEEK = timedelta(days=7)
TRACE = "0" * 32


@pytest.fixture
def tier(app):
    return make_tier(make_event())


def begin(tier, clock, **typed) -> Checkout:
    """A checkout with something typed into every field, right or wrong."""
    checkout = make_checkout((tier, 2), now=clock(), email="")
    names = TypedAttendees({(tier.id, 1): "Ann", (tier.id, 2): "Bo"})
    typed = {"email": "ada@example.com", "name": "Ada", "phone": "+1 30"} | typed
    with transaction():
        details.keep_details(
            reference=checkout.reference, typed=TypedDetails(**typed, attendees=names)
        )
    return checkout


def mail_link(checkout, clock) -> None:
    with transaction():
        checkout_mails.queue_checkout_link(
            reference=checkout.reference, number=1, now=clock(), trace_id=TRACE
        )
        db.session.query(EmailMessage).update({"status": EmailStatus.SENT})


def close(clock) -> None:
    with transaction():
        checkout_closing.expire_lapsed(now=clock(), limit=100)


def forget(clock, *, limit: int = 100) -> int:
    with transaction():
        return abandoned_checkouts.forget_persons(now=clock(), limit=limit)


def person(checkout) -> list[str]:
    """Everything that is known of whoever began it."""
    db.session.rollback()
    db.session.expire_all()
    checkout = db.session.get_one(Checkout, checkout.id)
    columns = [
        getattr(checkout, f"{kind}_{part}") or ""
        for kind in ("contact", "draft")
        for part in ("email", "name", "phone")
    ]
    attendees = db.session.query(CheckoutAttendee).filter_by(checkout_id=checkout.id)
    mails = db.session.query(EmailMessage).filter_by(checkout_id=checkout.id)
    found = [
        *columns,
        *(row.name for row in attendees.order_by(CheckoutAttendee.unit_no)),
        *(mail.recipient for mail in mails),
    ]
    return [text for text in found if text]


EVERYTHING = ["ada@example.com", "Ada", "+1 30", "Ann", "Bo", "ada@example.com"]


def test_person_is_forgotten_a_week_after_the_end_and_not_before(tier, clock):
    checkout = begin(tier, clock)
    mail_link(checkout, clock)
    ended = checkout.expires_at - clock()
    clock.advance(seconds=(ended + WEEK).total_seconds())
    close(clock)

    assert (forget(clock), person(checkout)) == (0, EVERYTHING)
    clock.advance(seconds=1)
    assert (forget(clock), person(checkout)) == (1, [])
    assert forget(clock) == 0

    kept = db.session.get_one(Checkout, checkout.id)
    assert (kept.total_cents, kept.items[0].quantity) == (6615, 2)
    assert kept.status is CheckoutStatus.EXPIRED


def test_checkout_that_was_given_back_is_forgotten_as_well(tier, clock):
    checkout = begin(tier, clock)
    with transaction():
        checkout_closing.cancel_checkout(
            reference=checkout.reference, actor="buyer", now=clock(), trace_id=TRACE
        )
    clock.advance(days=8)

    assert (forget(clock), person(checkout)) == (1, [])


def test_names_of_friends_alone_are_forgotten_as_well(tier, clock):
    checkout = begin(tier, clock, email="", name="", phone="")
    clock.advance(days=8)
    close(clock)

    assert person(checkout) == ["Ann", "Bo"]
    assert (forget(clock), person(checkout)) == (1, [])


def test_checkout_with_an_order_keeps_what_the_order_needs(tier, clock):
    checkout = begin(tier, clock)
    with transaction():
        orders.place_order(
            checkout=db.session.get_one(Checkout, checkout.id),
            order=None,
            trace_id=TRACE,
            now=clock(),
        )
    clock.advance(days=8)
    close(clock)

    assert (forget(clock), person(checkout)) == (0, EVERYTHING[:-1])


def test_checkout_that_nobody_has_closed_yet_is_left_alone(tier, clock):
    checkout = begin(tier, clock)
    clock.advance(days=8)

    assert (forget(clock), person(checkout)) == (0, EVERYTHING[:-1])


def test_one_run_forgets_a_bounded_number_the_oldest_first(tier, clock):
    checkouts = []
    for _ in range(3):
        checkouts.append(begin(tier, clock))
        clock.advance(minutes=1)
    clock.advance(days=8)
    close(clock)

    assert forget(clock, limit=2) == 2
    assert [bool(person(checkout)) for checkout in checkouts] == [False, False, True]
    assert forget(clock, limit=2) == 1


def test_what_is_typed_later_into_an_open_tab_is_forgotten_in_its_turn(tier, clock):
    checkout = begin(tier, clock)
    clock.advance(days=8)
    close(clock)
    forget(clock)
    with transaction():
        details.keep_details(reference=checkout.reference, typed=TypedDetails(name="Ada again"))

    assert person(checkout) == ["Ada again"]
    assert (forget(clock), person(checkout)) == (1, [])
