"""Alive, ready, measured, and reachable for people who find holes."""

import socket
from dataclasses import replace
from datetime import datetime
from urllib.robotparser import RobotFileParser

import pytest

from tests.blueprints.api_calls import opened
from tests.factories import make_event, make_tier
from webapp.domain import heartbeats
from webapp.gateways.redis_ping import RedisPing
from webapp.transaction import transaction


@pytest.fixture
def workers(app, clock):
    with transaction():
        for name in heartbeats.EXPECTED:
            heartbeats.beat(name=name, now=clock())


def test_liveness_looks_at_nothing(client, app, monkeypatch):
    monkeypatch.setitem(app.extensions, "ports", None)

    response = client.get("/healthz")

    assert (response.status_code, response.text) == (200, "ok\n")


def test_ready_when_everything_answers(client, workers):
    response = client.get("/readyz")

    assert response.json == {
        "status": "ready",
        "checks": {
            "database": {"ok": True, "why": ""},
            "redis": {"ok": True, "why": ""},
            "workers": {"ok": True, "why": ""},
        },
        "warnings": [],
    }
    assert response.status_code == 200


def test_silent_worker_is_named(client, workers, clock):
    clock.advance(seconds=40)
    with transaction():
        heartbeats.beat(name="scheduler", now=clock())

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json["checks"]["workers"] == {
        "ok": False,
        "why": "silent: worker:mail, worker:orders",
    }


def test_production_does_not_say_what_is_wrong(client, app, clock, monkeypatch):
    production = replace(app.extensions["settings"], app_env="production")
    monkeypatch.setitem(app.extensions, "settings", production)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json["checks"]["workers"] == {"ok": False, "why": "unavailable"}


def test_absent_redis_is_told(client, app, ports, workers, monkeypatch):
    ping_redis = RedisPing("redis://127.0.0.1:9/0")
    monkeypatch.setitem(app.extensions, "ports", replace(ports, ping_redis=ping_redis))

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json["checks"]["redis"] == {"ok": False, "why": "no answer"}


def test_hung_redis_does_not_hang_the_answer(client, app, ports, workers, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        monkeypatch.setitem(app.extensions, "ports", replace(ports, ping_redis=RedisPing(url)))

        response = client.get("/readyz")

    assert response.status_code == 503
    assert {name: check["ok"] for name, check in response.json["checks"].items()} == {
        "database": True,
        "redis": False,
        "workers": True,
    }


def test_metrics_are_for_this_machine_in_development(client, app):
    client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert client.get("/metrics").status_code == 404

    client.environ_base["REMOTE_ADDR"] = "127.0.0.1"
    assert client.get("/metrics").status_code == 200


def test_metrics_need_the_token_in_production(client, app, monkeypatch):
    production = replace(
        app.extensions["settings"], app_env="production", metrics_token="a-long-token"
    )
    monkeypatch.setitem(app.extensions, "settings", production)

    assert client.get("/metrics").status_code == 404
    for token, status in (("a-long-token", 200), ("another", 404), ("", 404)):
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/metrics", headers=headers).status_code == status


def test_empty_token_setting_lets_nobody_in(client, app, monkeypatch):
    production = replace(app.extensions["settings"], app_env="production", metrics_token="")
    monkeypatch.setitem(app.extensions, "settings", production)

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_metrics_count_rows_by_flow_and_device(client, app, clock):
    tier = make_tier(make_event())
    phone = {"User-Agent": "Mozilla/5.0 (iPhone) Mobile/15E148"}
    opened(client, tier)
    client.post(
        "/api/v1/checkouts",
        json={"event": tier.event.slug, "items": [{"tier_id": tier.id, "quantity": 2}]},
        headers=phone,
    )

    text = client.get("/metrics").text

    assert 'checkout_session_created_total{device="web",flow="guest"} 1.0' in text
    assert 'checkout_session_created_total{device="mobile",flow="guest"} 1.0' in text
    assert 'checkout_session_converted_total{device="web",flow="guest"} 0.0' in text
    assert f'pool_held{{event="{tier.event.slug}",pool="{tier.pools[0].name}"}} 3.0' in text
    assert "orders_needing_review 0.0" in text
    for name in (
        "checkout_session_expired_total",
        "ticket_issued_total",
        "ticket_scanned_total",
        "outbox_depth",
        "outbox_dead",
        "http_request_duration_seconds",
    ):
        assert f"# TYPE {name.removesuffix('_total')}" in text or f"# TYPE {name}" in text


def test_metrics_name_endpoints_and_never_paths(client, app):
    client.get("/c/a-sealed-link-that-opens-something")
    client.get("/somewhere/else")

    text = client.get("/metrics").text

    assert "a-sealed-link" not in text
    assert "somewhere" not in text
    assert 'endpoint="unrouted"' in text


def test_security_txt_says_whom_to_tell(client, clock):
    response = client.get("/.well-known/security.txt")

    assert response.mimetype == "text/plain"
    fields = dict(line.split(": ", 1) for line in response.text.splitlines())
    assert fields["Contact"] == "mailto:tickets@example.com"
    assert fields["Canonical"] == "http://localhost:8000/.well-known/security.txt"
    assert datetime.fromisoformat(fields["Expires"]) > clock()


def test_robots_may_read_what_is_on_and_nothing_of_buyers(client):
    robots = RobotFileParser()
    robots.parse(client.get("/robots.txt").text.splitlines())

    assert robots.can_fetch("Finder", "/")
    assert robots.can_fetch("Finder", "/e/an-event")
    for path in (
        "/checkout/abc",
        "/orders/ALB-1",
        "/o/a-sealed-link",
        "/c/a-sealed-link",
        "/continue/a-sealed-link",
        "/api/v1",
    ):
        assert not robots.can_fetch("Finder", f"{path}/"), path
