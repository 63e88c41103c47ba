"""The whole product over HTTP: what a buyer does, and what a gateway does to it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.box_office import CHALLENGE_CARD, CLUB_NIGHT, DECLINED_CARD, GOOD_CARD
from tests.waiting import wait_until


def held_and_sold(box_office, tier_name="Full festival"):
    return box_office.tier(tier_name)["remaining"]


def spoil_new_sessions(box_office, *, count: int, when: str, effect: str) -> None:
    """Let the gateway fail, before or after it has made it, at each of the next sessions."""
    faults = [
        {
            "method": "POST",
            "path": "/v1/checkout/sessions",
            "nth": number,
            "when": when,
            "effect": effect,
        }
        for number in range(1, count + 1)
    ]
    box_office.sandbox("POST", "faults", faults)


def test_guest_pays_and_has_tickets_and_one_mail(box_office):
    purchase = box_office.hold(quantity=2)

    purchase.pay()

    order = purchase.wait_for("paid")
    assert [ticket["status"] for ticket in order["tickets"]] == ["valid", "valid"]
    assert order["pricing"]["total_cents"] == 32199
    mails = box_office.wait_for_mails(order["number"])
    assert len(mails) == 1
    assert order["number"] in mails[0]["subject"]


def test_ten_points_of_a_purchase_hold(box_office):
    purchase = box_office.hold("Day 2 pass", quantity=1)
    purchase.pay()
    order = purchase.wait_for("paid")
    box_office.wait_for_mails(order["number"])

    verdict = box_office.command("verify-order", order["number"])

    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_free_order_is_done_without_the_gateway(box_office):
    purchase = box_office.hold("Free guest list", quantity=2, slug=CLUB_NIGHT)
    before = len(box_office.sandbox("GET", "ledger")["payments"])

    assert purchase.start_payment().status_code == 200

    assert len(purchase.wait_for("paid")["tickets"]) == 2
    assert len(box_office.sandbox("GET", "ledger")["payments"]) == before


def test_declined_card_keeps_the_hold_and_another_card_pays_in_the_same_session(box_office):
    purchase = box_office.hold()

    assert purchase.pay(DECLINED_CARD)["status"] == "declined"
    assert purchase.state()["status"] == "pending"
    purchase.pay(GOOD_CARD)

    assert len(purchase.wait_for("paid")["tickets"]) == 2


def test_bank_challenge_passed_pays(box_office):
    purchase = box_office.hold()

    assert purchase.pay(CHALLENGE_CARD)["status"] == "requires_action"
    assert purchase.pay(CHALLENGE_CARD, three_ds="complete")["status"] == "complete"

    purchase.wait_for("paid")


def test_bank_challenge_failed_takes_nothing_and_the_session_ends_unpaid(box_office):
    before = held_and_sold(box_office)
    purchase = box_office.hold()
    purchase.pay(CHALLENGE_CARD, three_ds="fail")

    box_office.sandbox("POST", "clock", advance_s=32 * 60)

    purchase.wait_for("expired")
    wait_until(lambda: held_and_sold(box_office) == before, what="the seats to come back")
    assert purchase.order()["tickets"] == []


@pytest.mark.parametrize("order", ["fifo", "reverse", "shuffle"])
def test_events_five_times_in_any_order_make_one_set_of_tickets(box_office, order):
    box_office.sandbox(
        "POST", "deliveries", {"mode": "auto", "order": order, "seed": 7, "duplicate": 5}
    )
    purchase = box_office.hold(quantity=3)
    purchase.pay()

    found = purchase.wait_for("paid")
    box_office.sandbox("POST", "idle")
    box_office.wait_for_mails(found["number"])

    assert len(purchase.order()["tickets"]) == 3
    assert len(box_office.mails(found["number"])) == 1


def test_dropped_webhook_is_made_good_by_the_reconciler(box_office):
    box_office.sandbox(
        "POST",
        "deliveries",
        {"mode": "auto", "drop": ["checkout.session.completed", "payment_intent.succeeded"]},
    )
    purchase = box_office.hold()
    purchase.pay()
    box_office.sandbox("POST", "idle")
    assert purchase.state()["status"] == "pending"

    done = box_office.command("reconcile")

    assert done.returncode == 0, done.stderr
    assert len(purchase.wait_for("paid")["tickets"]) == 2


@pytest.mark.parametrize("effect", ["429", "500", "503", "reset", "drop"])
def test_gateway_that_fails_while_the_session_is_made_keeps_the_hold(box_office, effect):
    purchase = box_office.hold()
    spoil_new_sessions(box_office, count=3, when="before", effect=effect)

    refused = purchase.start_payment()
    box_office.sandbox("POST", "faults", [])

    assert (refused.status_code, refused.json()["code"]) == (503, "payment_unavailable")
    assert purchase.state()["status"] == "pending"
    purchase.pay()
    purchase.wait_for("paid")


def test_lost_answer_of_the_gateway_makes_one_session(box_office):
    purchase = box_office.hold()
    spoil_new_sessions(box_office, count=1, when="after", effect="drop")

    assert purchase.start_payment().status_code == 201

    sessions = box_office.gateway.v1.checkout.sessions.list({"limit": 100}).data
    mine = [s.id for s in sessions if s.client_reference_id == purchase.order_number()]
    assert mine == [purchase.session_id]


def test_two_clicks_at_once_lead_to_one_session(box_office):
    purchase = box_office.hold()

    with ThreadPoolExecutor(4) as clicks:
        answers = list(clicks.map(lambda _: purchase.start_payment(), range(4)))

    urls = {answer.json()["url"] for answer in answers if answer.status_code == 201}
    assert len(urls) == 1
    assert {answer.status_code for answer in answers} <= {201, 409, 503}


def test_method_that_settles_days_later_cannot_take_seats(box_office):
    purchase = box_office.hold()
    purchase.start_payment()

    with pytest.raises(requests.HTTPError, match="400"):
        purchase.pay("bank_debit")

    assert purchase.pay(GOOD_CARD)["status"] == "complete"


def test_refund_at_the_gateway_voids_the_tickets(box_office):
    purchase = box_office.hold()
    purchase.pay()
    purchase.wait_for("paid")
    payment = next(
        payment
        for payment in box_office.sandbox("GET", "ledger")["payments"]
        if payment["session"] == purchase.session_id
    )

    box_office.sandbox("POST", "refund", payment_intent=payment["payment_intent"])

    refunded = purchase.wait_for("refunded")
    assert {ticket["status"] for ticket in refunded["tickets"]} == {"void"}


@pytest.mark.parametrize("effect", ["429", "500", "drop"])
def test_mail_that_fails_is_sent_once_later(box_office, effect):
    when = "after" if effect == "drop" else "before"
    box_office.sandbox(
        "POST",
        "faults",
        [{"method": "POST", "path": "/emails", "nth": 1, "when": when, "effect": effect}],
    )
    purchase = box_office.hold(quantity=1)
    purchase.pay()

    order = purchase.wait_for("paid")

    assert len(box_office.wait_for_mails(order["number"])) == 1
