"""Everybody wants the last use of a code: one gets it, and counters and checkouts agree."""

import itertools
from dataclasses import replace
from functools import partial
from threading import Barrier

import pytest
from psycopg.errors import CheckViolation
from sqlalchemy import update

from tests.concurrency.crowd import call_at_once
from tests.concurrency.invariants import broken_rules
from tests.factories import NOW, make_checkout, make_code, make_event, make_tier
from tests.fakes import FakeGateway, OneAtATimeGateway
from tests.purchases import LINKS
from webapp.database import db
from webapp.domain import checkout_closing, checkouts, code_uses
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS
from webapp.errors import CodeInUse, CodeRefused
from webapp.flows.payment_start import start_payment
from webapp.models import Code
from webapp.payment_refusals import PaymentPending, PaymentUnavailable
from webapp.transaction import transaction

THREADS = 32


@pytest.fixture
def tier(app):
    return make_tier(make_event(), capacity=1000)


def buy(slug: str, tier_id: int, code_id: int, now=NOW) -> str:
    with transaction():
        return checkouts.open_checkout(
            event_slug=slug,
            lines=[BasketLine(tier_id, 1)],
            contact=Contact(email="guest@example.com"),
            origin=Origin(client_key="crowd", trace_id="0" * 32),
            caps=NO_CAPS,
            now=now,
            code_id=code_id,
        ).reference


def counters(code_id: int) -> tuple[int, int, int]:
    db.session.rollback()
    code = db.session.get_one(Code, code_id, populate_existing=True)
    return code.held, code.used, code.overused


def test_the_last_use_goes_to_exactly_one_of_thirty_two(crowd, tier):
    slug, tier_id = tier.event.slug, tier.id
    for _ in range(4):
        code_id = make_code(tier.event, max_uses=1).id

        outcomes = call_at_once(crowd, [partial(buy, slug, tier_id, code_id)] * THREADS)

        assert len(outcomes.answers) == 1
        assert outcomes.refusal_kinds() == {CodeRefused.__name__}
        assert counters(code_id) == (1, 0, 0)
    assert broken_rules() == []


def test_a_lapsed_last_use_goes_to_exactly_one_of_thirty_two(crowd, tier, clock):
    slug, tier_id = tier.event.slug, tier.id
    code_id = make_code(tier.event, max_uses=1).id
    for _ in range(3):
        outcomes = call_at_once(
            crowd, [partial(buy, slug, tier_id, code_id, now=clock())] * THREADS
        )

        assert len(outcomes.answers) == 1
        assert outcomes.refusal_kinds() == {CodeRefused.__name__}
        clock.advance(hours=1)
    assert counters(code_id) == (1, 0, 0)
    assert broken_rules() == []


def test_giving_back_at_the_same_moment_gives_back_once(crowd, tier, clock):
    code_id = make_code(tier.event).id
    code = db.session.get_one(Code, code_id)
    mine, other = (make_checkout((tier, 1), code=code).reference for _ in range(2))

    def cancel() -> None:
        with transaction():
            checkout_closing.cancel_checkout(reference=mine, actor="buyer", now=NOW, trace_id="t")

    outcomes = call_at_once(crowd, [cancel] * 8)

    assert (outcomes.refusals, counters(code_id)) == ([], (1, 0, 0))
    clock.advance(hours=1)

    def sweep() -> None:
        with transaction():
            checkout_closing.expire_lapsed(now=clock(), limit=10)

    outcomes = call_at_once(crowd, [sweep] * 4 + [partial(release, code_id, clock())] * 4)

    assert (outcomes.refusals, counters(code_id)) == ([], (0, 0, 0))
    assert other
    assert broken_rules() == []


def release(code_id: int, now) -> None:
    with transaction():
        code_uses.release_lapsed_uses(code_id=code_id, now=now)


