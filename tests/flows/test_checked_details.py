"""What stood on the form that "pay" was pressed below is what the order is made with."""

import pytest

from tests.flows.outcomes import the_order
from tests.purchases import LINKS
from webapp.database import db
from webapp.domain import attendees, details
from webapp.domain.attendees import TypedAttendees
from webapp.domain.contacts import Contact
from webapp.domain.details import CheckedDetails, TypedDetails
from webapp.flows.payment_start import start_payment
from webapp.models import Checkout, CheckoutStatus
from webapp.payment_refusals import PaymentPending
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")

ADA = Contact("ada@example.com", "Ada")


def pay(checkout, ports, contact=ADA, **fields):
    checked = CheckedDetails(contact, **fields)
    return start_payment(reference=checkout.reference, links=LINKS, ports=ports, checked=checked)


def keep(checkout, **typed):
    with transaction():
        details.keep_details(reference=checkout.reference, typed=TypedDetails(**typed))


def test_draft_that_was_kept_a_moment_before_the_payment_does_not_name_the_buyer(checkout, ports):
    keep(checkout, email="ada@example.co", name="A")

    pay(checkout, ports)

    assert Contact.of(the_order(checkout)) == ADA
    assert Contact.of(db.session.get_one(Checkout, checkout.id)) == ADA


def test_draft_that_was_kept_a_moment_before_the_payment_does_not_name_who_comes(
    checkout, tier, ports
):
    keep(checkout, attendees=TypedAttendees({(tier.id, 1): "An", (tier.id, 2): "B"}))

    wanted = TypedAttendees({(tier.id, 1): "Ann", (tier.id, 2): "Bob"}, share_name=False)
    pay(checkout, ports, attendees=wanted)

    fresh = db.session.get_one(Checkout, checkout.id)
    assert attendees.resolve_names(fresh) == {(tier.id, 1): "Ann", (tier.id, 2): "Bob"}


def test_language_of_the_pay_form_is_the_orders(checkout, ports):
    pay(checkout, ports, locale="de")

    assert the_order(checkout).locale == "de"


def test_open_page_of_another_contact_is_closed_at_the_gateway_first(checkout, gateway, ports):
    pay(checkout, ports)

    pay(checkout, ports, Contact("bob@example.com", "Bob"))

    assert [session.status for session in gateway.sessions.values()] == ["expired", "open"]
    assert the_order(checkout).contact_email == "bob@example.com"


def test_repeat_with_the_same_contact_answers_the_same_page(checkout, gateway, ports):
    first, again = pay(checkout, ports), pay(checkout, ports)

    assert first.url == again.url
    assert len(gateway.sessions) == 1


def test_money_that_was_faster_than_another_contact_keeps_its_own(checkout, gateway, ports):
    start = pay(checkout, ports)
    gateway.pay(start.url.rsplit("/", 1)[1])

    with pytest.raises(PaymentPending):
        pay(checkout, ports, Contact("bob@example.com", "Bob"))

    assert the_order(checkout).contact_email == ADA.email
    assert db.session.get_one(Checkout, checkout.id).status is CheckoutStatus.CONVERTED
