"""What nobody needs any more is forgotten, a little at a time, and what was done stays written."""

from datetime import timedelta

import pytest

from tests.issued import make_order
from tests.transfers import TRACE, Handover
from webapp.database import db
from webapp.domain import orders, passes
from webapp.domain.passes import REGISTRATIONS_KEPT_FOR
from webapp.domain.transfer_claims import UNFINISHED_KEPT_FOR
from webapp.flows import housekeeping
from webapp.models import (
    AuditEntry,
    EmailMessage,
    EmailStatus,
    Event,
    Order,
    PassRegistration,
    TransferClaim,
    WalletPass,
)
from webapp.transaction import transaction

SECOND = timedelta(seconds=1)


@pytest.fixture
def handover(app, clock) -> Handover:
    return Handover.begin(clock)


def let_mails_out() -> None:
    db.session.query(EmailMessage).update({"status": EmailStatus.SENT})
    db.session.commit()


def addresses() -> set[str]:
    """Of everybody who claims or claimed a ticket, and whom mails about it went to."""
    db.session.rollback()
    claims = {claim.email for claim in db.session.query(TransferClaim)}
    mails = db.session.query(EmailMessage).filter(EmailMessage.transfer_claim_id.is_not(None))
    return claims | {mail.recipient for mail in mails}


def test_who_never_confirmed_is_forgotten_a_month_after_the_offer_ended(handover, ports, clock):
    handover.claim(handover.offer(), "stranger@example.com")
    let_mails_out()
    handover.withdraw(number=1)
    clock.advance(seconds=UNFINISHED_KEPT_FOR.total_seconds())
    before = housekeeping.clear_up(ports=ports)["claims_deleted"], addresses()
    clock.advance(seconds=1)

    counts = [housekeeping.clear_up(ports=ports)["claims_deleted"] for _ in range(2)]

    assert before == (0, {"stranger@example.com"})
    assert counts == [1, 0]
    assert addresses() == set()
    assert db.session.query(AuditEntry).count() > 0


def test_offer_that_nobody_closed_ends_with_the_events_deadline(handover, ports, clock):
    handover.claim(handover.offer(), "stranger@example.com")
    let_mails_out()
    deadline = handover.event.starts_at
    clock.now = deadline + UNFINISHED_KEPT_FOR
    before = housekeeping.clear_up(ports=ports)["claims_deleted"]
    clock.advance(seconds=1)

    housekeeping.clear_up(ports=ports)

    assert before == 0
    assert addresses() == set()


def test_who_got_the_ticket_stays_and_who_was_late_goes(handover, ports, clock):
    transfer = handover.offer()
    handover.claim(transfer, "late@example.com")
    handover.accept(handover.claim(transfer, "grace@example.com"))
    let_mails_out()
    clock.now = handover.event.starts_at + UNFINISHED_KEPT_FOR + SECOND

    housekeeping.clear_up(ports=ports)

    assert "grace@example.com" in addresses()
    assert "late@example.com" not in addresses()
    assert handover.ticket.holder_email == "grace@example.com"


def test_claim_of_an_open_offer_stays_however_old(handover, ports, clock):
    event = handover.event
    event.starts_at, event.ends_at = clock() + timedelta(days=300), clock() + timedelta(days=301)
    db.session.commit()
    claim = handover.claim(handover.offer())
    let_mails_out()
    clock.advance(days=200)

    housekeeping.clear_up(ports=ports)

    assert handover.accept(claim).holder_no == 2


@pytest.mark.parametrize("status", [EmailStatus.QUEUED, EmailStatus.SENDING])
def test_claim_whose_mail_is_on_its_way_stays(handover, ports, clock, status):
    handover.claim(handover.offer())
    handover.withdraw(number=1)
    db.session.query(EmailMessage).update({"status": status})
    db.session.commit()
    clock.advance(days=60)

    counts = housekeeping.clear_up(ports=ports)

    assert counts["claims_deleted"] == 0
    assert addresses()


def test_a_turn_deletes_so_many_and_the_next_the_rest(handover, ports, clock, monkeypatch):
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    monkeypatch.setattr(housekeeping, "MOST_BATCHES", 1)
    transfer = handover.offer()
    for number in range(3):
        handover.claim(transfer, f"stranger-{number}@example.com")
    let_mails_out()
    handover.withdraw(number=1)
    clock.advance(days=31)

    counts = [housekeeping.clear_up(ports=ports)["claims_deleted"] for _ in range(3)]

    assert counts == [2, 1, 0]


def follow(order: Order, now) -> None:
    """A phone takes the pass of the order's first ticket and wants to hear of changes."""
    ticket = orders.list_tickets(order_id=order.id)[0]
    with transaction():
        wallet_pass = passes.take_pass(ticket=ticket, now=now, trace_id=TRACE)
        passes.register_phone(
            wallet_pass=wallet_pass,
            phone=f"phone-{ticket.id:04}",
            push_token="ab" * 32,
            now=now,
            trace_id=TRACE,
        )


def test_phones_follow_a_pass_until_ninety_days_after_its_event(app, ports, clock):
    old, running = make_order(clock), make_order(clock)
    follow(old, clock())
    follow(running, clock())
    ends_at = db.session.get_one(Event, old.event_id).ends_at
    later = db.session.get_one(Event, running.event_id)
    later.ends_at += timedelta(days=1)
    db.session.commit()
    clock.now = ends_at + REGISTRATIONS_KEPT_FOR
    before = housekeeping.clear_up(ports=ports)["registrations_deleted"]
    clock.advance(seconds=1)

    counts = [housekeeping.clear_up(ports=ports)["registrations_deleted"] for _ in "ab"]

    assert (before, counts) == (0, [1, 0])
    [left] = db.session.query(PassRegistration)
    assert db.session.get_one(WalletPass, left.pass_id).ticket.event_id == later.id
    assert db.session.query(WalletPass).count() == 2
