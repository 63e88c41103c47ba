"""Who gets an offered ticket, and what is dead the moment they do."""

import pytest
from sqlalchemy import delete

from tests.phones import keep_on_phone, subscribe
from tests.purchases import work_of
from tests.transfers import FRIEND, TRACE, Handover, mails_of
from webapp.database import db
from webapp.documents.pass_facts import read_pass_facts
from webapp.domain import outbox, passes, push_messages, signing_keys, ticket_texts, transfer_mails
from webapp.domain.reissues import LAST_REVISION
from webapp.domain.signed_tickets import TicketBody, verify_text
from webapp.errors import InvalidRequest
from webapp.extensions import key_seal
from webapp.models import PushMessage, PushSubscription, TransferClaim, TransferStatus
from webapp.order_refusals import CodesUsedUp
from webapp.transaction import transaction
from webapp.transfer_refusals import (
    NothingOffered,
    TicketGiven,
    TooManyTransferMails,
    TransferTaken,
)


def test_acceptance_makes_everything_new(handover):
    before = handover.ticket
    old = (before.code, before.revision, before.holder_no)

    handover.give_to(FRIEND, "  Grace   Example ")

    after = handover.ticket
    assert after.code != old[0]
    assert (after.revision, after.holder_no) == (old[1] + 1, old[2] + 1)
    assert (after.attendee_name, after.holder_email) == ("Grace Example", FRIEND)
    assert after.serial_number == before.serial_number


def read(ticket) -> TicketBody:
    """What a door reads in the ticket's QR code; genuine, whether good or not."""
    text = ticket_texts.list_ticket_texts([ticket], event=ticket.order.event, seal=key_seal())
    return read_at_door(text[ticket.id], ticket)


def read_at_door(text, ticket) -> TicketBody:
    keys = signing_keys.read_keyring().verifying_keys()
    return verify_text(text, keys=keys, event_id=ticket.event_id, now=ticket.issued_at)


def test_door_with_a_list_knows_the_old_symbol_from_the_new_one(handover):
    before = handover.ticket
    old = ticket_texts.list_ticket_texts([before], event=handover.event, seal=key_seal())

    handover.give_to()

    after = handover.ticket
    (old_text,) = old.values()
    assert read_at_door(old_text, after).revision < after.revision
    assert read(after).revision == after.revision
    assert read(after).ticket_id == after.id == read_at_door(old_text, after).ticket_id


def test_claim_alone_gives_nothing(handover):
    handover.claim(handover.offer())

    assert handover.ticket.holder_no == 1
    assert [mail.recipient for mail in mails_of("transfer_confirmation")] == [FRIEND]


def test_first_who_accepts_gets_the_ticket(handover):
    transfer = handover.offer()
    grace, alan = (handover.claim(transfer, f"{name}@example.com") for name in ("grace", "alan"))

    handover.accept(alan, "Alan Example")

    with pytest.raises(TransferTaken):
        handover.accept(grace)
    assert handover.ticket.holder_email == "alan@example.com"
    assert handover.ticket.holder_no == 2


def test_acceptance_that_is_repeated_is_a_no_op(handover):
    claim = handover.give_to()
    facts = (handover.ticket.code, handover.ticket.revision, handover.ticket.holder_no)

    handover.accept(claim, "Somebody Else")

    after = handover.ticket
    assert (after.code, after.revision, after.holder_no) == facts
    assert after.attendee_name == "Grace Example"
    assert len(mails_of("ticket_received")) == len(mails_of("ticket_given")) == 1


def test_both_sides_hear_of_it(handover):
    handover.give_to()
    handover.give_to("alan@example.com", "Alan Example")

    received, given = mails_of("ticket_received"), mails_of("ticket_given")
    assert [mail.recipient for mail in received] == [FRIEND, "alan@example.com"]
    assert [mail.recipient for mail in given] == [handover.order.contact_email, FRIEND]


def test_ticket_that_went_on_does_not_come_back_by_the_old_link(handover):
    first = handover.give_to()
    handover.give_to("alan@example.com", "Alan Example")

    with pytest.raises(TicketGiven):
        handover.accept(first)
    assert handover.ticket.holder_email == "alan@example.com"


def test_invited_friend_accepts_with_a_name_alone(handover):
    handover.offer()
    claim = handover.invite()

    with pytest.raises(InvalidRequest) as refusal:
        handover.accept(claim)
    assert [fault.field for fault in refusal.value.faults] == ["name"]
    handover.accept(claim, "Grace Example")

    assert handover.ticket.attendee_name == "Grace Example"
    assert [mail.recipient for mail in mails_of("transfer_offer")] == [FRIEND]


def test_nothing_is_mailed_without_an_offer(handover):
    with pytest.raises(NothingOffered):
        handover.invite()

    assert mails_of("transfer_offer") == []


