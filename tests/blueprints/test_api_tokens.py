"""The token of a checkout over the API: every call asks for it, and it opens one checkout."""

import pytest

from tests.blueprints.api_calls import CHECKOUTS, assert_problem, bearer, opened, url_of
from tests.factories import make_event, make_tier


@pytest.fixture
def tier(app):
    return make_tier(make_event())


CALLS = [
    ("GET", "", None),
    ("PUT", "/contact", {"email": "ada@example.com"}),
    ("PUT", "/items", {"items": [{"tier_id": 1, "quantity": 1}]}),
    ("POST", "/extension", None),
    ("POST", "/payment", {"provider": "stripe"}),
    ("DELETE", "", None),
]


@pytest.mark.parametrize(("method", "part", "body"), CALLS)
def test_every_call_asks_for_the_token_first(client, tier, method, part, body):
    checkout = opened(client, tier)

    response = client.open(url_of(checkout, part), method=method, json=body)

    assert_problem(response, 401, "unauthorized")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "part", "body"), CALLS)
@pytest.mark.parametrize("token", ["0" * 64, "ünïcode", "x"])
def test_wrong_token_and_unknown_checkout_are_one_answer(client, tier, method, part, body, token):
    checkout = opened(client, tier)
    headers = {"Authorization": f"Bearer {token}"}

    wrong = client.open(url_of(checkout, part), method=method, json=body, headers=headers)
    unknown = client.open(
        f"{CHECKOUTS}/{'0' * 20}{part}", method=method, json=body, headers=headers
    )

    first = assert_problem(wrong, 404, "not_found")
    second = assert_problem(unknown, 404, "not_found")
    assert {**first, "trace_id": ""} == {**second, "trace_id": ""}


def test_token_of_one_checkout_opens_no_other(client, tier):
    mine, other = opened(client, tier), opened(client, tier)

    assert_problem(client.get(url_of(other), headers=bearer(mine)), 404, "not_found")
