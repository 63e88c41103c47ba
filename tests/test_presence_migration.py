"""How far the checkouts from before had come is read from what is left of them."""

from flask_migrate import downgrade, upgrade

from tests.factories import make_checkout, make_event, make_tier
from tests.issued import make_order
from webapp.database import db
from webapp.models import Checkout, OrderStatus


def test_steps_of_checkouts_from_before_come_from_orders_and_addresses(app, clock):
    tier = make_tier(make_event())
    make_checkout((tier, 1), email="")
    make_checkout((tier, 1))
    make_order(clock, OrderStatus.EXPIRED)
    db.session.remove()

    downgrade(revision="0020")
    upgrade()

    steps = [checkout.reached for checkout in db.session.query(Checkout).order_by(Checkout.id)]
    assert steps == ["opened", "contact", "payment"]