@pytest.mark.parametrize(
    ("email", "name", "fields"),
    [
        ("", "", ["email", "name"]),
        ("nobody", "Grace", ["email"]),
        (FRIEND, "x" * 121, ["name"]),
        (FRIEND, "   ", ["name"]),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(handover, email, name, fields):
    transfer = handover.offer()

    with pytest.raises(InvalidRequest) as refusal:
        handover.claim(transfer, email, name)

    assert sorted(fault.field for fault in refusal.value.faults) == fields
    assert db.session.query(TransferClaim).count() == 0


def test_same_address_in_other_letters_is_the_same_claim(handover):
    transfer = handover.offer()

    first = handover.claim(transfer, "Grace@example.com")
    again = handover.claim(transfer, "GRACE@example.com", "Grace Hopeful")

    assert again.id == first.id
    assert again.name == "Grace Hopeful"
    assert len(mails_of("transfer_confirmation")) == 1


def test_lost_mail_is_sent_again_but_not_without_end(handover, clock):
    transfer = handover.offer()
    for _ in range(transfer_mails.MOST_FOR_CLAIM):
        handover.claim(transfer)
        clock.advance(minutes=3)

    with pytest.raises(TooManyTransferMails):
        handover.claim(transfer)
    assert len(mails_of("transfer_confirmation")) == transfer_mails.MOST_FOR_CLAIM


def test_holder_mails_strangers_three_times_a_day(handover, clock):
    for number in range(3):
        handover.offer()
        handover.invite(f"friend{number}@example.com")
    handover.offer()

    with pytest.raises(TooManyTransferMails):
        handover.invite("friend9@example.com")
    clock.advance(days=1)
    handover.invite("friend9@example.com")

    assert len(mails_of("transfer_offer")) == 4


def test_mailbox_is_not_filled_by_many_tickets(app, clock):
    handovers = [Handover.begin(clock) for _ in range(transfer_mails.MOST_FOR_ADDRESS + 1)]
    for each in handovers[:-1]:
        each.claim(each.offer(), FRIEND.upper())

    with pytest.raises(TooManyTransferMails):
        handovers[-1].claim(handovers[-1].offer())


def test_link_that_a_crowd_opens_mails_to_ten_at_most(handover):
    transfer = handover.offer()
    for number in range(transfer_mails.MOST_UNINVITED_FOR_TRANSFER):
        handover.claim(transfer, f"friend{number}@example.com")

    with pytest.raises(TooManyTransferMails):
        handover.claim(transfer, "one-too-many@example.com")


def test_crowd_that_used_the_link_up_does_not_stop_whom_the_holder_invites(handover):
    transfer = handover.offer()
    for number in range(transfer_mails.MOST_UNINVITED_FOR_TRANSFER):
        handover.claim(transfer, f"stranger{number}@example.com")

    claim = handover.invite(FRIEND)

    assert [mail.recipient for mail in mails_of("transfer_offer")] == [FRIEND]
    assert handover.accept(claim, name="Grace Example").holder_email == FRIEND


def test_offer_is_over_once_it_was_accepted(handover):
    transfer = handover.offer()
    claim = handover.claim(transfer)
    handover.accept(claim)

    db.session.refresh(transfer)
    assert (transfer.status, transfer.closed_at) == (TransferStatus.ACCEPTED, handover.clock())
    with pytest.raises(TransferTaken):
        handover.claim(transfer, "late@example.com")


def test_phones_of_the_giver_hear_of_it_once(handover):
    givers = subscribe(keep_on_phone(handover.order))
    claim = handover.claim(handover.offer())
    assert db.session.query(PushMessage).count() == 0

    for _ in range(2):
        handover.accept(claim)

    message = db.session.query(PushMessage).one()
    assert (message.kind, message.ticket_id) == (push_messages.TICKET_GIVEN, handover.ticket_id)
    assert message.subscription.endpoint == givers
    assert work_of(outbox.SEND_PUSH).subject_id == message.id


def test_phone_that_switches_messages_off_just_now_does_not_hold_the_acceptance_up(handover):
    subscribe(keep_on_phone(handover.order))
    with db.engine.begin() as other:
        other.execute(delete(PushSubscription))

        handover.give_to()

    assert handover.ticket.holder_no == 2
    assert db.session.query(PushMessage).count() == 0


def test_pass_of_the_giver_is_woken_and_says_that_the_ticket_went(handover, clock):
    ticket = handover.ticket
    with transaction():
        taken = passes.take_pass(ticket=ticket, now=clock(), trace_id=TRACE)
        passes.register_phone(
            wallet_pass=taken,
            phone="phone-0001",
            push_token="ab" * 32,
            now=clock(),
            trace_id=TRACE,
        )
    before, serial = taken.changed_at, taken.serial
    clock.advance(minutes=5)

    handover.give_to()

    assert work_of(outbox.WAKE_PHONES).subject_id == taken.id
    changed = passes.find_pass(serial)
    assert changed.changed_at > before
    facts = read_pass_facts(changed.ticket, holder_no=changed.holder_no)
    assert (facts.why_void, facts.qr_text, facts.code, facts.holder) == ("given", "", "", "")


def test_ticket_without_codes_left_stays_where_it_is(handover):
    claim = handover.claim(handover.offer())
    handover.ticket.revision = LAST_REVISION
    db.session.commit()

    with pytest.raises(CodesUsedUp):
        handover.accept(claim)

    assert handover.ticket.holder_no == 1
    assert mails_of("ticket_received") == []
