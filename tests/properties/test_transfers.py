"""Any story of one order's tickets: each has one holder who can show it, and no way back."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.conftest import empty_database
from tests.factories import NOW
from tests.fakes import FrozenClock
from tests.issued import add_captured_payment
from tests.properties.stories import story_settings
from tests.transfers import TRACE, Handover
from webapp.database import db
from webapp.domain import refunds, ticket_access, ticket_names
from webapp.domain.transfer_claims import holds_ticket
from webapp.errors import NotFound, Refusal
from webapp.models import Ticket, TicketStatus, Transfer, TransferClaim, TransferStatus
from webapp.ports import RefundSighting
from webapp.signing import Signer
from webapp.transaction import transaction

STORIES = story_settings(usual=(30, 20), nightly=(1000, 50))
SIGNER = Signer("a-secret-of-tests-only-0123456789abcd")
which = st.sampled_from([0, 1])
people = st.sampled_from(["grace", "alan", "mary"])


class Handovers(RuleBasedStateMachine):
    """Rules are what anybody may do at any time; a refusal is an answer like another."""

    claims = Bundle("claims")
    # Over all stories: those in which nothing ever moved would prove nothing.
    accepted: list[int]

    @initialize()
    def buy(self):
        empty_database()
        self.clock = FrozenClock(NOW)
        first = Handover.begin(self.clock)
        self.handovers = [first, Handover(self.clock, first.order, first.ticket_id + 1)]
        add_captured_payment(first.order, now=NOW)
        # Every link to the ticket that was ever good, and every code under it.
        self.links = [{}, {}]
        self.codes = [{}, {}]
        self.revisions = [1, 1]

    @rule(ticket=which)
    def offer(self, ticket):
        with suppress(Refusal):
            self.handovers[ticket].offer()

    @rule(ticket=which, number=st.integers(1, 4))
    def offer_again(self, ticket, number):
        with suppress(Refusal):
            self.handovers[ticket].offer(number=number)

    @rule(ticket=which, number=st.integers(1, 4))
    def withdraw(self, ticket, number):
        with suppress(Refusal):
            self.handovers[ticket].withdraw(number=number)

    @rule(target=claims, ticket=which, person=people)
    def open_the_link(self, ticket, person):
        handover = self.handovers[ticket]
        offered = self.newest_transfer(ticket)
        if offered is None:
            return multiple()
        with suppress(Refusal):
            return (ticket, handover.claim(offered, f"{person}@example.com", person.title()).id)
        return multiple()

    @rule(target=claims, ticket=which, person=people, is_accepted=st.booleans())
    def hurry(self, ticket, person, is_accepted):
        """The way that most people go, which chance alone would rarely find."""
        handover = self.handovers[ticket]
        with suppress(Refusal):
            offered = handover.offer()
            claim = handover.claim(offered, f"{person}@example.com", person.title())
            if is_accepted:
                handover.accept(claim)
                self.accepted.append(ticket)
            return (ticket, claim.id)
        return multiple()

    @rule(target=claims, ticket=which, person=people)
    def invite(self, ticket, person):
        with suppress(Refusal):
            return (ticket, self.handovers[ticket].invite(f"{person}@example.com").id)
        return multiple()

    @rule(claim=claims, name=st.sampled_from(["", "Grace", "x" * 200]))
    def accept(self, claim, name):
        ticket, claim_id = claim
        with suppress(Refusal):
            self.handovers[ticket].accept(db.session.get_one(TransferClaim, claim_id), name)
            self.accepted.append(ticket)

    @rule(ticket=which, name=st.sampled_from(["Ada", "Bob"]))
    def rename(self, ticket, name):
        row = self.handovers[ticket].ticket
        given, before = row.is_given, row.attendee_name
        with suppress(Refusal), transaction():
            ticket_names.change_ticket_name(
                order_id=row.order_id,
                serial_number=row.serial_number,
                name=name,
                now=self.clock(),
                trace_id=TRACE,
            )
        assert not given or self.handovers[ticket].ticket.attendee_name == before

    @rule(days=st.sampled_from([1] * 9 + [31]))
    def wait(self, days):
        self.clock.now += timedelta(days=days)

    @rule(is_meant=st.sampled_from([False] * 9 + [True]))
    def refund(self, is_meant):
        if not is_meant:
            return
        order = self.handovers[0].ticket.order
        whole = RefundSighting("re_1", "succeeded", order.total_cents, "pi_1")
        with transaction():
            refunds.apply_refunds(order_id=order.id, sightings=[whole], now=self.clock())

    @invariant()
    def one_holder_can_show_it(self):
        for number, row in enumerate(self.rows()):
            self.links[number].setdefault(
                row.holder_no, ticket_access.seal_ticket_link(SIGNER, row)
            )
            good = [no for no, link in self.links[number].items() if self.opens(link)]
            assert good == [row.holder_no]
            buyers = ticket_access.get_order_ticket(ticket_id=row.id, may_open=lambda _: True)
            assert (buyers.status == "given") is (row.holder_no > 1)
            holders = [claim for claim in self.claims_of(row) if holds_ticket(claim)]
            assert len(holders) == (1 if row.is_given else 0)

    @invariant()
    def old_secrets_are_dead(self):
        for number, row in enumerate(self.rows()):
            assert row.revision >= self.revisions[number]
            self.revisions[number] = row.revision
            assert row.revision >= row.holder_no
            holder_of_code = self.codes[number].setdefault(row.code, row.holder_no)
            assert holder_of_code == row.holder_no

    @invariant()
    def transfers_add_up(self):
        for row in self.rows():
            query = db.session.query(Transfer).filter_by(ticket_id=row.id)
            accepted = query.filter_by(status=TransferStatus.ACCEPTED).all()
            assert sorted(each.from_holder_no for each in accepted) == list(range(1, row.holder_no))
            opened = query.filter_by(status=TransferStatus.OFFERED).count()
            assert opened <= (row.status is TicketStatus.VALID)

    def rows(self):
        db.session.rollback()
        db.session.expire_all()
        ids = [handover.ticket_id for handover in self.handovers]
        return [db.session.get_one(Ticket, ticket_id) for ticket_id in ids]

    def claims_of(self, row):
        query = db.session.query(TransferClaim).join(TransferClaim.transfer)
        return query.filter(Transfer.ticket_id == row.id).all()

    def newest_transfer(self, ticket):
        query = db.session.query(Transfer).filter_by(ticket_id=self.handovers[ticket].ticket_id)
        return query.order_by(Transfer.number.desc()).first()

    @staticmethod
    def opens(link):
        try:
            ticket_access.open_ticket_link(SIGNER, link)
        except NotFound:
            return False
        return True


@pytest.mark.usefixtures("app")
def test_no_story_gives_a_ticket_two_holders():
    machine = type("Stories", (Handovers,), {"accepted": []})
    run_state_machine_as_test(machine, settings=STORIES)

    assert len(machine.accepted) > STORIES.max_examples // 4
