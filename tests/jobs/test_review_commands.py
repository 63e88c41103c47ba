"""The commands for orders under review, as a person runs them."""

import pytest
from flask.testing import FlaskCliRunner

from jobs.runtime import perform
from tests.factories import make_checkout, make_event, make_tier
from tests.purchases import LINKS, find_order, work_of
from webapp.cli_reviews import OBSTACLES, REASONS
from webapp.database import db
from webapp.domain import outbox
from webapp.domain.verdicts import Obstacle
from webapp.flows.payment_start import start_payment
from webapp.flows.payments import sync_order_payment
from webapp.models import AuditEntry, CheckoutItem, Order, OrderStatus
from webapp.ports import GatewayKeyRefused, GatewayRefused, GatewayUnknown

TOTAL = 6615
WHY = ("--who", "Robin", "--why", "Agreed.")


@pytest.fixture
def run(app):
    runner: FlaskCliRunner = app.test_cli_runner()
    return lambda *arguments: runner.invoke(args=list(arguments))


@pytest.fixture
def number(app, gateway, ports) -> str:
    """An order of 66.15 for which the gateway took twice as much."""
    checkout = make_checkout((make_tier(make_event(order_prefix="EVE")), 2))
    start = start_payment(reference=checkout.reference, links=LINKS, ports=ports)
    gateway.pay("cs_test_1", amount_cents=2 * TOTAL)
    sync_order_payment(order_id=find_order(start.order_number).id, ports=ports)
    return start.order_number


def status(number: str) -> OrderStatus:
    db.session.rollback()
    return find_order(number).status


def test_orders_that_wait_are_listed_with_what_to_do_next(run, number):
    next_step = (
        "Give what is too much back on the gateway's own pages, then `flask resolve-order"
        f" {number} paid`. Or `flask resolve-order {number} cancelled` gives all of it back."
    )

    answer = run("list-reviews")

    assert answer.exit_code == 0
    assert answer.output.splitlines() == [
        f"{number}  since 2027-03-01 18:00 UTC",
        "  why       The gateway took another amount than was asked for.",
        "  expected  66.15 USD",
        "  seen      132.30 USD taken",
        f"  next      {next_step}",
        "1 order(s) wait for a person.",
    ]
    assert "guest@example.com" not in answer.output


def test_what_went_back_already_is_listed_and_the_rest_may_stand(run, number, gateway, ports):
    gateway.refund_at_gateway("pi_test_1", TOTAL)
    sync_order_payment(order_id=find_order(number).id, ports=ports)

    shown, done = run("list-reviews"), run("resolve-order", number, "paid", *WHY)
    perform(work_of(outbox.ISSUE_TICKETS).id)

    assert "seen      132.30 USD taken, 66.15 USD went back" in shown.output
    assert f"`flask resolve-order {number} paid` takes what is here" in shown.output
    assert done.exit_code == 0
    assert find_order(number).fulfilled_at is not None
    assert "0 order(s) wait for a person." in run("list-reviews").output


def test_resolved_order_says_what_happens_now_and_may_be_resolved_again(run, number):
    first = run("resolve-order", number, "cancelled", *WHY)
    again = run("resolve-order", number, "cancelled", *WHY)

    assert "(132.30 USD) goes back through the gateway" in first.output
    assert "was resolved as cancelled before: nothing was changed" in again.output
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert db.session.query(AuditEntry).filter_by(action="review_decided").count() == 1
    assert db.session.query(Order).one().status is OrderStatus.CANCELLED


def test_refused_verdict_says_why_and_what_to_do(run, number):
    answer = run("resolve-order", number, "paid", *WHY)

    assert answer.exit_code == 1
    assert (
        f"More than the price of order {number} is here: 132.30 USD. Give the rest back"
    ) in answer.output
    assert status(number) is OrderStatus.NEEDS_REVIEW


def test_order_whose_basket_was_changed_since_is_not_advised_to_stand(run, number):
    db.session.execute(db.update(CheckoutItem).values(quantity=1))
    db.session.commit()

    shown, done = run("list-reviews"), run("resolve-order", number, "cancelled", *WHY)

    assert f"cannot stand. `flask resolve-order {number} cancelled` gives all" in shown.output
    assert f"`flask resolve-order {number} paid`" not in shown.output
    assert done.exit_code == 0


