"""Going to pay, and the order afterwards."""

import pytest

from tests.blueprints.api_calls import assert_problem, bearer, opened, url_of
from tests.factories import make_event, make_tier
from tests.issued import refund
from webapp.database import db
from webapp.domain import tickets
from webapp.flows.payments import sync_order_payment
from webapp.models import Order
from webapp.transaction import transaction

CONTACT = {"email": "ada@example.com", "name": "Ada Example"}
STRIPE = {"provider": "stripe"}


@pytest.fixture
def tier(app):
    return make_tier(make_event(order_prefix="EVE"))


def pay(client, checkout):
    return client.post(url_of(checkout, "/payment"), json=STRIPE, headers=bearer(checkout))


def test_payment_leads_to_the_gateway_and_back_to_us(client, tier, gateway):
    checkout = opened(client, tier, contact=CONTACT)

    response = pay(client, checkout)

    assert response.status_code == 201
    assert set(response.json) == {"url", "provider", "expires_at"}
    assert response.json["provider"] == "stripe"
    (request,) = gateway.requests.values()
    assert request.success_url.startswith(checkout["page_url"])
    assert request.cancel_url == checkout["page_url"]


def test_total_below_what_can_be_charged_has_a_code_of_its_own(client, app, gateway):
    tier = make_tier(make_event(fee_basis_points=0, fee_fixed_cents=0), price_cents=20)
    checkout = opened(client, tier, contact=CONTACT)

    assert_problem(pay(client, checkout), 409, "total_too_small")
    assert gateway.calls == []


def test_repeated_payment_answers_the_same_open_session(client, tier, gateway):
    checkout = opened(client, tier, contact=CONTACT)

    first, second = pay(client, checkout), pay(client, checkout)

    assert first.json == second.json
    assert len(gateway.sessions) == 1


def test_call_repeated_after_a_lost_answer_is_the_same_to_the_letter(client, tier, gateway, clock):
    checkout = opened(client, tier, contact=CONTACT)
    gateway.loses_answers = True
    assert_problem(pay(client, checkout), 503, "payment_unavailable")
    (lost,) = gateway.requests.values()
    gateway.loses_answers = False
    sent = []
    create_session = gateway.create_session
    gateway.create_session = lambda request: sent.append(request) or create_session(request)
    clock.advance(seconds=30)

    assert pay(client, checkout).status_code == 201
    assert sent == [lost]


def test_gateway_that_is_away_keeps_the_hold(client, tier, gateway):
    checkout = opened(client, tier, contact=CONTACT)
    gateway.is_down = True

    response = pay(client, checkout)

    assert_problem(response, 503, "payment_unavailable")
    assert int(response.headers["Retry-After"]) > 0


def test_lapsed_hold_cannot_be_paid(client, tier, clock):
    checkout = opened(client, tier, contact=CONTACT)
    clock.advance(minutes=16)

    assert_problem(pay(client, checkout), 409, "hold_expired")


def test_unknown_provider_is_refused(client, tier):
    checkout = opened(client, tier, contact=CONTACT)

    response = client.post(
        url_of(checkout, "/payment"), json={"provider": "cash"}, headers=bearer(checkout)
    )

    problem = assert_problem(response, 422, "invalid_request")
    assert [error["field"] for error in problem["errors"]] == ["provider"]


def test_free_checkout_converts_without_a_gateway(client, app, gateway):
    checkout = opened(
        client, make_tier(make_event(order_prefix="FREE"), price_cents=0), contact=CONTACT
    )

    response = pay(client, checkout)

    assert response.status_code == 200
    assert response.json["status"] == "converted"
    assert response.json["order_number"] == "FREE-20270301-0001"
    assert gateway.calls == []


def test_cancelling_closes_the_gateways_page_first(client, tier, gateway):
    checkout = opened(client, tier, contact=CONTACT)
    pay(client, checkout)

    assert client.delete(url_of(checkout), headers=bearer(checkout)).status_code == 204

    assert [session.status for session in gateway.sessions.values()] == ["expired"]


def test_paid_checkout_is_not_cancelled(client, tier, gateway):
    checkout = opened(client, tier, contact=CONTACT)
    pay(client, checkout)
    gateway.pay("cs_test_1")

    assert_problem(
        client.delete(url_of(checkout), headers=bearer(checkout)), 409, "payment_pending"
    )


@pytest.fixture
def paid(client, tier, gateway, ports, clock):
    """A checkout that was paid for, with its tickets issued."""
    checkout = opened(client, tier, 2, contact=CONTACT)
    pay(client, checkout)
    gateway.pay("cs_test_1")
    order = db.session.query(Order).one()
    sync_order_payment(order_id=order.id, ports=ports)
    with transaction():
        tickets.issue_tickets(order_id=order.id, now=clock(), trace_id="t")
    return checkout


def test_paid_checkout_names_its_order(client, paid):
    document = client.get(url_of(paid), headers=bearer(paid)).json

    assert document["status"] == "converted"
    assert document["order_number"] == "EVE-20270301-0001"


def test_order_shows_its_tickets_to_the_checkouts_token(client, paid, tier):
    response = client.get("/api/v1/orders/EVE-20270301-0001", headers=bearer(paid))

    assert response.status_code == 200
    assert set(response.json) == {"number", "status", "paid_at", "pricing", "tickets"}
    assert response.json["status"] == "paid"
    assert response.json["paid_at"] == "2027-03-01T18:00:00Z"
    assert response.json["pricing"]["total_cents"] == 6615
    assert len(response.json["tickets"]) == 2
    ticket = response.json["tickets"][0]
    assert set(ticket) == {
        "serial_number",
        "tier",
        "attendee_name",
        "status",
        "code",
        "qr_payload",
        "wallet_url",
    }
    assert (ticket["tier"], ticket["attendee_name"], ticket["status"]) == (
        tier.name,
        "Ada Example",
        "valid",
    )
    assert ticket["wallet_url"].startswith("http://localhost:8000/t/")


def test_ticket_that_is_void_has_no_code(client, paid, clock):
    refund(db.session.query(Order).one(), now=clock())

    answer = client.get("/api/v1/orders/EVE-20270301-0001", headers=bearer(paid))

    shown = {(each["status"], each["code"], each["qr_payload"]) for each in answer.json["tickets"]}
    assert shown == {("void", "", "")}


def test_order_without_a_token_is_401_whether_it_exists_or_not(client, paid):
    for number in ("EVE-20270301-0001", "EVE-20270301-9999"):
        assert_problem(client.get(f"/api/v1/orders/{number}"), 401, "unauthorized")


def test_foreign_order_and_unknown_order_are_one_answer(client, paid, tier):
    stranger = opened(client, tier)

    foreign = client.get("/api/v1/orders/EVE-20270301-0001", headers=bearer(stranger))
    unknown = client.get("/api/v1/orders/EVE-20270301-9999", headers=bearer(stranger))

    assert_problem(foreign, 404, "not_found")
    assert {**foreign.json, "trace_id": ""} == {**unknown.json, "trace_id": ""}