def test_codes_swapped_in_opposite_directions_never_deadlock(crowd, tier):
    first, second = (make_code(tier.event) for _ in range(2))
    references = [make_checkout((tier, 1), code=code).reference for code in (first, second) * 4]
    tier_id = tier.id
    ids = itertools.cycle([second.id, first.id])

    def swap(reference: str, code_id: int) -> None:
        with transaction():
            checkouts.change_choice(
                reference=reference, lines=[BasketLine(tier_id, 1)], code_id=code_id, now=NOW
            )

    calls = [
        partial(swap, reference, code_id)
        for reference, code_id in zip(references * 4, ids, strict=False)
    ]
    outcomes = call_at_once(crowd, calls, threads=8)

    assert outcomes.refusals == []
    assert broken_rules() == []


def test_one_address_goes_to_pay_once_with_a_code_that_it_may_use_once(crowd, tier, ports):
    assert isinstance(ports.payments, FakeGateway)
    code = make_code(tier.event, max_per_email=1)
    references = [make_checkout((tier, 1), code=code).reference for _ in range(6)]

    calls = [
        partial(start_payment, reference=reference, links=LINKS, ports=ports)
        for reference in references
    ]
    outcomes = call_at_once(crowd, calls)

    assert len(outcomes.answers) == 1
    assert outcomes.refusal_kinds() == {CodeInUse.__name__}
    assert broken_rules() == []


def test_tabs_of_one_buyer_never_have_two_pages_that_can_be_paid(crowd, tier, clock, ports):
    gateway = OneAtATimeGateway(clock)
    ports = replace(ports, payments=gateway)
    code = make_code(tier.event, max_per_email=1)
    tabs = [make_checkout((tier, 1), code=code).reference for _ in range(4)]
    go = partial(start_payment, links=LINKS, ports=ports, own_references=tabs)

    outcomes = call_at_once(crowd, [partial(go, reference=tab) for tab in tabs * 2])
    last = go(reference=tabs[0])

    assert outcomes.refusal_kinds() <= {
        kind.__name__ for kind in (CodeInUse, PaymentPending, PaymentUnavailable)
    }
    opened = [name for name, session in gateway.sessions.items() if session.status == "open"]
    assert [f"https://gateway.test/{name}" for name in opened] == [last.url]
    assert broken_rules() == []


def look_then_take(code_id: int, everybody: Barrier) -> None:
    """The negative control: the guard of the UPDATE is a look beforehand."""
    with transaction():
        code = db.session.get_one(Code, code_id)
        everybody.wait()
        if code.held + code.used + 1 > (code.max_uses or 0):
            raise CodeRefused("used up")
        db.session.execute(update(Code).where(Code.id == code_id).values(held=Code.held + 1))


def test_control_looking_before_taking_overuses_without_the_databases_own_check(tier, unguarded):
    code_id = make_code(tier.event, max_uses=1).id
    crowd, everybody = unguarded("codes"), Barrier(THREADS, timeout=30)

    outcomes = call_at_once(crowd, [partial(look_then_take, code_id, everybody)] * THREADS)

    assert len(outcomes.answers) == THREADS
    with crowd.app_context():
        assert counters(code_id) == (THREADS, 0, 0)


def test_control_looking_before_taking_is_stopped_by_the_databases_own_check(crowd, tier):
    code_id, everybody = make_code(tier.event, max_uses=1).id, Barrier(THREADS, timeout=30)

    outcomes = call_at_once(crowd, [partial(look_then_take, code_id, everybody)] * THREADS)

    assert len(outcomes.answers) == 1
    assert {type(fault.orig) for fault in outcomes.refusals} == {CheckViolation}
    assert counters(code_id) == (1, 0, 0)


def release_after_a_look(reference: str, code_id: int, everybody: Barrier) -> None:
    """The negative control: a use is given back without the state on the checkout's row."""
    with transaction():
        is_held = checkouts.get_checkout(reference=reference).code_use == "held"
        everybody.wait()
        if is_held:
            code_uses._add_held(code_id, -1)


def test_control_without_the_row_of_the_checkout_a_use_is_given_back_twice(unguarded, tier):
    code = make_code(tier.event)
    reference = make_checkout((tier, 1), code=code).reference
    crowd, everybody = unguarded("codes"), Barrier(2, timeout=30)

    call_at_once(crowd, [partial(release_after_a_look, reference, code.id, everybody)] * 2)

    with crowd.app_context():
        assert counters(code.id) == (-1, 0, 0)
