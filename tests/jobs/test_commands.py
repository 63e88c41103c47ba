"""The commands, as a person runs them."""

import pytest
from flask.testing import FlaskCliRunner

from jobs.runtime import perform
from tests.purchases import work_of
from webapp.database import db
from webapp.domain import outbox
from webapp.models import Delivery, EmailMessage, Outbox, OutboxStatus


@pytest.fixture
def run(app) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_the_database_can_be_upgraded_twice(run):
    for _ in range(2):
        answer = run.invoke(args=["upgrade-db"])

        assert answer.exit_code == 0
        assert "The database is up to date." in answer.output


def test_a_whole_purchase_is_ok(run, paid_order):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    perform(work_of(outbox.SEND_EMAIL).id)

    answer = run.invoke(args=["verify-order", paid_order.number])

    assert answer.exit_code == 0
    assert [line.split()[0] for line in answer.output.splitlines()] == ["ok"] * 10


def test_a_purchase_that_is_not_whole_says_where(run, paid_order):
    answer = run.invoke(args=["verify-order", paid_order.number])

    assert answer.exit_code == 1
    assert "WRONG  quantity" in answer.output


def test_an_unknown_order_is_said_to_be_unknown(run):
    answer = run.invoke(args=["verify-order", "EVE-1"])

    assert answer.exit_code == 1
    assert "There is no order EVE-1." in answer.output


def test_reconcile_says_what_it_found(run, paid_order, clock):
    db.session.query(Outbox).delete()
    db.session.commit()
    clock.advance(minutes=1)

    answer = run.invoke(args=["reconcile"])

    assert answer.exit_code == 0
    assert "orders_unissued: 1" in answer.output
    assert "notices_missed: 0" in answer.output


def test_dead_work_is_shown_and_replayed(run, paid_order):
    row = db.session.query(Outbox).filter_by(kind=outbox.ISSUE_TICKETS).one()
    row.status, row.last_error = OutboxStatus.DEAD, "NotFound"
    db.session.commit()

    shown = run.invoke(args=["list-dead-work"])
    replayed = run.invoke(args=["replay-work", str(row.id)])
    again = run.invoke(args=["replay-work", str(row.id)])

    assert f"{row.id}  issue_tickets" in shown.output
    assert (replayed.exit_code, again.exit_code) == (0, 1)
    assert work_of(outbox.ISSUE_TICKETS).status is OutboxStatus.DUE


def test_mails_that_did_not_arrive_are_listed_without_addresses(run, paid_order, clock):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    db.session.query(EmailMessage).update({"delivery": Delivery.BOUNCED})
    db.session.commit()

    shown = run.invoke(args=["list-undelivered-mail"]).output
    clock.advance(days=8)
    later = run.invoke(args=["list-undelivered-mail", "--days", "7"]).output

    assert "bounced     order_confirmation" in shown
    assert paid_order.number in shown
    assert "@" not in shown
    assert later == "0 mail(s) did not arrive.\n"


def make_all_dead() -> None:
    for row in db.session.query(Outbox):
        row.status, row.last_error = OutboxStatus.DEAD, "GatewayUnavailable"
    db.session.commit()


def test_all_dead_work_is_replayed_at_once_and_it_is_said_how_much(run, paid_order):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    make_all_dead()

    answers = [run.invoke(args=["replay-work", "--all"]) for _ in range(2)]

    assert [answer.exit_code for answer in answers] == [0, 0]
    assert [answer.output for answer in answers] == [
        "2 piece(s) of work are due again.\n",
        "0 piece(s) of work are due again.\n",
    ]
    assert perform(work_of(outbox.SEND_EMAIL).id) is True


def test_dead_work_of_one_kind_is_replayed_and_the_rest_stays(run, paid_order):
    perform(work_of(outbox.ISSUE_TICKETS).id)
    make_all_dead()

    answer = run.invoke(args=["replay-work", "--all", "--kind", "send_email"])

    assert answer.output == "1 piece(s) of work are due again.\n"
    assert work_of(outbox.SEND_EMAIL).status is OutboxStatus.DUE
    assert work_of(outbox.ISSUE_TICKETS).status is OutboxStatus.DEAD


@pytest.mark.parametrize(
    "arguments", [[], ["1", "--all"], ["1", "--kind", "send_email"], ["--all", "--kind", "tea"]]
)
def test_what_cannot_be_meant_replays_nothing(arguments, run, paid_order):
    make_all_dead()

    assert run.invoke(args=["replay-work", *arguments]).exit_code == 2
    assert work_of(outbox.ISSUE_TICKETS).status is OutboxStatus.DEAD
