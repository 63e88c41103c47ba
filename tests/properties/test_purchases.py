"""Any story of purchases: buyers, gateway, bank, staff and workers in any order."""

from contextlib import suppress

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.concurrency.invariants import broken_rules
from tests.properties.staff import OTHER_MONEY, Staff, baskets, weathers
from tests.properties.stories import story_settings
from tests.properties.world import World
from tests.purchases import LINKS
from webapp.database import db
from webapp.domain import checkouts, webhooks
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS
from webapp.errors import Refusal
from webapp.flows.checkouts import change_basket, change_code, give_back_checkout, renew_checkout
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment, withdraw_payment
from webapp.models import Order
from webapp.ports import GatewayUnavailable
from webapp.transaction import transaction

STORIES = story_settings(usual=(50, 25), nightly=(2000, 50))
ORIGIN = Origin(client_key="browser", trace_id="0" * 32)
codes = st.sampled_from([0, 0, 0, 1, 2])
KINDS = ("checkout.session.completed", "checkout.session.expired", "payment_intent.succeeded")


class BoxOffice(Staff):
    """Rules are what anybody may do at any time; a refusal is an answer like another."""

    references = Bundle("references")
    make_world = None

    def __init__(self) -> None:
        super().__init__()
        self.world: World = type(self).make_world()
        self.gateway, self.ports = self.world.gateway, self.world.ports

    @initialize(
        target=references, first=baskets, second=baskets, capacity=st.sampled_from([3, 4, 8])
    )
    def open_the_doors(self, first, second, capacity):
        self.world.make_room_for(capacity)
        return multiple(*(ref for ref in map(self.open, (first, second)) if ref))

    # Buyers at the box office.

    @rule(target=references, basket=baskets, code=codes)
    def open_checkout(self, basket, code):
        reference = self.open(basket, code)
        return reference or multiple()

    @rule(
        target=references,
        basket=baskets,
        code=codes,
        paid=st.sampled_from([{}, {}, {}, *OTHER_MONEY, None]),
    )
    def hurry_to_the_gateway(self, basket, code, paid):
        reference = self.open(basket, code)
        if not reference:
            return multiple()
        self.go_to_pay(reference=reference, weather="fine")
        session_id = f"cs_test_{len(self.gateway.sessions)}"
        if paid is not None and session_id in self.world.gateway_sessions(status="open"):
            self.gateway.pay(session_id, **paid)
        return reference

    @rule(reference=references)
    def pay_on_two_pages(self, reference):
        """The first page was closed and taken for closed; it was not."""
        self.go_to_pay(reference=reference, weather="fine")
        with suppress(Refusal):
            withdraw_payment(reference=reference, ports=self.ports)
        closed = self.world.gateway_sessions(status="expired")
        self.go_to_pay(reference=reference, weather="fine")
        for session_id in self.world.gateway_sessions(status="open")[-1:]:
            self.gateway.pay(session_id)
        for session_id in closed[-1:]:
            self.gateway.pay_after_the_end(session_id)

    @rule(reference=references, basket=baskets)
    def change_the_basket(self, reference, basket):
        with suppress(Refusal):
            change_basket(
                reference=reference, lines=self.lines(basket), caps=NO_CAPS, ports=self.ports
            )

    @rule(target=references, reference=references, code=codes)
    def change_the_code(self, reference, code):
        about = {"origin": ORIGIN, "caps": NO_CAPS, "ports": self.ports}
        with suppress(Refusal):
            code_id = self.world.codes[code]
            return change_code(reference=reference, code_id=code_id, **about).reference
        return multiple()

    @rule(reference=references)
    def ask_for_more_time(self, reference):
        with suppress(Refusal), transaction():
            checkouts.extend_hold(reference=reference, now=self.world.clock())

    @rule(reference=references, weather=weathers)
    def give_the_places_back(self, reference, weather):
        with suppress(Refusal), self.gateway.weather(weather):
            give_back_checkout(reference=reference, ports=self.ports)

    @rule(target=references, reference=references)
    def try_again(self, reference):
        with suppress(Refusal):
            return renew_checkout(
                reference=reference, origin=ORIGIN, caps=NO_CAPS, ports=self.ports
            ).reference
        return multiple()

    @rule(reference=references, weather=weathers)
    def go_to_pay(self, reference, weather):
        with suppress(Refusal, GatewayUnavailable), self.gateway.weather(weather):
            start = start_payment(reference=reference, links=LINKS, ports=self.ports)
            if start.url:
                self.world.known.add(start.url.rsplit("/", 1)[1])

    @rule(reference=references, weather=weathers)
    def come_back_from_the_gateway(self, reference, weather):
        with suppress(Refusal), self.gateway.weather(weather):
            withdraw_payment(reference=reference, ports=self.ports)

    @rule(data=st.data())
    def look_at_the_gateway(self, data):
        db.session.rollback()
        order_ids = db.session.scalars(db.select(Order.id).order_by(Order.id)).all()
        if order_ids:
            with suppress(GatewayUnavailable):
                order_id = data.draw(st.sampled_from(order_ids))
                sync_order_payment(order_id=order_id, ports=self.ports)

    # Buyers and banks at the gateway.

    @precondition(lambda self: self.world.gateway_sessions(status="open"))
    @rule(data=st.data())
    def pay(self, data):
        self.gateway.pay(data.draw(st.sampled_from(self.world.gateway_sessions(status="open"))))

    @precondition(lambda self: self.world.gateway_sessions(status="open"))
    @rule(data=st.data())
    def begin_a_delayed_payment(self, data):
        self.gateway.start_delayed(
            data.draw(st.sampled_from(self.world.gateway_sessions(status="open")))
        )

    @precondition(lambda self: self.world.delayed_sessions())
    @rule(data=st.data(), succeeds=st.booleans())
    def settle_a_delayed_payment(self, data, succeeds):
        session_id = data.draw(st.sampled_from(self.world.delayed_sessions()))
        self.gateway.settle_delayed(session_id, succeeds=succeeds)

    @precondition(lambda self: self.world.gateway_sessions(status="expired"))
    @rule(data=st.data())
    def pay_after_the_end(self, data):
        session_id = data.draw(st.sampled_from(self.world.gateway_sessions(status="expired")))
        self.gateway.pay_after_the_end(session_id)

    # Notices, workers and time.

    @precondition(lambda self: self.gateway.sessions)
    @rule(data=st.data(), kind=st.sampled_from(KINDS), times=st.integers(1, 2))
    def deliver_a_notice(self, data, kind, times):
        session_id = data.draw(st.sampled_from(sorted(self.gateway.sessions)))
        notice = self.gateway.notice_about(session_id, kind)
        for _ in range(times):
            with transaction():
                webhooks.record_notice(
                    provider="stripe", notice=notice, now=self.world.clock(), trace_id="t"
                )

    @rule(limit=st.integers(1, 3), weather=weathers)
    def work(self, limit, weather):
        with self.gateway.weather(weather):
            self.world.work(limit)
        self.world.mail()

    @rule(weather=weathers)
    def do_everything_again(self, weather):
        self.world.forget_what_was_done()
        with self.gateway.weather(weather):
            self.world.work()

    @rule()
    def sweep(self):
        self.world.sweep()

    @rule(is_looked_at=st.booleans())
    def let_every_session_end(self, is_looked_at):
        self.world.clock.advance(minutes=37)
        if is_looked_at:
            self.world.sweep()
            self.world.work()

    @rule(minutes=st.sampled_from([1, 6, 16]))
    def let_time_pass(self, minutes):
        self.world.clock.advance(minutes=minutes)

    # What is always true.

    @invariant()
    def every_rule_of_the_database_holds(self):
        assert broken_rules() == []

    @invariant()
    def no_seat_is_given_up_while_its_session_can_be_paid(self):
        assert self.world.seats_given_up_too_early() == []

    @invariant()
    def work_fails_for_reasons_outside_only(self):
        assert self.world.own_faults() == []

    @invariant()
    def no_mail_goes_out_twice(self):
        assert self.world.mails_sent_twice() == []

    def teardown(self):
        """In the end nobody paid for nothing, and both sides count the same money."""
        self.world.drain()
        assert broken_rules() == []
        assert self.world.own_faults() == []
        assert self.world.unanswered_money() == []
        assert self.world.mails_sent_twice() == []
        assert self.world.kept_cents() == self.world.kept_cents_at_gateway()
        assert self.world.places_held_for_nobody() == []

    def open(self, basket, code=0):
        with suppress(Refusal), transaction():
            return checkouts.open_checkout(
                event_slug=self.world.slug,
                lines=self.lines(basket),
                contact=Contact(email="guest@example.com"),
                origin=ORIGIN,
                caps=NO_CAPS,
                now=self.world.clock(),
                code_id=self.world.codes[code],
            ).reference
        return None

    def lines(self, basket):
        return [BasketLine(self.world.tiers[number], quantity) for number, quantity in basket]


@pytest.fixture
def machine(app, ports):
    """The stories, told in the test's own database."""
    return type("BoxOffice", (BoxOffice,), {"make_world": staticmethod(lambda: World(app, ports))})


def test_no_story_breaks_a_promise(machine):
    run_state_machine_as_test(machine, settings=STORIES)
