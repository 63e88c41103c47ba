"""What was typed, by the rules: kept, taken, copied, and printed."""

import pytest

from tests.factories import make_checkout, make_event, make_tier
from webapp.database import db
from webapp.domain import attendees, checkout_closing, checkouts, details
from webapp.domain.attendees import TypedAttendees
from webapp.domain.checkouts import Origin
from webapp.domain.contacts import Contact, international
from webapp.domain.details import TypedDetails
from webapp.domain.hold_caps import NO_CAPS
from webapp.errors import CheckoutClosed
from webapp.models import CheckoutAttendee, CheckoutStatus
from webapp.transaction import transaction

ORIGIN = Origin(client_key="client", trace_id="0" * 31 + "1")


@pytest.fixture
def tier(app):
    return make_tier(make_event(), max_per_order=4)


@pytest.fixture
def checkout(tier):
    return make_checkout((tier, 3))


def keep(checkout, **typed):
    with transaction():
        return details.keep_details(reference=checkout.reference, typed=TypedDetails(**typed))


def name(checkout, tier, *names, **boxes):
    typed = {(tier.id, number): text for number, text in enumerate(names, start=1)}
    keep(checkout, name="Ada", attendees=TypedAttendees(typed, **boxes))
    return attendees.resolve_names(checkout)


@pytest.mark.parametrize(
    ("names", "boxes", "printed"),
    [
        (("", "", ""), {}, None),
        (("", "", ""), {"share_name": True}, None),
        (("Ann", "", "Cy"), {}, ["Ann", "", "Cy"]),
        (("  Ann   Lee ", "", ""), {}, ["Ann Lee", "", ""]),
        (("Ann", "Bob", ""), {"share_name": True}, ["Ann"] * 3),
        (("", "", ""), {"buyer_attends": True}, ["Ada", "", ""]),
        (("Ann", "Bob", ""), {"buyer_attends": True}, ["Ada", "Bob", ""]),
        (("", "", ""), {"buyer_attends": True, "share_name": True}, ["Ada"] * 3),
        (("An\x07n", "Bob", ""), {}, ["", "Bob", ""]),
    ],
)
def test_boxes_and_names_make_the_printed_names(checkout, tier, names, boxes, printed):
    resolved = name(checkout, tier, *names, **boxes)

    assert (None if resolved is None else list(resolved.values())) == printed


@pytest.mark.parametrize(
    ("time_zone", "typed", "taken"),
    [
        ("America/Denver", "(303) 555-0100", "+13035550100"),
        ("US/Pacific", "(303) 555-0100", "+13035550100"),
        ("Australia/Sydney", "0491 570 006", "+61491570006"),
        ("Europe/Berlin", "030 23125 000", "+493023125000"),
        ("Australia/Sydney", "(303) 555-0100", ""),
        ("America/Denver", "030 23125 000", ""),
        # Somebody who comes from elsewhere, as one writes it there.
        ("America/Denver", "+49 30 23125 000", "+493023125000"),
        ("America/Denver", "0049 30 23125 000", "+493023125000"),
        ("Australia/Sydney", "00 1 303 555 0100", "+13035550100"),
        # No country's clocks.
        ("UTC", "(303) 555-0100", ""),
        ("Etc/UTC", "+1 303 555 0100", "+13035550100"),
    ],
)
def test_phone_without_a_country_code_is_one_of_the_events_country(app, time_zone, typed, taken):
    checkout = make_checkout((make_tier(make_event(time_zone=time_zone)), 1))

    faults = keep(checkout, phone=typed)

    db.session.refresh(checkout)
    assert checkout.contact_phone == taken
    assert [fault.field for fault in faults] == ([] if taken else ["contact.phone"])


def test_names_kept_twice_are_kept_once(checkout, tier):
    for _ in range(2):
        name(checkout, tier, "Ann", "Bob", "")

    assert db.session.query(CheckoutAttendee).count() == 3


def test_draft_is_gone_once_the_contact_says_the_same(checkout):
    keep(checkout, email="half@exa")
    assert (checkout.contact_email, checkout.draft_email) == ("", "half@exa")

    keep(checkout, email="half@example.com")

    assert (checkout.contact_email, checkout.draft_email) == ("half@example.com", None)


def test_draft_is_gone_once_somebody_sets_the_contact(checkout):
    keep(checkout, email="half@exa", phone="1")

    with transaction():
        checkouts.set_contact(checkout=checkout, contact=Contact("a@example.com"))

    assert (checkout.draft_email, checkout.draft_phone) == (None, None)


def test_paid_checkout_takes_no_more_typing(checkout):
    checkout.status = CheckoutStatus.CONVERTED
    db.session.commit()

    with pytest.raises(CheckoutClosed):
        keep(checkout, email="late@example.com")


def test_text_longer_than_anybody_types_is_cut(checkout):
    keep(checkout, phone="9" * 5000)

    assert len(checkout.draft_phone) == details.LONGEST_TYPED


def test_checkout_that_follows_knows_everything_that_was_typed(checkout, tier, clock):
    keep(checkout, email="half@exa", name="Ada")
    name(checkout, tier, "Ann", "Bob", "Cy", share_name=True)
    clock.advance(minutes=80)

    with transaction():
        again = [
            checkout_closing.retry_checkout(
                reference=checkout.reference, origin=ORIGIN, caps=NO_CAPS, now=clock()
            )
            for _ in range(2)
        ]

    assert again[0].id == again[1].id != checkout.id
    assert again[0].attendees_share_name
    assert attendees.typed_names(checkout_id=again[0].id) == attendees.typed_names(
        checkout_id=checkout.id
    )


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("+13035550100", "+1 303-555-0100"), ("+4930123456", "+49 30 123456"), ("", "")],
)
def test_phone_is_written_as_people_read_it(stored, shown):
    assert international(stored) == shown
