"""A checkout that can be renewed no more never keeps its own buyer from the places and the code."""

import pytest

from tests.factories import make_checkout, make_code, make_event, make_tier
from tests.purchases import LINKS
from webapp.database import db
from webapp.domain import code_uses, stock
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS
from webapp.errors import InvalidRequest
from webapp.flows.checkout_start import FormKey, start_checkout
from webapp.flows.checkouts import renew_checkout
from webapp.flows.payment_start import start_payment
from webapp.models import Checkout, CheckoutStatus, Order, OrderStatus

ORIGIN = Origin(client_key="client", trace_id="0" * 32)


@pytest.fixture
def tier(app):
    return make_tier(make_event(), capacity=1)


@pytest.fixture
def code(tier):
    return make_code(tier.event, max_uses=1, max_per_email=1)


@pytest.fixture
def spent(tier, code, clock, ports) -> Checkout:
    """The last place and the last use of a code, at a payment page past the last renewal."""
    checkout = make_checkout((tier, 1), code=code)
    db.session.commit()
    checkout.expires_at = checkout.hold_limit_at
    db.session.commit()
    clock.advance(minutes=64)
    start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    clock.advance(minutes=2)
    return checkout


def choose(tier, quantity, *, own, code, ports):
    return start_checkout(
        event_slug=tier.event.slug,
        lines=[BasketLine(tier.id, quantity)],
        own_references=[own.reference],
        origin=ORIGIN,
        caps=NO_CAPS,
        form_key=FormKey("browser", "form"),
        ports=ports,
        code_id=code.id,
        contact=Contact(email="guest@example.com"),
    )


def open_pages(gateway) -> list[str]:
    return [name for name, session in gateway.sessions.items() if session.status == "open"]


def status_of(checkout: Checkout) -> CheckoutStatus:
    db.session.expire_all()
    return db.session.get_one(Checkout, checkout.id).status


def test_try_again_takes_its_places_and_its_code_over(spent, tier, code, gateway, ports):
    again = renew_checkout(reference=spent.reference, origin=ORIGIN, caps=NO_CAPS, ports=ports)

    assert again.reference != spent.reference
    assert again.code_id == code.id
    assert (open_pages(gateway), status_of(spent)) == ([], CheckoutStatus.EXPIRED)
    assert db.session.query(Order).one().status is OrderStatus.EXPIRED
    assert (code_uses.count_mismatches(), stock.count_mismatches()) == ([], [])


def test_choosing_anew_takes_its_places_and_its_code_over(spent, tier, code, gateway, ports):
    again = choose(tier, 1, own=spent, code=code, ports=ports)

    assert again.reference != spent.reference
    assert (open_pages(gateway), status_of(spent)) == ([], CheckoutStatus.EXPIRED)
    start_payment(reference=again.reference, links=LINKS, ports=ports)
    assert (code_uses.count_mismatches(), stock.count_mismatches()) == ([], [])


def test_choice_that_is_refused_as_such_leaves_its_payment_page_open(
    spent, tier, code, gateway, ports
):
    with pytest.raises(InvalidRequest):
        choose(tier, 1000, own=spent, code=code, ports=ports)

    assert (open_pages(gateway), status_of(spent)) == (["cs_test_1"], CheckoutStatus.PENDING)
