"""The API as a program uses it."""

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.models import Tier

CHECKOUTS = "/api/v1/checkouts"


def basket(tier: Tier, quantity: int = 1, **members: Any) -> dict[str, Any]:
    return {
        "event": tier.event.slug,
        "items": [{"tier_id": tier.id, "quantity": quantity}],
        **members,
    }


def post_checkout(
    client: FlaskClient, body: Mapping[str, Any], *, key: str | None = None
) -> TestResponse:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(CHECKOUTS, json=body, headers=headers)


def opened(client: FlaskClient, tier: Tier, quantity: int = 1, **members: Any) -> dict[str, Any]:
    response = post_checkout(client, basket(tier, quantity, **members))
    assert response.status_code == 201, response.text
    return dict(response.json)


def bearer(checkout: Mapping[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {checkout['checkout_token']}"}


def url_of(checkout: Mapping[str, Any], part: str = "") -> str:
    return f"{CHECKOUTS}/{checkout['checkout_id']}{part}"


def assert_problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """A problem document with the members that every one has."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    problem = dict(response.json)
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    assert problem["trace_id"] == response.headers["X-Trace-Id"]
    return problem
