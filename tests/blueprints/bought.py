"""Orders that a browser bought on the pages, up to their tickets."""

from tests.blueprints.browser import Browser
from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.domain import signing_keys, tickets
from webapp.extensions import key_seal
from webapp.flows.payments import sync_order_payment
from webapp.models import Order
from webapp.transaction import transaction

TRACE = "0" * 32


def buy_ticket(browser: Browser, *, email: str, gateway, ports, clock) -> Order:
    """Choose one ticket, pay for it, and let it be made; the browser stays at the gateway."""
    event = make_event()
    url = browser.hold(event, (make_tier(event, price_cents=3000), 1))
    browser.send(f"{url}/payment", email=email)
    gateway.pay("cs_test_1")
    order_id = db.session.query(Order.id).scalar()
    sync_order_payment(order_id=order_id, ports=ports)
    with transaction():
        key = signing_keys.get_current_key(seal=key_seal(), now=clock(), trace_id=TRACE)
        tickets.issue_tickets(order_id=order_id, key_no=key.key_no, now=clock(), trace_id=TRACE)
    return db.session.get_one(Order, order_id, populate_existing=True)
