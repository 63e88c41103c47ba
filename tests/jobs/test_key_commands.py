"""``flask keys``, as an operator runs it."""

import pytest
from flask.testing import FlaskCliRunner

from jobs.runtime import perform
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import outbox, signing_keys
from webapp.extensions import key_seal
from webapp.models import SigningKey, Ticket
from webapp.sealing import KeySeal
from webapp.transaction import transaction


@pytest.fixture
def run(app) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def issued(paid_order) -> None:
    perform(work_of(outbox.ISSUE_TICKETS).id)


def keys(run: FlaskCliRunner, *arguments: str):
    answer = run.invoke(args=["keys", *arguments])
    db.session.expire_all()
    return answer


def test_before_there_is_a_key_the_list_says_how_to_make_one(run):
    assert "run `flask keys make`" in keys(run, "list").output


def test_issuing_the_first_tickets_makes_the_first_key(run, issued):
    assert {ticket.key_no for ticket in db.session.query(Ticket)} == {1}
    assert "signs new tickets  2 ticket(s)" in keys(run, "list").output


def test_upgrade_makes_the_first_key_and_adopts_tickets_from_before(run, issued):
    db.session.query(Ticket).update({"key_no": None})
    db.session.query(SigningKey).delete()
    db.session.commit()

    for _ in range(2):
        assert run.invoke(args=["upgrade-db"]).exit_code == 0

    db.session.expire_all()
    assert {ticket.key_no for ticket in db.session.query(Ticket)} == {1}
    assert db.session.query(SigningKey).count() == 1


def test_making_a_key_is_safe_to_repeat(run):
    answers = [keys(run, "make") for _ in range(2)]

    assert [answer.exit_code for answer in answers] == [0, 0]
    assert answers[1].output == "Key 1 signs new tickets.\n"
    assert db.session.query(SigningKey).count() == 1


def test_rotation_and_retirement_say_what_happens_to_tickets(run, issued):
    rotated = keys(run, "rotate").output
    retired = keys(run, "retire", "1")
    again = keys(run, "retire", "1")

    assert rotated == "Key 2 signs new tickets. Tickets of the other keys stay valid.\n"
    assert retired.exit_code == 0
    assert "2 ticket(s) name it: they stay valid" in retired.output
    assert "Prints and screenshots from before" in retired.output
    assert again.output == "Key 1 was retired before.\n"
    lines = keys(run, "list").output.splitlines()
    assert "retired 2027-03-01 18:00 UTC" in lines[0]
    assert "signs new tickets" in lines[1]


def test_the_only_key_and_one_that_is_none_are_not_retired(run):
    keys(run, "make")

    only, none = keys(run, "retire", "1"), keys(run, "retire", "7")

    assert (only.exit_code, none.exit_code) == (1, 1)
    assert "Run `flask keys rotate` first" in only.output
    assert "There is no key 7" in none.output
    assert signing_keys.read_keyring().current.key_no == 1


def test_key_that_does_not_open_is_told_and_stops_a_start(run, app):
    with transaction():
        signing_keys.get_current_key(
            seal=KeySeal("the setting as it was before"),
            now=app.extensions["ports"].utc_now(),
            trace_id="t",
        )

    upgraded = run.invoke(args=["upgrade-db"])

    assert upgraded.exit_code == 1
    assert "Signing key 1 does not open with this TICKET_SIGNING_KEY" in upgraded.output
    assert "DOES NOT OPEN" in keys(run, "list").output
    # The way out that the message names.
    assert keys(run, "rotate").exit_code == 0
    assert keys(run, "retire", "1").exit_code == 0
    assert run.invoke(args=["upgrade-db"]).exit_code == 0
    assert signing_keys.private_key_of(signing_keys.read_keyring().current, seal=key_seal())
