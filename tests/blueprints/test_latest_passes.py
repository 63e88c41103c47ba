"""The latest version of a pass: what a phone fetches once it was woken."""

from dataclasses import replace
from datetime import timedelta

from werkzeug.http import parse_date

from tests.blueprints.pass_phones import change, content_of, rename, take
from tests.blueprints.statements import count_queries
from tests.issued import make_order, tickets_of
from tests.pass_certificates import apple_keys
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import outbox
from webapp.models import (
    Event,
    EventStatus,
    Outbox,
    Ticket,
    TicketStatus,
)


def test_same_pass_is_not_sent_again(phone, wallet_pass, clock):
    first = phone.fetch(wallet_pass)
    clock.advance(minutes=5)

    again = phone.fetch(wallet_pass, since=first.headers["Last-Modified"])

    assert (first.status_code, first.mimetype) == (200, "application/vnd.apple.pkpass")
    assert (again.status_code, again.data) == (304, b"")


def test_changed_pass_is_sent_with_a_later_moment(phone, wallet_pass, clock):
    first = phone.fetch(wallet_pass)
    wallet_pass.ticket.order.event.title = "Another evening"
    db.session.commit()

    # Within the same second.
    again = phone.fetch(wallet_pass, since=first.headers["Last-Modified"])

    assert again.status_code == 200
    before, after = (parse_date(each.headers["Last-Modified"]) for each in (first, again))
    assert after > before
    (field,) = content_of(again.data)["eventTicket"]["primaryFields"]
    assert field["value"] == "Another evening"


def test_guest_who_was_replaced_is_not_brought_the_new_code(phone, wallet_pass, clock):
    phone.register(wallet_pass)
    rename(wallet_pass, "Grace Example", clock)

    former = content_of(phone.fetch(wallet_pass).data)
    db.session.expire_all()
    ticket = db.session.get_one(Ticket, wallet_pass.ticket_id)
    new = take(ticket, clock)

    assert former["voided"] is True
    assert "barcodes" not in former
    assert "Grace" not in str(former)
    assert new.serial != wallet_pass.serial
    (barcode,) = content_of(phone.fetch(new).data)["barcodes"]
    assert barcode["altText"].replace(" ", "") == ticket.code
    # The phone hears of it at once.
    assert work_of(outbox.WAKE_PHONES).subject_id == wallet_pass.id


def test_pass_from_before_passes_were_for_one_code_follows_its_ticket(phone, wallet_pass, clock):
    wallet_pass.revision = None
    db.session.commit()
    rename(wallet_pass, "Grace Example", clock)

    latest = content_of(phone.fetch(wallet_pass).data)

    assert wallet_pass.serial == f"{wallet_pass.ticket_id}-1"
    assert latest["voided"] is False


def test_revoked_ticket_is_a_void_pass_without_a_code(phone, wallet_pass, clock):
    first = phone.fetch(wallet_pass)
    assert content_of(first.data)["voided"] is False
    change(wallet_pass.ticket, status=TicketStatus.VOID)
    clock.advance(seconds=5)

    latest = phone.fetch(wallet_pass, since=first.headers["Last-Modified"])

    assert latest.status_code == 200
    assert content_of(latest.data)["voided"] is True
    assert "barcodes" not in content_of(latest.data)


def test_whoever_passed_the_ticket_on_keeps_a_void_pass_that_names_nobody(
    phone, wallet_pass, clock
):
    phone.register(wallet_pass)
    change(wallet_pass.ticket, holder_no=2, revision=2, attendee_name="Grace Example")
    clock.advance(minutes=5)

    former = phone.fetch(wallet_pass)
    db.session.expire_all()
    new = take(db.session.get_one(Ticket, wallet_pass.ticket_id), clock)

    assert content_of(former.data)["voided"] is True
    assert "Grace" not in str(content_of(former.data))
    assert new.serial != wallet_pass.serial
    assert content_of(phone.fetch(new).data)["voided"] is False
    # The buyer's own number.
    fields = content_of(phone.fetch(new).data)["eventTicket"]["backFields"]
    assert "order" not in [field["key"] for field in fields]


def test_moved_event_is_a_changed_pass(phone, wallet_pass, clock):
    first = phone.fetch(wallet_pass)
    event = wallet_pass.ticket.order.event
    db.session.query(Event).update({"venue_name": "The Other Hall"})
    db.session.commit()
    clock.advance(seconds=5)

    latest = phone.fetch(wallet_pass, since=first.headers["Last-Modified"])

    assert event.id
    assert "The Other Hall" in str(content_of(latest.data))


def test_cancelled_event_is_a_void_pass(phone, wallet_pass):
    db.session.query(Event).update({"status": EventStatus.CANCELLED})
    db.session.commit()

    content = content_of(phone.fetch(wallet_pass).data)

    assert content["voided"] is True
    assert content["eventTicket"]["headerFields"][0]["value"] == "Event cancelled"


def test_expired_certificate_sends_no_broken_pass(app, with_passes, phone, wallet_pass, clock):
    own = replace(with_passes.passes, apple=apple_keys(ends_at=clock() + timedelta(days=1)))
    app.extensions["ports"] = replace(with_passes, passes=own)
    clock.advance(days=2)

    answer = phone.fetch(wallet_pass)

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_pass_that_changed_before_its_phone_registered_is_pushed(phone, wallet_pass, clock):
    clock.advance(seconds=5)
    rename(wallet_pass, "Grace Example", clock)
    assert db.session.query(Outbox).filter_by(kind=outbox.WAKE_PHONES).count() == 0

    phone.register(wallet_pass)

    assert work_of(outbox.WAKE_PHONES).subject_id == wallet_pass.id


def test_complaints_of_phones_are_counted_and_their_texts_are_not_kept(phone, with_passes, caplog):
    answer = phone.client.post("/passes/v1/log", json={"logs": ["guest@example.com", "two"]})

    assert answer.status_code == 200
    assert "guest@example.com" not in caplog.text
    assert [record.entries for record in caplog.records if hasattr(record, "entries")] == [2]


def test_questions_do_not_grow_with_the_passes_of_a_phone(phone, wallet_pass, clock):
    phone.register(wallet_pass)
    one = count_queries(phone.list_changed)
    for ticket in tickets_of(make_order(clock)):
        phone.register(take(ticket, clock))

    assert count_queries(phone.list_changed) == one
