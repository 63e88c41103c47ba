"""A buyer at the gateway, for tests of money."""

import pytest

from tests.factories import make_checkout, make_event, make_pool, make_tier
from tests.flows.outcomes import issue, sync, the_order
from tests.purchases import LINKS
from webapp.database import db
from webapp.flows.payment_start import PaymentStart, start_payment
from webapp.flows.payments import withdraw_payment
from webapp.flows.reviews import decide_review
from webapp.models import Checkout, Event, Order, OrderStatus
from webapp.ports import Ports


class Buyer:
    """Somebody with a checkout who goes to the gateway's page."""

    def __init__(self, ports: Ports, gateway) -> None:
        self.ports = ports
        self.gateway = gateway

    def start(self, checkout: Checkout) -> PaymentStart:
        return start_payment(reference=checkout.reference, links=LINKS, ports=self.ports)

    def session_of(self, checkout: Checkout) -> str:
        """Go to the gateway and say which session that is."""
        url = self.start(checkout).url
        assert url is not None
        return url.rsplit("/", 1)[1]


@pytest.fixture
def buyer(ports, gateway) -> Buyer:
    return Buyer(ports, gateway)


@pytest.fixture
def pool():
    return make_pool(make_event(order_prefix="EVE"), capacity=4)


@pytest.fixture
def tier(pool):
    return make_tier(db.session.get_one(Event, pool.event_id), pools=[pool], price_cents=3000)


@pytest.fixture
def checkout(tier):
    return make_checkout((tier, 2))


@pytest.fixture
def payment_id(checkout, gateway, buyer, ports) -> str:
    """The payment of an order of 66.15 that has its two tickets."""
    session_id = buyer.session_of(checkout)
    gateway.pay(session_id)
    issue(sync(checkout, ports))
    return session_id.replace("cs_", "pi_")


@pytest.fixture
def review(checkout, gateway, buyer, ports):
    """An order for which the gateway took something else, and the gateway's payment."""

    def make(**seen: object) -> str:
        session_id = buyer.session_of(checkout)
        gateway.pay(session_id, **seen)
        assert sync(checkout, ports).status is OrderStatus.NEEDS_REVIEW
        return session_id.replace("cs_", "pi_")

    return make


@pytest.fixture
def decide(checkout, ports):
    def decide(verdict: OrderStatus) -> Order:
        about = {"who": "Robin", "why": "Agreed with the buyer."}
        decide_review(number=the_order(checkout).number, verdict=verdict, ports=ports, **about)
        return the_order(checkout)

    return decide


@pytest.fixture
def second_page(checkout, gateway, buyer, ports):
    """The first page took too little after its end; the second is open."""
    first = buyer.session_of(checkout)
    withdraw_payment(reference=checkout.reference, ports=ports)
    second = buyer.session_of(checkout)
    late = {"status": "complete", "payment_status": "paid", "payment_id": "pi_first"}
    gateway._change(first, amount_cents=1, **late)
    sync(checkout, ports)
    return second
