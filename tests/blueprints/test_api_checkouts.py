"""Checkouts over the API: every status of every call."""

from dataclasses import replace

import pytest

from tests.blueprints.api_calls import (
    assert_problem,
    basket,
    bearer,
    opened,
    post_checkout,
    url_of,
)
from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.domain.hold_caps import NETWORK_SHARE
from webapp.models import Checkout, Pool, TierKind

CONTACT = {"email": "Ada@Example.com", "name": "Ada Example", "phone": "+1 303 555 0100"}


@pytest.fixture
def tier(app):
    return make_tier(make_event())


def held(tier):
    db.session.rollback()
    return db.session.get(Pool, tier.pools[0].id, populate_existing=True).held


def test_basket_is_held_and_priced(client, tier, clock):
    response = post_checkout(client, basket(tier, 3, contact=CONTACT, campaign="Spring"))

    assert response.status_code == 201
    document = response.json
    assert document["pricing"] == {
        "subtotal_cents": 9000,
        "discount_cents": 0,
        "fees_cents": 813,
        "tax_cents": 0,
        "total_cents": 9813,
        "currency": "USD",
    }
    assert set(document) == {
        "checkout_id",
        "checkout_token",
        "status",
        "expires_at",
        "pricing",
        "can_extend_hold",
        "requires_email_verification",
        "upsell_eligible",
        "express_methods",
        "page_url",
    }
    assert document["status"] == "pending"
    assert document["expires_at"] == "2027-03-01T18:15:00Z"
    assert document["can_extend_hold"] is True
    assert set(document["express_methods"]) == {"apple_pay", "google_pay", "link"}
    assert document["page_url"].startswith("http://localhost:8000/c/")
    assert held(tier) == 3
    saved = db.session.query(Checkout).one()
    assert (saved.contact_phone, saved.campaign, saved.source) == ("+13035550100", "Spring", "api")


def test_more_than_is_left_is_refused_with_what_is_left(client, app):
    tier = make_tier(make_event(), capacity=2)

    problem = assert_problem(post_checkout(client, basket(tier, 3)), 409, "insufficient_inventory")

    assert problem["unavailable"] == [{"tier_id": tier.id, "requested": 3, "available": 2}]
    assert held(tier) == 0


def test_unknown_event_is_not_found(client, tier):
    body = basket(tier) | {"event": "no-such-event"}

    assert_problem(post_checkout(client, body), 404, "not_found")


def test_tier_of_another_event_is_refused(client, tier):
    other = make_tier(make_event())
    body = basket(tier) | {"items": [{"tier_id": other.id, "quantity": 1}]}

    problem = assert_problem(post_checkout(client, body), 422, "invalid_request")

    assert [error["field"] for error in problem["errors"]] == ["items.0"]


def test_code_that_nobody_issued_is_refused(client, tier):
    problem = assert_problem(
        post_checkout(client, basket(tier, code="FREE")), 422, "invalid_request"
    )

    assert [error["field"] for error in problem["errors"]] == ["code"]
    assert held(tier) == 0


def test_too_many_open_checkouts_of_one_network_wait(client, tier, app, monkeypatch):
    own = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", replace(own, open_checkouts_per_client=1))
    for _ in range(NETWORK_SHARE):
        opened(client, tier)

    response = post_checkout(client, basket(tier))

    assert_problem(response, 429, "too_many_open_holds")
    assert int(response.headers["Retry-After"]) > 0


def test_ten_calls_do_not_hold_every_place_of_a_small_tier(client, app, monkeypatch):
    vip = make_tier(make_event(), capacity=40, max_per_order=4)
    own = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", replace(own, open_checkouts_per_client=8))

    answers = [post_checkout(client, basket(vip, 4)) for _ in range(10)]

    assert [answer.status_code for answer in answers] == [201] * 3 + [429] * 7
    problem = assert_problem(answers[-1], 429, "too_many_open_holds")
    assert problem["detail"].startswith("Many of these tickets are being held on your network.")
    assert held(vip) == 12


def test_checkout_shows_itself_to_its_token(client, tier):
    checkout = opened(client, tier)

    response = client.get(url_of(checkout), headers=bearer(checkout))

    assert response.status_code == 200
    assert response.json == checkout | {"verification": {"email_verified": False}}