@pytest.fixture
def kept_part(paid_order, gateway, ports) -> str:
    """A paid order with tickets, a part of whose money was given back and came back to us."""
    perform(work_of(outbox.ISSUE_TICKETS).id)
    payment_id = next(iter(gateway.sessions.values())).payment_id
    gateway.refund_at_gateway(payment_id, 1000)
    sync_order_payment(order_id=paid_order.id, ports=ports)
    gateway.settle_refund("re_1", "failed")
    sync_order_payment(order_id=paid_order.id, ports=ports)
    assert status(paid_order.number) is OrderStatus.NEEDS_REVIEW
    return paid_order.number


def test_valid_tickets_are_not_ended_for_a_part_of_the_money_that_came_back(run, kept_part):
    (advice,) = [
        line for line in run("list-reviews").output.splitlines() if line.startswith("  next ")
    ]

    assert "Its tickets are valid. To leave them so, send the part" in advice
    assert f"then `flask resolve-order {kept_part} paid`." in advice
    assert "`cancelled` and `refunded` end its tickets" in advice


def test_order_that_had_its_tickets_is_not_said_to_get_them_now(run, kept_part):
    answer = run("resolve-order", kept_part, "paid", *WHY)

    assert answer.output == (
        f"Order {kept_part} is paid, as it was before: its tickets were made and mailed then, and"
        " nobody gets a mail now.\n"
    )
    assert status(kept_part) is OrderStatus.PAID


def test_gateway_that_is_away_leaves_everything_as_it_was(run, number, gateway):
    gateway.is_down = True

    answer = run("resolve-order", number, "cancelled", *WHY)

    assert answer.exit_code == 1
    assert "The gateway did not answer, and nothing was changed." in answer.output
    assert status(number) is OrderStatus.NEEDS_REVIEW


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (GatewayKeyRefused(), "does not take the key in STRIPE_SECRET_KEY, and nothing was"),
        (GatewayUnknown(), "is the key of another account: put the right key back"),
        (GatewayRefused(), "The gateway refused to say what became of order"),
    ],
)
def test_gateway_that_will_never_tell_is_not_to_be_tried_again(run, number, gateway, fault, advice):
    gateway.faults = {"look_up_session": fault}

    answer = run("resolve-order", number, "cancelled", *WHY)

    assert answer.exit_code == 1
    assert advice in answer.output
    assert "Try again in a minute" not in answer.output
    assert status(number) is OrderStatus.NEEDS_REVIEW


def test_money_of_a_payment_that_the_gateway_knows_no_more_may_be_sent_another_way(
    run, number, gateway
):
    gateway.sessions.clear()

    answer = run("resolve-order", number, "refunded", *WHY)

    assert "132.30 USD is noted as sent back another way" in answer.output
    assert status(number) is OrderStatus.REFUNDED


@pytest.mark.parametrize("about", [(), ("--who", "Robin"), ("--who", "", "--why", " ")])
def test_nothing_is_decided_by_nobody_or_for_no_reason(run, number, about):
    answer = run("resolve-order", number, "cancelled", *about)

    assert answer.exit_code != 0
    assert status(number) is OrderStatus.NEEDS_REVIEW


def test_unknown_order_is_said_to_be_unknown(run):
    answer = run("resolve-order", "EVE-1", "paid", *WHY)

    assert answer.exit_code == 1
    assert "There is no order EVE-1." in answer.output


def test_order_that_is_not_under_review_is_left_alone(run, paid_order):
    answer = run("resolve-order", paid_order.number, "cancelled", *WHY)

    assert answer.exit_code == 1
    assert f"Order {paid_order.number} is paid, so there is nothing to decide." in answer.output


def test_every_obstacle_has_a_sentence():
    assert OBSTACLES.keys() == set(Obstacle)


def test_every_reason_of_a_review_is_put_in_words():
    reasons = {"amount_differs", "currency_differs", "livemode_differs", "order_changed"}
    assert REASONS.keys() == reasons | {"paid_during_review", "refund_failed", "beyond_the_price"}
