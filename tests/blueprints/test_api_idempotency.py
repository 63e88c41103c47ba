"""Keyed requests: sent twice, done once, answered the same."""

import json

import pytest

from tests.blueprints.api_calls import assert_problem, basket, post_checkout
from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.models import Checkout, IdempotencyKey

KEY = "5f0c8a52-0d0e-4ac4"


@pytest.fixture
def tier(app):
    return make_tier(make_event(), capacity=10)


def count_checkouts():
    return db.session.query(Checkout).count()


def test_repeat_answers_byte_for_byte_and_holds_nothing_more(client, tier, clock):
    first = post_checkout(client, basket(tier, 2), key=KEY)
    clock.advance(minutes=3)

    second = post_checkout(client, basket(tier, 2), key=KEY)

    assert (second.status_code, second.data) == (201, first.data)
    assert count_checkouts() == 1


def test_spelling_of_the_body_does_not_matter(client, tier):
    first = post_checkout(client, basket(tier), key=KEY)
    spelled = json.dumps(dict(reversed(basket(tier).items())), indent=4)

    second = client.post(
        "/api/v1/checkouts",
        data=spelled,
        headers={"Idempotency-Key": KEY, "Content-Type": "application/json"},
    )

    assert second.data == first.data


def test_key_of_another_body_is_refused(client, tier):
    post_checkout(client, basket(tier, 1), key=KEY)

    response = post_checkout(client, basket(tier, 2), key=KEY)

    assert_problem(response, 422, "idempotency_key_reused")
    assert count_checkouts() == 1


def test_refused_request_leaves_its_key_free(client, tier):
    assert_problem(
        post_checkout(client, basket(tier, 11) | {"event": "gone"}, key=KEY), 404, "not_found"
    )

    assert post_checkout(client, basket(tier, 1), key=KEY).status_code == 201


def test_same_key_of_another_caller_is_another_key(app, tier):
    here = app.test_client()
    there = app.test_client()
    there.environ_base["REMOTE_ADDR"] = "198.51.100.7"

    first = post_checkout(here, basket(tier), key=KEY)
    second = post_checkout(there, basket(tier), key=KEY)

    assert first.json["checkout_id"] != second.json["checkout_id"]
    assert first.json["checkout_token"] != second.json["checkout_token"]


def test_nothing_that_opens_a_checkout_is_stored(client, tier):
    document = post_checkout(client, basket(tier), key=KEY).json

    saved = db.session.query(IdempotencyKey).one()
    stored = json.dumps(saved.answer)

    assert document["checkout_token"] not in stored
    assert document["page_url"] not in stored
    assert saved.answer["checkout_id"] == document["checkout_id"]


@pytest.mark.parametrize("key", ["", "x" * 15, "a b" * 6, "x" * 256, "ümlaut" * 3])
def test_unusable_key_is_refused(client, tier, key):
    problem = assert_problem(post_checkout(client, basket(tier), key=key), 422, "invalid_request")

    assert problem["errors"] == [
        {
            "field": "Idempotency-Key",
            "message": "Send 16 to 255 visible ASCII characters, such as a random UUID.",
        }
    ]


@pytest.mark.parametrize("length", [16, 255])
def test_shortest_and_longest_key_are_taken(client, tier, length):
    assert post_checkout(client, basket(tier), key="~" * length).status_code == 201
