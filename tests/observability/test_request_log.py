"""Each request leaves one line that names what was done and nothing that opens anything."""

import io
import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.blueprints.api_calls import bearer, opened, url_of
from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.observability.logs import configure_logging
from webapp.tracing import current_trace_id

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def written():
    stream = io.StringIO()
    configure_logging(as_text=False, stream=stream)
    yield stream
    configure_logging(as_text=False)


@pytest.fixture
def client(app):
    return app.test_client()


def test_line_names_the_endpoint_and_never_the_path(client, written):
    client.get("/api/v1/events/some-slug?email=ada@example.com&x=secret-query")

    (line,) = [json.loads(text) for text in written.getvalue().splitlines()]
    assert line["event"] == "request handled"
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "api.show_event", 404)
    assert line["duration_ms"] > 0
    assert "some-slug" not in written.getvalue()
    assert "secret-query" not in written.getvalue()


def test_trace_comes_with_the_request_and_leaves_with_the_answer(client, written):
    response = client.get("/healthz", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})

    assert response.headers["X-Trace-Id"] == TRACE
    assert current_trace_id() != TRACE


@pytest.mark.parametrize("traceparent", ["", "nonsense", f"00-{'0' * 32}-00f067aa0ba902b7-01"])
def test_request_without_a_trace_gets_its_own(client, traceparent):
    first, second = (
        client.get("/healthz", headers={"traceparent": traceparent}).headers["X-Trace-Id"]
        for _ in range(2)
    )

    assert first != second
    assert len(first) == 32


def test_bug_is_logged_with_its_trace_and_without_the_path(
    app, client, ports, written, monkeypatch
):
    def broken():
        raise RuntimeError("what went wrong")

    monkeypatch.setitem(app.extensions, "ports", replace(ports, utc_now=broken))

    response = client.get("/api/v1/events?a=a-query-that-tells")

    lines = [json.loads(text) for text in written.getvalue().splitlines()]
    (bug,) = [line for line in lines if line["level"] == "ERROR"]
    assert bug["event"] == "unhandled exception"
    assert bug["trace_id"] == response.headers["X-Trace-Id"]
    assert "what went wrong" in bug["exception"]
    assert "a-query-that-tells" not in written.getvalue()


def test_nothing_personal_is_written_on_the_way_through_a_purchase(
    app, client, written, gateway, ports
):
    tier = make_tier(make_event())
    contact = {"email": "canary.person@example.com", "name": "Canary Name", "phone": "+13035550177"}
    checkout = opened(client, tier, contact=contact)
    client.put(url_of(checkout, "/contact"), json=contact, headers=bearer(checkout))
    client.post(url_of(checkout, "/payment"), json={"provider": "stripe"}, headers=bearer(checkout))
    client.get(checkout["page_url"])
    client.get(url_of(checkout), headers=bearer(checkout))
    client.get(url_of(checkout), headers={"Authorization": "Bearer canary-token"})
    client.delete(url_of(checkout), headers=bearer(checkout))

    text = written.getvalue()
    for canary in ("canary", "Canary", "5550177", checkout["checkout_token"]):
        assert canary not in text
    assert checkout["page_url"].rsplit("/", 1)[1] not in text


def test_failing_statement_is_logged_without_its_values(app, client, written, monkeypatch, ports):
    def broken():
        db.session.execute(text("SELECT :name / 0"), {"name": 7_777_777})

    monkeypatch.setitem(app.extensions, "ports", replace(ports, utc_now=broken))

    assert client.get("/api/v1/events").status_code == 500

    assert "DivisionByZero" in written.getvalue()
    assert "7777777" not in written.getvalue()
    db.session.rollback()
