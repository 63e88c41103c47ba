"""How far a buyer came is known without a statement more, and never less far than before."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.flows.outcomes import late_payment, sync
from webapp.database import db
from webapp.domain import checkout_closing, checkouts, details
from webapp.domain.baskets import BasketLine
from webapp.domain.details import TypedDetails
from webapp.domain.hold_caps import NO_CAPS
from webapp.flows.payments import withdraw_payment
from webapp.models import Checkout, CheckoutStep
from webapp.payment_refusals import EmailMissing
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def unknown(tier) -> Checkout:
    """A checkout of somebody who has typed nothing."""
    return make_checkout((tier, 2), email="")


def type_email(checkout: Checkout, email: str) -> None:
    with transaction():
        details.keep_details(reference=checkout.reference, typed=TypedDetails(email=email))


def reached(checkout: Checkout) -> CheckoutStep:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Checkout, checkout.id).reached


def test_address_counts_once_it_is_one_and_also_when_it_is_taken_away(unknown):
    steps = []
    for email in ("", "ada@", "ada@example.com", ""):
        type_email(unknown, email)
        steps.append(reached(unknown))

    assert steps == ["opened", "opened", "contact", "contact"]


def test_address_that_came_along_counts_at_once(checkout):
    assert reached(checkout) is CheckoutStep.CONTACT


def test_press_on_pay_counts_and_stays_for_who_comes_back_and_types(checkout, buyer, ports):
    buyer.start(checkout)
    at_gateway = reached(checkout)
    withdraw_payment(reference=checkout.reference, ports=ports)
    type_email(checkout, "other@example.com")

    assert (at_gateway, reached(checkout)) == ("payment", "payment")


def test_order_that_costs_nothing_reached_its_payment(buyer):
    checkout = make_checkout((make_tier(make_event(), price_cents=0), 1))

    buyer.start(checkout)

    assert reached(checkout) is CheckoutStep.PAYMENT


def test_refused_press_on_pay_does_not_count(unknown, buyer):
    with pytest.raises(EmailMissing):
        buyer.start(unknown)

    assert reached(unknown) is CheckoutStep.OPENED


def test_late_money_changes_no_step(checkout, gateway, buyer, clock, ports):
    late_payment(checkout, gateway, buyer, clock, ports)

    sync(checkout, ports)

    assert reached(checkout) is CheckoutStep.PAYMENT


def test_address_typed_when_time_was_up_counts_once_the_hold_is_taken_up_again(unknown, tier):
    late = unknown.expires_at
    with transaction():
        checkout_closing.expire_lapsed(now=late, limit=1)
    type_email(unknown, "ada@example.com")
    while_over = reached(unknown)
    with transaction():
        checkouts.change_items(
            reference=unknown.reference,
            lines=[BasketLine(tier.id, 1)],
            now=late + timedelta(seconds=1),
            caps=NO_CAPS,
        )

    assert (while_over, reached(unknown)) == ("opened", "contact")


def test_step_is_written_with_what_is_written_anyway(unknown, buyer):
    writes = []

    def note(_connection, _cursor, statement, *_):
        if statement.startswith("UPDATE checkouts"):
            writes.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    type_email(unknown, "ada@example.com")
    buyer.start(unknown)
    make_checkout((make_tier(make_event()), 1), now=NOW)
    event.remove(db.engine, "before_cursor_execute", note)

    contact, payment = writes
    assert "contact_email" in contact
    assert "reached" in contact
    assert "paying_until" in payment
    assert "reached" in payment
