"""A ticket that many accept at once has one new holder; without its guards, many."""

from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import select, update

from tests.concurrency.crowd import BARRIER_SECONDS, call_at_once
from tests.factories import NOW
from tests.issued import add_captured_payment
from tests.transfers import TRACE, Handover, mails_of
from webapp.database import db
from webapp.domain import refunds, transfer_claims, transfers
from webapp.models import Ticket, TicketStatus, Transfer, TransferClaim, TransferStatus
from webapp.ports import RefundSighting
from webapp.transaction import transaction

AT_ONCE = 16
# A link goes to ten addresses at most; the rest presses a second time.
FRIENDS = 8


@pytest.fixture
def handover(app, clock):
    return Handover.begin(clock)


@pytest.fixture
def claims(handover):
    transfer = handover.offer()
    return [handover.claim(transfer, f"friend{number}@example.com") for number in range(FRIENDS)]


def press(claim_id):
    with transaction():
        ticket = transfer_claims.accept_ticket(
            claim_id=claim_id, name="", locale="en", now=NOW, trace_id=TRACE
        )
        return ticket.holder_email


def press_unlocked(claim_id, *, start):
    """What accepting would be without a lock: look, then write."""
    with transaction():
        claim = db.session.get_one(TransferClaim, claim_id)
        transfer = claim.transfer
        if transfer.status is not TransferStatus.OFFERED:
            raise AssertionError("nobody can have been faster")
        start.wait()
        db.session.execute(
            update(Ticket)
            .where(Ticket.id == transfer.ticket_id)
            .values(holder_no=Ticket.holder_no + 1)
        )
        db.session.execute(
            update(TransferClaim).where(TransferClaim.id == claim_id).values(accepted_at=NOW)
        )
        db.session.execute(
            update(Transfer)
            .where(Transfer.id == transfer.id)
            .values(status=TransferStatus.ACCEPTED, closed_at=NOW)
        )
        return claim.email


def accepted_claims():
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(
        select(TransferClaim).where(TransferClaim.accepted_at.is_not(None))
    ).all()


def test_sixteen_acceptances_have_one_winner(crowd, handover, claims):
    revision = handover.ticket.revision
    calls = [partial(press, claim.id) for claim in claims] * (AT_ONCE // FRIENDS)

    outcomes = call_at_once(crowd, calls)

    (winner,) = accepted_claims()
    ticket = handover.ticket
    # The winner pressed twice and is told the same both times.
    assert outcomes.answers == [winner.email] * 2
    assert outcomes.refusal_kinds() == {"TransferTaken"}
    assert len(outcomes.refusals) == AT_ONCE - 2
    assert (ticket.holder_email, ticket.holder_no) == (winner.email, 2)
    assert ticket.revision == revision + 1
    assert len(mails_of("ticket_received")) == len(mails_of("ticket_given")) == 1


def test_without_lock_and_index_everybody_wins(unguarded, handover, claims):
    start = Barrier(FRIENDS, timeout=BARRIER_SECONDS)
    crowd = unguarded("transfers", "transfer_claims")

    outcomes = call_at_once(
        crowd, [partial(press_unlocked, claim.id, start=start) for claim in claims]
    )

    assert (len(outcomes.answers), outcomes.refusals) == (FRIENDS, [])
    assert handover.ticket.holder_no == 1 + FRIENDS


def test_index_alone_stops_a_second_winner(crowd, handover, claims):
    start = Barrier(FRIENDS, timeout=BARRIER_SECONDS)

    outcomes = call_at_once(
        crowd, [partial(press_unlocked, claim.id, start=start) for claim in claims]
    )

    assert len(outcomes.answers) == 1
    assert outcomes.refusal_kinds() == {"IntegrityError"}
    assert handover.ticket.holder_no == 2


def test_withdrawal_or_acceptance_but_never_both(crowd, handover, claims):
    def take_back():
        with transaction():
            transfers.withdraw_transfer(
                ticket_id=handover.ticket_id, holder_no=1, number=1, now=NOW, trace_id=TRACE
            )
        return "back"

    outcomes = call_at_once(crowd, [partial(press, claims[0].id), take_back])

    db.session.expire_all()
    (status,) = db.session.scalars(select(Transfer.status))
    has_moved = handover.ticket.holder_no == 2
    assert has_moved is (status is TransferStatus.ACCEPTED)
    assert outcomes.refusal_kinds() == ({"TicketGiven"} if has_moved else {"TransferWithdrawn"})


def test_refund_at_the_same_moment_leaves_no_valid_ticket_and_no_deadlock(crowd, handover, claims):
    order = handover.order
    add_captured_payment(order, now=NOW)
    whole = RefundSighting("re_1", "succeeded", order.total_cents, "pi_1")

    def refund():
        with transaction():
            refunds.apply_refunds(order_id=order.id, sightings=[whole], now=NOW)
        return "refunded"

    outcomes = call_at_once(crowd, [refund, *(partial(press, claim.id) for claim in claims)])

    assert outcomes.deadlocks == 0
    assert "refunded" in outcomes.answers
    assert outcomes.refusal_kinds() <= {"TransferTaken", "TransferLapsed"}
    ticket = handover.ticket
    assert ticket.status is TicketStatus.VOID
    told = [mail.recipient for mail in mails_of("ticket_voided")]
    assert told == ([ticket.holder_email] if ticket.is_given else [])


def test_button_pressed_many_times_at_once_makes_one_link(crowd, handover):
    def offer():
        with transaction():
            return transfers.offer_ticket(
                ticket_id=handover.ticket_id, holder_no=1, number=1, now=NOW, trace_id=TRACE
            ).reference

    outcomes = call_at_once(crowd, [offer] * AT_ONCE)

    assert outcomes.refusals == []
    assert len(set(outcomes.answers)) == 1
