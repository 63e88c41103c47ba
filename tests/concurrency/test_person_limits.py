"""One address orders many times at once: it gets what one person may have, and no more."""

from functools import partial
from threading import Barrier

import pytest

from tests.concurrency.crowd import call_at_once
from tests.concurrency.invariants import broken_rules
from tests.factories import NOW, make_checkout, make_event, make_tier
from tests.fakes import OneAtATimeGateway
from tests.purchases import LINKS
from webapp.database import db
from webapp.domain import checkouts, orders, person_limits, settlement
from webapp.flows.payment_start import start_payment
from webapp.models import Order, OrderItem, OrderStatus
from webapp.payment_refusals import PersonLimitInUse, PersonLimitReached
from webapp.transaction import transaction

THREADS = 12
LIMIT = 5
ADA, BOB = "ada@example.com", "bob@example.com"


@pytest.fixture
def gateway(clock):
    return OneAtATimeGateway(clock)


@pytest.fixture
def event(app):
    return make_event()


def limited(event, **fields):
    return make_tier(event, max_per_order=1, max_per_email=LIMIT, **fields)


def held(tier, *, email=ADA) -> list[str]:
    return [make_checkout((tier, 1), email=email).reference for _ in range(THREADS)]


def bought(email: str) -> int:
    db.session.rollback()
    return (
        db.session.query(OrderItem)
        .join(Order)
        .filter(Order.contact_email == email, Order.status == OrderStatus.PAID)
        .count()
    )


def test_free_orders_of_one_address_at_once_are_exactly_as_many_as_one_person_may_have(
    crowd, event, ports
):
    free = limited(event, price_cents=0)
    references = held(free) + held(free, email=BOB)

    outcomes = call_at_once(
        crowd,
        [partial(start_payment, reference=each, links=LINKS, ports=ports) for each in references],
    )

    assert outcomes.refusal_kinds() == {PersonLimitReached.__name__}
    assert (bought(ADA), bought(BOB)) == (LIMIT, LIMIT)
    assert broken_rules() == []


def test_payment_pages_of_one_address_at_once_are_exactly_as_many_as_one_person_may_have(
    crowd, event, ports, gateway
):
    references = held(limited(event))

    outcomes = call_at_once(
        crowd,
        [partial(start_payment, reference=each, links=LINKS, ports=ports) for each in references],
    )

    assert outcomes.refusal_kinds() == {PersonLimitInUse.__name__}
    assert (len(outcomes.answers), len(gateway.sessions)) == (LIMIT, LIMIT)
    assert broken_rules() == []


def order_after_a_look(reference: str, everybody: Barrier) -> None:
    """The negative control: :func:`person_limits.refuse_too_many` without the address's lock."""
    with transaction():
        checkout = checkouts.lock_checkout(reference=reference)
        items = person_limits._limited_items(checkout)
        shares = person_limits._count_shares(checkout, items, email=checkout.contact_email)
        everybody.wait()
        if all(share.is_enough for share in shares.values()):
            order = orders.place_order(checkout=checkout, order=None, trace_id="t", now=NOW)
            settlement.complete_free_order(checkout=checkout, order=order, now=NOW, trace_id="t")


def test_control_without_the_lock_of_the_address_everybody_gets_through(crowd, event):
    references = held(limited(event, price_cents=0))
    everybody = Barrier(THREADS, timeout=30)

    outcomes = call_at_once(
        crowd, [partial(order_after_a_look, each, everybody) for each in references]
    )

    assert outcomes.refusals == []
    assert bought(ADA) == THREADS
