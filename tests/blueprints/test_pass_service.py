"""Apple's web service for passes: who registers, and what phones are told of."""

from datetime import timedelta

import pytest

from tests.blueprints.pass_phones import Phone, rename, take
from tests.issued import make_order, tickets_of
from tests.pass_certificates import PASS_TYPE
from webapp.database import db
from webapp.domain import passes
from webapp.extensions import signer
from webapp.models import (
    PassRegistration,
    WalletPass,
)


def test_registering_is_new_once_and_known_after(phone, wallet_pass):
    answers = [phone.register(wallet_pass) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert db.session.query(PassRegistration).count() == 1


def test_name_of_the_phone_is_kept_as_a_digest(phone, wallet_pass):
    phone.register(wallet_pass)

    assert phone.name not in db.session.query(PassRegistration).one().device_hash


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
            f"/passes/v1/devices/{phone.name}/registrations/pass.org.example.other"
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
    for number in range(passes.PHONES_PER_PASS):
        assert (
            Phone(phone.client, name=f"phone-{number:04}").register(wallet_pass).status_code == 201
        )

    assert phone.register(wallet_pass).status_code == 403
    assert Phone(phone.client, name="phone-0000").register(wallet_pass).status_code == 200


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
