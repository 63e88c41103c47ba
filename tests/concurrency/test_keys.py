"""One key, one checkout: also when both clicks come at the same moment."""

from functools import partial
from threading import Barrier

import pytest
from psycopg.errors import UniqueViolation

from tests.concurrency.crowd import call_at_once
from tests.concurrency.invariants import broken_rules
from tests.factories import NOW, make_event, make_tier
from webapp.database import db
from webapp.domain import idempotency
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin, open_checkout
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS
from webapp.errors import IdempotencyInFlight
from webapp.flows.checkout_start import FormKey, start_checkout
from webapp.models import Checkout, IdempotencyKey
from webapp.transaction import transaction

AT_ONCE = 8
KEYED = {"scope": "api", "key": "form-1", "request_hash": "same"}


@pytest.fixture
def tier(app):
    return make_tier(make_event(), capacity=20)


def count_checkouts() -> int:
    db.session.rollback()
    return db.session.query(Checkout).count()


def open_with_key(slug: str, tier_id: int) -> str:
    """What the API does with an ``Idempotency-Key``."""
    with transaction():
        saved = idempotency.claim_key(**KEYED)
        return str(saved.answer["reference"]) if saved else open_and_save(slug, tier_id)


def open_and_save(slug: str, tier_id: int) -> str:
    checkout = open_checkout(
        event_slug=slug,
        lines=[BasketLine(tier_id, 2)],
        contact=Contact(),
        origin=Origin(client_key="c", trace_id="t"),
        caps=NO_CAPS,
        now=NOW,
    )
    answer = {"reference": checkout.reference}
    idempotency.save_answer(**KEYED, status_code=201, answer=answer, now=NOW)
    return checkout.reference


def open_after_a_look(slug: str, tier_id: int, everybody: Barrier) -> str:
    """The negative control: :func:`idempotency.claim_key` without its lock."""
    with transaction():
        saved = db.session.query(IdempotencyKey).filter_by(key=KEYED["key"]).one_or_none()
        everybody.wait()
        return str(saved.answer["reference"]) if saved else open_and_save(slug, tier_id)


def test_one_key_at_the_same_moment_makes_one_checkout(crowd, tier):
    outcomes = call_at_once(crowd, [partial(open_with_key, tier.event.slug, tier.id)] * AT_ONCE)

    assert count_checkouts() == 1
    assert len(set(outcomes.answers)) == 1
    assert outcomes.refusal_kinds() <= {IdempotencyInFlight.__name__}
    assert open_with_key(tier.event.slug, tier.id) == outcomes.answers[0]
    assert broken_rules() == []


def test_control_without_the_keys_lock_the_unique_key_stops_the_second_checkout(crowd, tier):
    look = partial(open_after_a_look, tier.event.slug, tier.id, Barrier(2, timeout=30))

    outcomes = call_at_once(crowd, [look] * 2)

    assert [type(fault.orig) for fault in outcomes.refusals] == [UniqueViolation]
    assert count_checkouts() == 1


def test_control_without_lock_and_unique_key_there_are_two_checkouts(unguarded, tier):
    look = partial(open_after_a_look, tier.event.slug, tier.id, Barrier(2, timeout=30))

    call_at_once(unguarded("idempotency_keys"), [look] * 2)

    assert count_checkouts() == 2


def test_a_double_click_on_the_form_makes_one_checkout(crowd, tier, ports):
    click = partial(
        start_checkout,
        event_slug=tier.event.slug,
        lines=[BasketLine(tier.id, 2)],
        own_references=[],
        origin=Origin(client_key="browser", trace_id="t"),
        caps=NO_CAPS,
        form_key=FormKey(scope="browser", key="form-1"),
        ports=ports,
    )

    outcomes = call_at_once(crowd, [click] * AT_ONCE)

    assert outcomes.refusals == []
    assert count_checkouts() == 1
    assert len({checkout.reference for checkout in outcomes.answers}) == 1
