"""What staff do in a story: give money back at the gateway, and decide what no rule may."""

from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from webapp.domain.verdicts import VERDICTS, CannotDecide
from webapp.errors import Refusal
from webapp.flows.reviews import decide_review
from webapp.ports import GatewayUnavailable

baskets = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 2)),
    min_size=1,
    max_size=2,
    unique_by=lambda i: i[0],
)
# Most calls are answered; some never arrive, some answers never come back.
weathers = st.sampled_from(["fine"] * 6 + ["down", "loses_answers"])
# Less and more than was asked for, and the same in another currency.
OTHER_MONEY = ({"amount_cents": 1}, {"amount_cents": 40_000}, {"currency": "EUR"})
# The third says what happened past the gateway, which then knows nothing of it.
verdicts = st.sampled_from(VERDICTS[:2])


class Staff(RuleBasedStateMachine):
    """Rules for a machine that has a world and can open a checkout and go to pay."""

    @precondition(lambda self: self.world.gateway_sessions(payment_status="paid"))
    @rule(data=st.data(), part=st.sampled_from([1, 2]), status=st.sampled_from(["pending", "ok"]))
    def refund_at_the_gateway(self, data, part, status):
        session_id = data.draw(st.sampled_from(self.world.gateway_sessions(payment_status="paid")))
        payment_id = self.gateway.sessions[session_id].payment_id
        if amount := self.gateway.left_cents(payment_id) // part:
            self.gateway.refund_status = "pending" if status == "pending" else "succeeded"
            self.gateway.refund_at_gateway(payment_id, amount)
            self.gateway.refund_status = "succeeded"

    @precondition(lambda self: self.world.orders_in_review())
    @rule(data=st.data(), verdict=verdicts, weather=weathers)
    def decide_a_review(self, data, verdict, weather):
        self.decide(data.draw(st.sampled_from(self.world.orders_in_review())), verdict, weather)

    @rule(
        basket=baskets,
        paid=st.sampled_from(OTHER_MONEY),
        part=st.sampled_from([0, 1, 2]),
        verdict=verdicts,
    )
    def have_other_money_decided(self, basket, paid, part, verdict):
        """A whole review in one step, so that stories go on after it."""
        reference = self.open(basket)
        sessions = set(self.gateway.sessions)
        if reference:
            self.go_to_pay(reference=reference, weather="fine")
        for session_id in set(self.gateway.sessions) - sessions:
            asked = self.gateway.sessions[session_id].amount_cents
            self.gateway.pay(session_id, **paid)
            self.world.sync(session_id)
            payment_id = self.gateway.sessions[session_id].payment_id
            too_much = self.gateway.left_cents(payment_id) - asked
            if part and too_much > 0:
                self.gateway.refund_at_gateway(payment_id, too_much // part)
            for number in self.world.orders_in_review()[-1:]:
                self.decide(number, verdict, "fine")

    def decide(self, number, verdict, weather):
        about = {"who": "staff", "why": "agreed", "ports": self.ports}
        with suppress(Refusal, GatewayUnavailable, CannotDecide), self.gateway.weather(weather):
            decide_review(number=number, verdict=verdict, **about)
