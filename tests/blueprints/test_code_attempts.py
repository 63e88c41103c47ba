"""Codes in the API, and how often somebody may be wrong about one."""

from datetime import UTC, datetime

import pytest
from limits import parse

from blueprints import code_attempts
from tests.blueprints.api_calls import assert_problem
from tests.factories import make_code
from webapp import create_app
from webapp.database import db
from webapp.domain import codes


def api_checkout(client, event, tier, **more):
    body = {"event": event.slug, "items": [{"tier_id": tier.id, "quantity": 1}], **more}
    return client.post("/api/v1/checkouts", json=body)


def test_api_takes_a_code_and_a_changed_basket_keeps_it(client, event, tier):
    make_code(event, text="EARLY")

    opened = api_checkout(client, event, tier, code="early").json
    changed = client.put(
        f"/api/v1/checkouts/{opened['checkout_id']}/items",
        json={"items": [{"tier_id": tier.id, "quantity": 2}]},
        headers={"Authorization": f"Bearer {opened['checkout_token']}"},
    ).json

    assert (opened["pricing"]["discount_cents"], opened["pricing"]["total_cents"]) == (1000, 9813)
    assert changed["pricing"]["discount_cents"] == 2000


def test_api_refuses_a_wrong_code_at_its_field(client, event, tier):
    problem = assert_problem(
        api_checkout(client, event, tier, code="wrong"), 422, "invalid_request"
    )

    assert problem["errors"] == [{"field": "code", "message": codes.UNKNOWN}]


def test_api_sells_a_hidden_tier_with_its_code_only(client, event, hidden, access):
    listed = client.get(f"/api/v1/events/{event.slug}").json["tiers"]
    refused = api_checkout(client, event, hidden)
    sold = api_checkout(client, event, hidden, code="CREW-2027")

    assert listed == []
    assert (refused.status_code, sold.status_code) == (422, 201)


@pytest.fixture
def build_limited(environ, app, monkeypatch):
    """Applications with limits; two wrong codes are enough for a test."""
    monkeypatch.setattr(code_attempts.GUESSES, "per_network", parse("2 per 1 hour"))
    built = []

    def build(**changes):
        built.append(create_app(environ | {"RATELIMIT_ENABLED": "1"} | changes))
        return built[-1]

    yield build
    for application in built:
        with application.app_context():
            db.engine.dispose()


@pytest.fixture
def limited(build_limited):
    application = build_limited()
    with application.app_context():
        application.extensions["rate_limiter"].reset()
    return application


@pytest.fixture
def without_redis(build_limited):
    return build_limited(REDIS_URL="redis://127.0.0.1:9/0")


def test_guessing_ends_and_the_right_code_tells_nothing_then(limited, event, tier):
    make_code(event, text="EARLY")
    client = limited.test_client()

    right = [api_checkout(client, event, tier, code="EARLY").status_code for _ in range(3)]
    wrong = [api_checkout(client, event, tier, code="guess").status_code for _ in range(2)]
    after = api_checkout(client, event, tier, code="EARLY")

    assert (right, wrong) == ([201] * 3, [422] * 2)
    assert_problem(after, 429, "rate_limited")
    assert int(after.headers["Retry-After"]) > 0
    assert api_checkout(client, event, tier).status_code == 201


def test_codes_that_have_ended_are_no_guesses(limited, event, tier):
    make_code(event, text="EARLY")
    make_code(event, text="GONE", valid_until=datetime(2020, 1, 1, tzinfo=UTC))
    client = limited.test_client()

    ended = [api_checkout(client, event, tier, code="GONE").status_code for _ in range(3)]

    assert ended == [422] * 3
    assert api_checkout(client, event, tier, code="EARLY").status_code == 201


def test_links_with_codes_are_guesses_too(limited, event, tier):
    make_code(event, text="EARLY")
    client = limited.test_client()
    for _ in range(2):
        client.get(f"/e/{event.slug}?code=guess")

    page = client.get(f"/e/{event.slug}?code=EARLY")

    assert page.status_code == 200
    assert "Too many codes were wrong." in page.text
    assert "10% off" not in page.text


def test_wrong_codes_are_counted_while_redis_is_away(without_redis, event, tier):
    client = without_redis.test_client()

    pages = [client.get(f"/e/{event.slug}?code=guess").text for _ in range(3)]

    assert ["Too many codes" in page for page in pages] == [False, False, True]
