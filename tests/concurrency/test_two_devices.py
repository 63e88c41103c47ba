"""Two devices with one checkout, at the same moment; without its lock they undo each other."""

from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import insert, text

from tests.concurrency.crowd import call_at_once
from tests.concurrency.invariants import broken_rules
from tests.concurrency.unlocked import in_between, without_row_locks
from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.fakes import OneAtATimeGateway
from tests.purchases import LINKS
from webapp.database import db
from webapp.domain import attendees, checkout_mails, checkouts, details
from webapp.domain.attendees import TypedAttendees
from webapp.domain.basket_marks import basket_mark
from webapp.domain.baskets import BasketLine
from webapp.domain.contacts import Contact
from webapp.domain.details import CheckedDetails, TypedDetails
from webapp.domain.hold_caps import NO_CAPS
from webapp.errors import BasketChanged
from webapp.flows.checkouts import change_basket
from webapp.flows.payment_start import start_payment
from webapp.models import CheckoutAttendee, EmailMessage, Order, Payment
from webapp.payment_refusals import PaymentPending, PaymentUnavailable
from webapp.transaction import transaction

AT_ONCE = 8
# An order, and what hangs on its row.
ORDERS = ("orders", "order_items", "order_transitions", "payments")


@pytest.fixture
def gateway(clock):
    return OneAtATimeGateway(clock)


@pytest.fixture
def tier(app):
    return make_tier(make_event(), capacity=20)


@pytest.fixture
def checkout(tier):
    return make_checkout((tier, 2))


def pay(reference, *, email, mark, ports):
    checked = CheckedDetails(Contact(email=email))
    return start_payment(
        reference=reference, links=LINKS, seen_basket=mark, checked=checked, ports=ports
    ).url


def keep_draft(reference, *, email, seen_attempts=None):
    with transaction():
        details.keep_details(
            reference=reference, typed=TypedDetails(email=email), seen_attempts=seen_attempts
        )


def test_devices_with_the_same_address_are_sent_to_the_same_page(crowd, checkout, ports, gateway):
    mark = basket_mark(checkout)
    device = partial(pay, checkout.reference, email="a@example.com", mark=mark, ports=ports)

    outcomes = call_at_once(crowd, [device] * AT_ONCE)

    assert (len(set(outcomes.answers)), outcomes.refusals) == (1, [])
    assert len(gateway.sessions) == 1
    assert broken_rules() == []


def open_pages(gateway) -> list[str]:
    return [name for name, session in gateway.sessions.items() if session.status == "open"]


@pytest.mark.parametrize("addresses", [("a", "a"), ("a", "b")])
def test_control_without_lock_and_unique_keys_two_devices_open_two_pages(
    unguarded, checkout, ports, gateway, addresses
):
    mark = basket_mark(checkout)
    crowd, everybody = unguarded(*ORDERS), Barrier(2, timeout=30)
    devices = [
        partial(pay, checkout.reference, email=f"{letter}@example.com", mark=mark, ports=ports)
        for letter in addresses
    ]

    with without_row_locks(crowd, everybody.wait):
        outcomes = call_at_once(crowd, devices)

    assert (len(set(outcomes.answers)), outcomes.refusals) == (2, [])
    assert len(open_pages(gateway)) == 2


def test_draft_that_comes_while_the_buyer_goes_to_pay_never_names_the_order(
    crowd, checkout, ports, gateway
):
    payer = partial(
        pay, checkout.reference, email="ada@example.com", mark=basket_mark(checkout), ports=ports
    )
    late = partial(keep_draft, checkout.reference, email="ada@example.co", seen_attempts=0)

    outcomes = call_at_once(crowd, [payer, *[late] * AT_ONCE])

    db.session.expire_all()
    assert outcomes.refusals == []
    assert db.session.query(Order).one().contact_email == "ada@example.com"
    assert (checkout.contact_email, checkout.draft_email) == ("ada@example.com", None)


def test_control_without_the_lock_a_late_draft_names_somebody_else_than_the_order(
    crowd, checkout, ports, gateway
):
    payer = partial(
        pay, checkout.reference, email="ada@example.com", mark=basket_mark(checkout), ports=ports
    )
    late = partial(keep_draft, checkout.reference, email="ada@example.co", seen_attempts=0)

    # Right after the draft has seen that no payment is open.
    with without_row_locks(crowd, in_between(crowd, payer), after=r"SELECT payments\.id"):
        outcomes = call_at_once(crowd, [late])

    db.session.expire_all()
    assert outcomes.refusals == []
    assert db.session.query(Order).one().contact_email == "ada@example.com"
    assert checkout.contact_email == "ada@example.co"


