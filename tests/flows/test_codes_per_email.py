"""How often one address may use a code: what it paid for, and what it may still pay for."""

from datetime import timedelta
from typing import NoReturn

import pytest

from tests.factories import NOW, make_checkout, make_code, make_event, make_tier
from tests.purchases import LINKS, find_order
from webapp.database import db
from webapp.domain import code_uses, stock
from webapp.domain.contacts import Contact
from webapp.domain.details import CheckedDetails
from webapp.errors import CodeInUse, CodeRefused
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.models import Code, Order
from webapp.payment_refusals import PaymentUnavailable
from webapp.ports import GatewayRefused
from webapp.transaction import transaction
from webapp.wording import Moment


@pytest.fixture
def tier(app):
    return make_tier(make_event(), price_cents=3000, capacity=20)


def counters(code: Code) -> tuple[int, int, int]:
    db.session.rollback()
    db.session.refresh(code)
    assert (code_uses.count_mismatches(), stock.count_mismatches()) == ([], [])
    return code.held, code.used, code.overused


def go_to_pay(checkout, ports, **own):
    return start_payment(reference=checkout.reference, links=LINKS, ports=ports, **own)


def look(start, ports):
    sync_order_payment(order_id=find_order(start.order_number).id, ports=ports)
    return find_order(start.order_number)


def test_one_address_uses_a_code_as_often_as_it_may(tier, gateway, ports):
    code = make_code(tier.event, max_per_email=1)
    first = make_checkout((tier, 1), code=code, email="ada@example.com")
    again = make_checkout((tier, 1), code=code, email="ADA@example.com")
    other = make_checkout((tier, 1), code=code, email="bob@example.com")

    go_to_pay(first, ports)
    go_to_pay(first, ports)
    with pytest.raises(CodeRefused):
        go_to_pay(again, ports)
    go_to_pay(other, ports)

    assert (len(gateway.sessions), counters(code)) == (2, (3, 0, 0))


def test_an_abandoned_basket_does_not_use_up_the_code_of_its_address(tier, gateway, ports):
    code = make_code(tier.event, max_per_email=1)
    make_checkout((tier, 1), code=code, email="ada@example.com")

    go_to_pay(make_checkout((tier, 1), code=code, email="ada@example.com"), ports)

    assert len(gateway.sessions) == 1


@pytest.fixture
def once(tier):
    return make_code(tier.event, max_per_email=1)


def open_pages(gateway) -> list[str]:
    return [name for name, session in gateway.sessions.items() if session.status == "open"]


def test_own_payment_page_that_was_left_gives_its_code_to_the_next_try(tier, once, gateway, ports):
    left = make_checkout((tier, 1), code=once)
    go_to_pay(left, ports)
    again = make_checkout((tier, 1), code=once)

    go_to_pay(again, ports, own_references=[left.reference, again.reference])

    assert open_pages(gateway) == ["cs_test_2"]
    assert counters(once) == (2, 0, 0)
    gateway.pay("cs_test_2")
    sync_order_payment(order_id=db.session.query(Order.id).order_by(Order.id)[1][0], ports=ports)
    assert counters(once) == (1, 1, 0)


def test_two_own_tabs_have_one_page_that_can_be_paid_whoever_pays_last(tier, once, gateway, ports):
    tabs = [make_checkout((tier, 1), code=once) for _ in range(2)]
    references = [tab.reference for tab in tabs]

    for turn, tab in enumerate([*tabs, *tabs], start=1):
        go_to_pay(tab, ports, own_references=references)
        assert open_pages(gateway) == [f"cs_test_{turn}"]


def test_somebody_elses_payment_page_stays_open_and_says_until_when(
    tier, once, gateway, ports, clock
):
    clock.advance(seconds=20)
    go_to_pay(make_checkout((tier, 1), code=once, now=clock()), ports)
    clock.advance(minutes=5)
    typed_the_same = make_checkout((tier, 1), code=once, now=clock())

    with pytest.raises(CodeInUse) as refusal:
        go_to_pay(typed_the_same, ports, own_references=[typed_the_same.reference])

    (fault,) = refusal.value.faults
    assert fault.params["time"] == Moment(NOW + timedelta(minutes=32), "America/Denver")
    assert open_pages(gateway) == ["cs_test_1"]


def test_code_is_free_at_the_minute_that_was_named_without_a_sweep(
    tier, once, gateway, ports, clock
):
    go_to_pay(make_checkout((tier, 1), code=once), ports)
    again = make_checkout((tier, 1), code=once, now=clock() + timedelta(minutes=20))
    clock.advance(minutes=30, seconds=59)
    with pytest.raises(CodeInUse):
        go_to_pay(again, ports)

    clock.advance(seconds=1)
    go_to_pay(again, ports)

    assert open_pages(gateway) == ["cs_test_2"]


def test_money_that_was_faster_uses_the_code_and_the_next_try_is_told(tier, once, gateway, ports):
    left = make_checkout((tier, 1), code=once)
    go_to_pay(left, ports)
    gateway.pay("cs_test_1")
    again = make_checkout((tier, 1), code=once)

    with pytest.raises(CodeRefused) as refusal:
        go_to_pay(again, ports, own_references=[left.reference])

    assert type(refusal.value) is CodeRefused
    assert (list(gateway.sessions), counters(once)) == (["cs_test_1"], (1, 1, 0))


def test_silent_gateway_keeps_the_first_page_and_the_second_hold(tier, once, gateway, ports):
    left = make_checkout((tier, 1), code=once)
    go_to_pay(left, ports)
    again = make_checkout((tier, 1), code=once)
    gateway.is_down = True

    with pytest.raises(PaymentUnavailable):
        go_to_pay(again, ports, own_references=[left.reference])

    gateway.is_down = False
    assert (open_pages(gateway), counters(once)) == (["cs_test_1"], (2, 0, 0))


def test_no_page_is_closed_where_that_would_not_free_the_code(tier, gateway, ports):
    code = make_code(tier.event, max_per_email=2)
    own, other, again = (make_checkout((tier, 1), code=code) for _ in range(3))
    for first in (own, other):
        go_to_pay(first, ports)
    with transaction():
        db.session.get_one(Code, code.id).max_per_email = 1

    with pytest.raises(CodeInUse):
        go_to_pay(again, ports, own_references=[own.reference])

    assert open_pages(gateway) == ["cs_test_1", "cs_test_2"]


def test_an_address_that_is_put_right_at_the_last_moment_frees_its_own_earlier_try(
    tier, once, gateway, ports
):
    left = make_checkout((tier, 1), code=once, email="ada@example.com")
    second = make_checkout((tier, 1), code=once, email="ada@example.co")
    own = {"own_references": [left.reference, second.reference]}
    go_to_pay(left, ports)
    go_to_pay(second, ports, **own)

    right = CheckedDetails(Contact("ada@example.com", "Ada"))
    go_to_pay(second, ports, checked=right, **own)

    assert open_pages(gateway) == ["cs_test_3"]


def test_a_page_that_the_gateway_does_not_know_is_trouble_at_the_gateway(
    tier, once, gateway, ports, clock, monkeypatch
):
    go_to_pay(make_checkout((tier, 1), code=once), ports)
    clock.advance(minutes=40)
    again = make_checkout((tier, 1), code=once, now=clock())

    def refuse(session_id: str) -> NoReturn:
        raise GatewayRefused(session_id)

    monkeypatch.setattr(gateway, "look_up_session", refuse)

    with pytest.raises(PaymentUnavailable):
        go_to_pay(again, ports)
