"""What was taken is known of orders from before, where the trail has it."""

import pytest
from flask_migrate import downgrade, upgrade

from tests.factories import make_checkout, make_event, make_tier
from tests.purchases import LINKS, find_order
from webapp.database import db
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.models import Payment

pytestmark = pytest.mark.usefixtures("app")


def test_amounts_that_a_person_had_to_look_at_come_from_the_trail(gateway, ports, paid_order):
    checkout = make_checkout((make_tier(make_event()), 2))
    start = start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    gateway.pay("cs_test_2", amount_cents=13230, currency="EUR")
    sync_order_payment(order_id=find_order(start.order_number).id, ports=ports)
    db.session.remove()

    downgrade(revision="0017")
    upgrade()

    usual, reviewed = db.session.query(Payment).order_by(Payment.id)
    assert (usual.captured_cents, usual.captured_currency) == (None, None)
    assert (usual.taken_cents, usual.taken_currency) == (6615, "USD")
    assert (reviewed.captured_cents, reviewed.captured_currency) == (13230, "EUR")
