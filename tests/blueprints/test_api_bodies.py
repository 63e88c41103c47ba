"""What is not exactly right is refused, and nothing at all makes the server fail."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.blueprints.api_calls import CHECKOUTS, assert_problem, basket, bearer, opened, url_of
from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.models import Hold

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def tier(app):
    return make_tier(make_event())


def send(client, text, **headers):
    return client.post(CHECKOUTS, data=text, headers=JSON | headers)


def test_refused_number_names_the_limit(client):
    small = make_tier(make_event(), max_per_order=4)
    body = basket(small) | {"items": [{"tier_id": small.id, "quantity": 5}]}

    problem = assert_problem(send(client, json.dumps(body)), 422, "invalid_request")

    assert [error["message"] for error in problem["errors"]] == ["Choose a number from 1 to 4."]


@pytest.mark.parametrize(
    "quantity",
    ["2", 1.5, 1.0, True, None, 0, -1, 101, 10**9, 10**30, [1], {}],
    ids=str,
)
def test_quantity_is_a_true_integer_from_1_to_100(client, tier, quantity):
    body = basket(tier) | {"items": [{"tier_id": tier.id, "quantity": quantity}]}

    problem = assert_problem(client.post(CHECKOUTS, json=body), 422, "invalid_request")

    assert [error["field"] for error in problem["errors"]] == ["items.0.quantity"]
    assert db.session.query(Hold).count() == 0


@pytest.mark.parametrize("member", ["unit_price_cents", "price", "total_cents"])
def test_price_is_never_taken_from_the_caller(client, tier, member):
    body = basket(tier)
    body["items"][0][member] = 1

    problem = assert_problem(client.post(CHECKOUTS, json=body), 422, "invalid_request")

    assert [error["field"] for error in problem["errors"]] == [f"items.0.{member}"]


def test_unknown_member_is_refused(client, tier):
    problem = assert_problem(
        client.post(CHECKOUTS, json=basket(tier, currency="EUR")), 422, "invalid_request"
    )

    assert [error["field"] for error in problem["errors"]] == ["currency"]


@pytest.mark.parametrize("count", [0, 51])
def test_number_of_lines_is_limited(client, tier, count):
    body = basket(tier) | {"items": [{"tier_id": tier.id, "quantity": 1}] * count}

    problem = assert_problem(client.post(CHECKOUTS, json=body), 422, "invalid_request")

    assert [error["field"] for error in problem["errors"]] == ["items"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"event": NaN}',
        b'{"a": Infinity}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"9" * 10_000,
        b'{"event": "a", "event": "b"}',
        b'{"items": [{"quantity": 1, "quantity": 2}]}',
    ],
    ids=lambda text: str(text[:12]),
)
def test_what_is_not_strict_json_is_400(client, tier, text):
    response = send(client, text)

    assert response.status_code in {400, 413}
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_media_types_are_415(client, tier, media_type):
    text = json.dumps(basket(tier))

    response = client.post(CHECKOUTS, data=text, headers={"Content-Type": media_type})

    assert_problem(response, 415, "unsupported_media_type")


def test_charset_of_the_media_type_is_no_obstacle(client, tier):
    text = json.dumps(basket(tier))
    headers = {"Content-Type": "application/json; charset=utf-8"}

    assert client.post(CHECKOUTS, data=text, headers=headers).status_code == 201


def test_body_has_a_largest_size(client, tier):
    assert_problem(send(client, b" " * 40_000 + b"{}"), 413, "request_too_large")


def test_faults_never_echo_what_was_sent(client, tier):
    body = basket(tier, contact={"email": "ada@example.com", "password": "hunter2hunter2"})

    text = client.post(CHECKOUTS, json=body).text

    assert "hunter2" not in text
    assert "ada@example.com" not in text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(
    ["event", "items", "contact", "code", "source", "campaign", "tier_id", "quantity", "email"]
)
near_misses = st.fixed_dictionaries(
    {"event": st.text() | st.just("event"), "items": st.lists(json_values, max_size=3)},
    optional={
        "contact": st.fixed_dictionaries(
            {"email": st.text() | st.emails()}, optional={"name": st.text(), "phone": st.text()}
        ),
        "code": st.text(),
        "source": st.text(),
        "campaign": json_values,
    },
)
bodies = json_values | st.dictionaries(names, json_values, max_size=5) | near_misses
UNHURRIED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@UNHURRIED
@given(body=bodies)
def test_no_body_makes_opening_a_checkout_fail(client, tier, body):
    response = send(client, json.dumps(body).encode())

    assert response.status_code in {400, 404, 413, 422}


@UNHURRIED
@given(text=st.text(), quantity=st.integers(1, 10), key=st.text(min_size=14, max_size=20))
def test_no_text_makes_a_valid_basket_fail(client, tier, text, quantity, key):
    body = basket(tier, quantity, campaign=text, contact={"email": "a@example.com", "name": text})

    response = client.post(
        CHECKOUTS,
        data=json.dumps(body),
        headers=JSON
        | {
            "Idempotency-Key": key.encode("utf-8", "replace")
            .decode("latin-1")
            .replace("\n", "")
            .replace("\r", "")
        },
    )

    assert response.status_code in {201, 409, 422}


@UNHURRIED
@given(body=bodies, part=st.sampled_from(["/contact", "/items", "/payment"]))
def test_no_body_makes_a_change_fail(client, tier, body, part):
    checkout = opened(client, tier, contact={"email": "a@example.com"})
    method = "POST" if part == "/payment" else "PUT"

    response = client.open(
        url_of(checkout, part),
        method=method,
        data=json.dumps(body).encode(),
        headers=JSON | bearer(checkout),
    )

    assert response.status_code in {200, 400, 409, 413, 422}
    client.delete(url_of(checkout), headers=bearer(checkout))


@UNHURRIED
@given(path=st.text(max_size=30))
def test_no_path_makes_the_api_fail(client, tier, path):
    for prefix in ("events", "checkouts", "orders"):
        response = client.get(f"/api/v1/{prefix}/{quote(path, safe='', errors='replace')}")
        assert response.status_code in {200, 308, 400, 401, 404}
