"""What is on, over the API; and the API's own description."""

import re
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from tests.blueprints.api_calls import assert_problem, opened
from tests.factories import make_donation, make_event, make_tier
from webapp.models import EventStatus

EVENT_MEMBERS = {
    "slug",
    "title",
    "tagline",
    "venue",
    "time_zone",
    "currency",
    "starts_at",
    "ends_at",
    "page_url",
}


def test_published_events_are_listed(client, app):
    event = make_event()
    make_event(status=EventStatus.DRAFT)

    response = client.get("/api/v1/events")

    assert response.status_code == 200
    assert [listed["slug"] for listed in response.json["events"]] == [event.slug]
    assert set(response.json["events"][0]) == EVENT_MEMBERS


def test_event_shows_its_tiers_with_the_price_that_is_paid(client, app):
    event = make_event()
    tier = make_tier(event, badge_label="Early", max_per_email=20)
    donation = make_donation(event)
    opened(client, tier, 2)

    response = client.get(f"/api/v1/events/{event.slug}")

    assert set(response.json) == EVENT_MEMBERS | {"description", "tiers"}
    assert response.json["tiers"] == [
        {
            "id": tier.id,
            "name": tier.name,
            "badge_label": "Early",
            "kind": "ticket",
            "price_cents": 3000,
            "all_in_price_cents": 3417,
            "max_per_order": 10,
            "max_per_email": 20,
            "status": "available",
            "remaining": 98,
        },
        {
            "id": donation.id,
            "name": donation.name,
            "badge_label": "",
            "kind": "donation",
            "price_cents": 1000,
            "all_in_price_cents": 1000,
            "max_per_order": 1,
            "max_per_email": None,
            "status": "available",
            "remaining": None,
        },
    ]


def test_draft_and_unknown_events_are_not_found(client, app):
    draft = make_event(status=EventStatus.DRAFT)

    for slug in (draft.slug, "no-such-event"):
        assert_problem(client.get(f"/api/v1/events/{slug}"), 404, "not_found")


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/events/{slug}"])
def test_unchanged_answer_is_304(client, app, path):
    path = path.format(slug=make_event().slug)
    first = client.get(path)

    second = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, second.status_code) == (200, 304)
    assert first.headers["Cache-Control"] == "public, max-age=5"


def test_api_sets_and_reads_no_cookie(client, app):
    response = client.get("/api/v1/events")

    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.headers.get("Vary", "")
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v2/events", 404, "not_found"),
        ("POST", "/api/v1/events", 405, "method_not_allowed"),
        ("PATCH", "/api/v1/checkouts", 405, "method_not_allowed"),
    ],
)
def test_failures_outside_of_any_view_are_problems_too(client, app, method, path, status, code):
    response = client.open(path, method=method)

    assert_problem(response, status, code)
    if status == 405:
        assert response.headers["Allow"]


def test_bug_is_a_problem_without_a_word_about_it(client, app, ports, monkeypatch):
    def broken():
        raise RuntimeError("the secret inside")

    monkeypatch.setitem(app.extensions, "ports", replace(ports, utc_now=broken))

    response = client.get("/api/v1/events")

    problem = assert_problem(response, 500, "internal_error")
    assert "secret" not in str(problem)


@pytest.fixture
def description(client):
    return client.get("/api/v1/openapi.json").json


def test_description_names_every_call(description):
    calls = {
        (method.upper(), path) for path, item in description["paths"].items() for method in item
    }

    assert calls == {
        ("GET", "/api/v1/events"),
        ("GET", "/api/v1/events/{slug}"),
        ("POST", "/api/v1/checkouts"),
        ("GET", "/api/v1/checkouts/{reference}"),
        ("DELETE", "/api/v1/checkouts/{reference}"),
        ("PUT", "/api/v1/checkouts/{reference}/contact"),
        ("PUT", "/api/v1/checkouts/{reference}/items"),
        ("POST", "/api/v1/checkouts/{reference}/extension"),
        ("POST", "/api/v1/checkouts/{reference}/payment"),
        ("GET", "/api/v1/orders/{number}"),
    }


def test_described_errors_are_problem_documents(description):
    operation = description["paths"]["/api/v1/checkouts"]["post"]

    assert {"201", "400", "404", "409", "413", "415", "422", "429", "500", "503"} == set(
        operation["responses"]
    )
    for status, response in operation["responses"].items():
        media_type = "application/json" if status == "201" else "application/problem+json"
        assert list(response["content"]) == [media_type]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["Idempotency-Key"]


def test_answers_are_as_described(client, description):
    event = make_event()
    tier = make_tier(event)
    checkout = opened(client, tier)
    shown = client.get(f"/api/v1/events/{event.slug}").json

    for name, document in (("Checkout", checkout), ("EventWithTiers", shown)):
        schema = {"$ref": f"#/components/schemas/{name}", **description}
        assert list(Draft202012Validator(schema).iter_errors(document)) == []


def test_every_reference_of_the_description_leads_somewhere(description):
    text = str(description)
    names = set(description["components"]["schemas"])

    assert set(re.findall(r"#/components/schemas/(\w+)", text)) <= names
