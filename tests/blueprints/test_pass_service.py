"""Apple's web service for passes, as a phone speaks it."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.http import parse_date
from werkzeug.test import TestResponse

from tests.blueprints.statements import count_queries
from tests.blueprints.test_order_pages import make_order
from tests.blueprints.test_passes import change, content_of, tickets_of
from tests.pass_certificates import PASS_TYPE, apple_keys
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import outbox, passes, ticket_names
from webapp.extensions import signer
from webapp.models import (
    Event,
    EventStatus,
    Outbox,
    PassRegistration,
    Ticket,
    TicketStatus,
    WalletPass,
)
from webapp.transaction import transaction

TRACE = "0" * 32


@dataclass
class Phone:
    """One phone with its passes: registers, asks, fetches."""

    client: FlaskClient
    device: str = "0123456789abcdef0123456789abcdef"
    push_token: str = "ab" * 32

    def headers(self, wallet_pass: WalletPass, token: str | None = None) -> dict[str, str]:
        own = passes.pass_token(signer(), wallet_pass)
        return {"Authorization": f"ApplePass {own if token is None else token}"}

    def registrations(self, wallet_pass: WalletPass) -> str:
        base = f"/passes/v1/devices/{self.device}/registrations/{PASS_TYPE}"
        return f"{base}/{wallet_pass.serial}"

    def register(self, wallet_pass: WalletPass, token: str | None = None) -> TestResponse:
        return self.client.post(
            self.registrations(wallet_pass),
            json={"pushToken": self.push_token},
            headers=self.headers(wallet_pass, token),
        )

    def unregister(self, wallet_pass: WalletPass, token: str | None = None) -> TestResponse:
        return self.client.delete(
            self.registrations(wallet_pass), headers=self.headers(wallet_pass, token)
        )

    def list_changed(self, since: str = "") -> TestResponse:
        tag = f"?passesUpdatedSince={since}" if since else ""
        return self.client.get(f"/passes/v1/devices/{self.device}/registrations/{PASS_TYPE}{tag}")

    def fetch(
        self, wallet_pass: WalletPass, token: str | None = None, since: str = ""
    ) -> TestResponse:
        headers = self.headers(wallet_pass, token) | ({"If-Modified-Since": since} if since else {})
        return self.client.get(
            f"/passes/v1/passes/{PASS_TYPE}/{wallet_pass.serial}", headers=headers
        )


@pytest.fixture
def phone(with_passes, client) -> Phone:
    return Phone(client)


def take(ticket: Ticket, clock) -> WalletPass:
    with transaction():
        return passes.take_pass(ticket=ticket, now=clock(), trace_id=TRACE)


@pytest.fixture
def wallet_pass(with_passes, clock) -> WalletPass:
    return take(tickets_of(make_order(clock))[0], clock)


def rename(wallet_pass: WalletPass, name: str, clock) -> None:
    with transaction():
        ticket_names.change_ticket_name(
            order_id=wallet_pass.ticket.order_id,
            serial_number=wallet_pass.ticket.serial_number,
            name=name,
            now=clock(),
            trace_id=TRACE,
        )


def test_registering_is_new_once_and_known_after(phone, wallet_pass):
    answers = [phone.register(wallet_pass) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert db.session.query(PassRegistration).count() == 1


def test_name_of_the_phone_is_kept_as_a_digest(phone, wallet_pass):
    phone.register(wallet_pass)

    assert phone.device not in db.session.query(PassRegistration).one().device_hash


def test_new_push_token_takes_the_place_of_the_old_one(phone, wallet_pass):
    phone.register(wallet_pass)
    phone.push_token = "cd" * 32

    phone.register(wallet_pass)

    assert db.session.query(PassRegistration).one().push_token == "cd" * 32


def test_unregistering_twice_is_no_fault(phone, wallet_pass):
    phone.register(wallet_pass)

    answers = [phone.unregister(wallet_pass) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert db.session.query(PassRegistration).count() == 0


@pytest.mark.parametrize("token", ["", "0" * 64, "ä"])
def test_wrong_token_opens_nothing(phone, wallet_pass, token):
    answers = [
        phone.register(wallet_pass, token),
        phone.unregister(wallet_pass, token),
        phone.fetch(wallet_pass, token),
    ]

    assert [answer.status_code for answer in answers] == [401] * 3
    assert db.session.query(PassRegistration).count() == 0


def test_token_of_one_pass_does_not_open_another(phone, wallet_pass, clock):
    other = take(tickets_of(make_order(clock))[0], clock)

    answer = phone.fetch(wallet_pass, token=passes.pass_token(signer(), other))

    assert answer.status_code == 401


def test_right_token_for_a_pass_that_nobody_took_is_answered_like_a_wrong_one(phone, with_passes):
    nobody = WalletPass(ticket_id=99, holder_no=1)

    assert phone.fetch(nobody).status_code == 401
    assert phone.client.get(f"/passes/v1/passes/{PASS_TYPE}/x-y").status_code == 401


def test_other_pass_types_are_not_served(phone, wallet_pass):
    other = f"/passes/v1/passes/pass.org.example.other/{wallet_pass.serial}"

    answer = phone.client.get(other, headers=phone.headers(wallet_pass))

    assert answer.status_code == 401
    assert (
        phone.client.get(
            f"/passes/v1/devices/{phone.device}/registrations/pass.org.example.other"
        ).status_code
        == 404
    )


def test_without_keys_the_service_is_not_there(app, ports, phone, wallet_pass):
    app.extensions["ports"] = ports

    assert phone.list_changed().status_code == 404
    assert phone.register(wallet_pass).status_code == 401
    assert phone.fetch(wallet_pass).status_code == 401


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"pushToken": 7}', b'{"pushToken": "no hex"}']
)
def test_registration_without_a_push_token_is_refused(phone, wallet_pass, body):
    answer = phone.client.post(
        phone.registrations(wallet_pass), data=body, headers=phone.headers(wallet_pass)
    )

    assert answer.status_code == 400
    assert db.session.query(PassRegistration).count() == 0


def test_a_pass_is_on_so_many_phones_and_no_more(phone, wallet_pass):
    for number in range(passes.DEVICES_PER_PASS):
        assert (
            Phone(phone.client, device=f"device-{number:04}").register(wallet_pass).status_code
            == 201
        )

    assert phone.register(wallet_pass).status_code == 403
    assert Phone(phone.client, device="device-0000").register(wallet_pass).status_code == 200


def test_answers_set_no_cookie_and_are_stored_by_nobody(phone, wallet_pass):
    answers = [phone.register(wallet_pass), phone.list_changed(), phone.fetch(wallet_pass)]

    assert all("Set-Cookie" not in answer.headers for answer in answers)
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def test_phone_is_told_only_of_what_changed(phone, wallet_pass, clock):
    other = take(tickets_of(wallet_pass.ticket.order)[1], clock)
    for each in (wallet_pass, other):
        phone.register(each)
    clock.advance(minutes=10)
    first = phone.list_changed().json
    assert sorted(first["serialNumbers"]) == sorted([wallet_pass.serial, other.serial])
    clock.advance(minutes=10)
    rename(other, "Grace Example", clock)
    clock.advance(minutes=10)

    second = phone.list_changed(first["lastUpdated"])
    third = phone.list_changed(second.json["lastUpdated"])

    assert second.json["serialNumbers"] == [other.serial]
    assert int(second.json["lastUpdated"]) > int(first["lastUpdated"])
    assert (third.status_code, third.data) == (204, b"")


def test_change_that_is_committed_late_is_not_missed(phone, wallet_pass, clock):
    """Noted at 0 s, committed at 20 s; the phone asked in between about something else."""
    other = take(tickets_of(wallet_pass.ticket.order)[1], clock)
    for each in (wallet_pass, other):
        phone.register(each)
    clock.advance(minutes=10)
    noted_at = clock()
    clock.advance(seconds=10)
    rename(other, "Grace Example", clock)
    tag = phone.list_changed(str(int(noted_at.timestamp()) - 300)).json["lastUpdated"]
    late = clock.now
    clock.now = noted_at
    rename(wallet_pass, "Ada Lovelace-Example", clock)
    clock.now = late + timedelta(seconds=10)

    assert wallet_pass.serial in phone.list_changed(tag).json["serialNumbers"]


def test_tag_that_is_not_ours_lists_everything(phone, wallet_pass):
    phone.register(wallet_pass)

    for tag in ("soon", "-1", "9" * 40, "²"):
        assert phone.list_changed(tag).json["serialNumbers"] == [wallet_pass.serial]


def test_unknown_phone_has_nothing_to_be_told(phone, with_passes):
    assert phone.list_changed().status_code == 204


def test_same_pass_is_not_sent_again(phone, wallet_pass, clock):
    first = phone.fetch(wallet_pass)
    clock.advance(minutes=5)

    again = phone.fetch(wallet_pass, since=first.headers["Last-Modified"])

    assert (first.status_code, first.mimetype) == (200, "application/vnd.apple.pkpass")
    assert (again.status_code, again.data) == (304, b"")


def test_changed_pass_is_sent_with_a_later_moment(phone, wallet_pass, clock):
    first = phone.fetch(wallet_pass)
    rename(wallet_pass, "Grace Example", clock)

    # Within the same second.
    again = phone.fetch(wallet_pass, since=first.headers["Last-Modified"])

    assert again.status_code == 200
    before, after = (parse_date(each.headers["Last-Modified"]) for each in (first, again))
    assert after > before
    names = [field["value"] for field in content_of(again.data)["eventTicket"]["auxiliaryFields"]]
    assert "Grace Example" in names


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