def test_lapsed_hold_reads_as_expired_before_any_sweep(client, tier, clock):
    checkout = opened(client, tier)
    clock.advance(minutes=16)

    document = client.get(url_of(checkout), headers=bearer(checkout)).json

    assert document["status"] == "expired"
    assert document["can_extend_hold"] is False


def test_contact_is_kept_normalised(client, tier):
    checkout = opened(client, tier)

    response = client.put(url_of(checkout, "/contact"), json=CONTACT, headers=bearer(checkout))

    assert response.status_code == 200
    saved = db.session.query(Checkout).one()
    db.session.refresh(saved)
    assert (saved.contact_email, saved.contact_name) == ("ada@example.com", "Ada Example")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"email": ""}, "email"),
        ({"phone": "12"}, "phone"),
        ({"phone": "0491 570 006"}, "phone"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\0b"}, "name"),
    ],
)
def test_faulty_contact_names_the_field(client, tier, change, field):
    checkout = opened(client, tier)

    response = client.put(
        url_of(checkout, "/contact"), json=CONTACT | change, headers=bearer(checkout)
    )

    problem = assert_problem(response, 422, "invalid_request")
    assert [error["field"] for error in problem["errors"]] == [field]


def test_faulty_contact_within_a_basket_names_its_path(client, tier):
    body = basket(tier, contact={"email": "nobody"})

    problem = assert_problem(post_checkout(client, body), 422, "invalid_request")

    assert [error["field"] for error in problem["errors"]] == ["contact.email"]
    assert "nobody" not in str(problem)


def test_changed_basket_has_a_new_price_and_a_new_hold(client, tier, clock):
    checkout = opened(client, tier)
    clock.advance(minutes=10)

    response = client.put(
        url_of(checkout, "/items"),
        json={"items": [{"tier_id": tier.id, "quantity": 3}]},
        headers=bearer(checkout),
    )

    assert response.status_code == 200
    assert response.json["pricing"]["total_cents"] == 9813
    assert response.json["expires_at"] == "2027-03-01T18:25:00Z"
    assert held(tier) == 3


def test_refused_change_keeps_the_old_basket(client, app):
    tier = make_tier(make_event(), capacity=3)
    checkout = opened(client, tier, 2)

    response = client.put(
        url_of(checkout, "/items"),
        json={"items": [{"tier_id": tier.id, "quantity": 5}]},
        headers=bearer(checkout),
    )

    problem = assert_problem(response, 409, "insufficient_inventory")
    assert problem["unavailable"] == [{"tier_id": tier.id, "requested": 5, "available": 3}]
    assert held(tier) == 2


def test_hold_is_extended_ten_times(client, tier):
    checkout = opened(client, tier)
    for _ in range(10):
        response = client.post(url_of(checkout, "/extension"), headers=bearer(checkout))
        assert response.status_code == 200

    assert response.json["expires_at"] == "2027-03-01T19:05:00Z"
    assert response.json["can_extend_hold"] is False
    response = client.post(url_of(checkout, "/extension"), headers=bearer(checkout))
    assert_problem(response, 409, "hold_limit_reached")


def test_lapsed_hold_is_not_extended(client, tier, clock):
    checkout = opened(client, tier)
    clock.advance(minutes=16)

    response = client.post(url_of(checkout, "/extension"), headers=bearer(checkout))

    assert_problem(response, 409, "hold_expired")


def test_cancelling_gives_the_places_back_and_may_be_repeated(client, tier):
    checkout = opened(client, tier, 2)

    for _ in range(2):
        response = client.delete(url_of(checkout), headers=bearer(checkout))
        assert response.status_code == 204

    assert held(tier) == 0
    document = client.get(url_of(checkout), headers=bearer(checkout)).json
    assert document["status"] == "cancelled"


def test_cancelled_checkout_takes_no_contact(client, tier):
    checkout = opened(client, tier)
    client.delete(url_of(checkout), headers=bearer(checkout))

    response = client.put(url_of(checkout, "/contact"), json=CONTACT, headers=bearer(checkout))

    assert_problem(response, 409, "checkout_closed")


def test_free_checkout_needs_an_email_before_it_converts(client, app):
    tier = make_tier(make_event(), price_cents=0, kind=TierKind.TICKET)
    checkout = opened(client, tier)

    response = client.post(
        url_of(checkout, "/payment"), json={"provider": "stripe"}, headers=bearer(checkout)
    )

    assert_problem(response, 422, "email_missing")