def test_devices_with_different_addresses_leave_one_page_that_can_be_paid(
    crowd, checkout, ports, gateway
):
    mark = basket_mark(checkout)
    devices = [
        partial(pay, checkout.reference, email=f"{letter}@example.com", mark=mark, ports=ports)
        for letter in "abcdefgh"
    ]

    outcomes = call_at_once(crowd, devices)
    last = pay(checkout.reference, email="last@example.com", mark=mark, ports=ports)

    assert outcomes.refusal_kinds() <= {PaymentUnavailable.__name__, PaymentPending.__name__}
    assert [f"https://gateway.test/{name}" for name in open_pages(gateway)] == [last]
    assert db.session.query(Order).count() == 1
    live = db.session.query(Payment).filter(Payment.status.in_(["created", "open"]))
    assert live.count() == 1
    assert broken_rules() == []


def test_basket_changed_while_another_device_goes_to_pay_is_never_paid_unseen(
    crowd, checkout, tier, ports, gateway
):
    mark = basket_mark(checkout)
    payer = partial(pay, checkout.reference, email="a@example.com", mark=mark, ports=ports)
    changer = partial(
        change_basket,
        reference=checkout.reference,
        lines=[BasketLine(tier.id, 3)],
        caps=NO_CAPS,
        ports=ports,
    )

    outcomes = call_at_once(crowd, [payer, changer])

    assert outcomes.refusal_kinds() <= {
        BasketChanged.__name__,
        PaymentUnavailable.__name__,
        PaymentPending.__name__,
    }
    db.session.expire_all()
    total = checkout.total_cents
    can_be_paid = [s.amount_cents for s in gateway.sessions.values() if s.status == "open"]
    assert can_be_paid in ([], [total])
    assert not can_be_paid or basket_mark(checkout) == mark
    assert broken_rules() == []


def test_control_without_the_lock_a_basket_is_changed_under_an_open_page(
    crowd, checkout, tier, ports, gateway
):
    payer = partial(
        pay, checkout.reference, email="a@example.com", mark=basket_mark(checkout), ports=ports
    )
    reference, lines = checkout.reference, [BasketLine(tier.id, 3)]

    def change():
        with transaction():
            checkouts.change_items(reference=reference, lines=lines, now=NOW)

    with without_row_locks(crowd, in_between(crowd, payer)):
        outcomes = call_at_once(crowd, [change])

    db.session.expire_all()
    assert outcomes.refusals == []
    (page,) = gateway.sessions.values()
    assert (page.status, page.amount_cents < checkout.total_cents) == ("open", True)


def test_typing_on_two_devices_at_once_keeps_one_name_a_ticket(crowd, checkout, tier):
    def type_name(number):
        names = {(tier.id, unit): f"Guest {number}" for unit in (1, 2)}
        typed = TypedDetails(email="a@example.com", attendees=TypedAttendees(names))
        with transaction():
            return details.keep_details(reference=checkout.reference, typed=typed)

    outcomes = call_at_once(crowd, [partial(type_name, number) for number in range(AT_ONCE)])

    assert outcomes.refusals == []
    names = [row.name for row in db.session.query(CheckoutAttendee)]
    assert (len(names), len(set(names))) == (2, 1)


def type_after_a_look(checkout_id, tier_id, number, everybody):
    """The negative control: names are looked for and then written, without lock and unique key."""
    with transaction():
        known = attendees.typed_names(checkout_id=checkout_id)
        everybody.wait()
        if not known:
            facts = {"checkout_id": checkout_id, "tier_id": tier_id, "name": f"Guest {number}"}
            rows = [facts | {"unit_no": unit} for unit in (1, 2)]
            db.session.execute(insert(CheckoutAttendee), rows)


def test_control_without_lock_and_unique_key_a_ticket_has_two_names(unguarded, checkout, tier):
    crowd, everybody = unguarded("checkout_attendees"), Barrier(2, timeout=30)
    typing = partial(type_after_a_look, checkout.id, tier.id, everybody=everybody)

    call_at_once(crowd, [partial(typing, number) for number in range(2)])

    kept = text("SELECT unit_no, name FROM unguarded.checkout_attendees ORDER BY unit_no, name")
    assert list(db.session.execute(kept)) == [
        (1, "Guest 0"),
        (1, "Guest 1"),
        (2, "Guest 0"),
        (2, "Guest 1"),
    ]


def ask(reference):
    with transaction():
        return checkout_mails.queue_checkout_link(
            reference=reference, number=1, now=NOW, trace_id="0" * 32
        )


def test_button_pressed_many_times_at_once_mails_one_link(crowd, checkout):
    outcomes = call_at_once(crowd, [partial(ask, checkout.reference)] * AT_ONCE)

    assert outcomes.refusals == []
    assert db.session.query(EmailMessage).count() == 1


def test_control_without_lock_and_unique_key_two_presses_mail_two_links(unguarded, checkout):
    crowd, everybody = unguarded("email_messages"), Barrier(2, timeout=30)

    # Right after each has seen how many were sent.
    with without_row_locks(crowd, everybody.wait, after=r"max\(email_messages\.sequence\)"):
        outcomes = call_at_once(crowd, [partial(ask, checkout.reference)] * 2)

    assert outcomes.refusals == []
    assert db.session.scalar(text("SELECT count(*) FROM unguarded.email_messages")) == 2
