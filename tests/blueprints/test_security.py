"""What every answer carries, and what no request gets past."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import request

from tests.blueprints.sites import PRODUCTION
from tests.factories import make_event, make_tier
from webapp import create_app
from webapp.database import db
from webapp.extensions import csrf

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Cache-Control",
    "X-Trace-Id",
}


@pytest.fixture
def production(environ):
    """The application as it runs on the internet, behind one proxy."""
    application = create_app(
        PRODUCTION | {"DATABASE_URL": environ["DATABASE_URL"], "TRUSTED_PROXIES": "1"}
    )
    yield application
    with application.app_context():
        db.engine.dispose()


def missing_headers(response):
    return REQUIRED - set(response.headers.keys())


def test_every_route_and_method_answers_with_every_header(app, client):
    checked = 0
    for rule in app.url_map.iter_rules():
        values = {name: 1 if name.endswith("_id") else "unknown" for name in rule.arguments}
        path = app.url_map.bind("localhost").build(
            rule.endpoint, values, next(iter(rule.methods - {"HEAD", "OPTIONS"}))
        )
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"):
            response = client.open(path, method=method)
            assert missing_headers(response) == set(), f"{method} {path}"
            assert response.status_code < 500 or rule.endpoint == "health.show_readiness", path
            checked += 1
    assert checked > 100


def test_static_files_and_strangers_addresses_carry_the_headers(client):
    for path in ("/static/nothing.css", "/nothing", "/api/v1/nothing", "/static/../x"):
        response = client.get(path)
        assert response.status_code == 404
        assert missing_headers(response) == set()


def test_bug_carries_the_headers_and_says_nothing(app, client, ports, monkeypatch):
    def broken():
        raise RuntimeError("the secret inside")

    monkeypatch.setitem(app.extensions, "ports", replace(ports, utc_now=broken))

    response = client.get("/")

    assert response.status_code == 500
    assert missing_headers(response) == set()
    assert "secret" not in response.text
    assert "Traceback" not in response.text


def test_policy_allows_nothing_inline_and_no_stranger(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))

    assert directives == {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'self' http://127.0.0.1:9",
        "report-uri": "/csp-reports",
    }


def test_production_adds_hsts_and_names_the_real_gateway(production):
    response = production.test_client().get("/healthz", base_url="https://tickets.example.org")

    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert (
        "form-action 'self' https://checkout.stripe.com;"
        in (response.headers["Content-Security-Policy"])
    )


def test_plain_http_is_not_promised_https(client):
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


def test_session_cookie_is_bound_to_the_host_in_production(production):
    config = production.config

    assert config["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert config["SESSION_COOKIE_SECURE"] is True
    assert config["SESSION_COOKIE_HTTPONLY"] is True
    assert config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert config["SESSION_COOKIE_DOMAIN"] is None


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", ""])
@pytest.mark.parametrize("path", ["/", "/api/v1/events", "/healthz", "/nothing"])
def test_other_hosts_are_refused(client, host, path):
    response = client.get(path, headers={"Host": host})

    assert response.status_code == 400
    assert missing_headers(response) == set()
    assert "evil" not in response.text


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000"])
def test_own_machine_is_served_in_development(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_own_machine_is_a_stranger_in_production(production):
    client = production.test_client()

    assert client.get("/healthz", headers={"Host": "localhost"}).status_code == 400
    assert client.get("/healthz", headers={"Host": "tickets.example.org"}).status_code == 200


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Original-Host", "Forwarded", "X-Forwarded-Server"]
)
def test_forwarded_hosts_never_get_into_a_link(production, environ, client, app, header):
    event = make_event()
    headers = {header: "host=evil.example" if header == "Forwarded" else "evil.example"}

    for where in (client, production.test_client()):
        response = (
            where.get(
                f"/api/v1/events/{event.slug}", headers=headers | {"Host": "tickets.example.org"}
            )
            if where is not client
            else where.get(f"/api/v1/events/{event.slug}", headers=headers)
        )
        assert response.status_code == 200
        assert "evil" not in response.text


def test_links_are_built_from_the_settings_only():
    word = re.compile(r"_external\s*=|request\.(host_url|url_root|root_url|base_url|url)\b")
    offenders = [
        str(path.relative_to(ROOT))
        for folder in ("blueprints", "webapp", "jobs", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".txt"} and word.search(path.read_text())
    ]

    assert offenders == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8000.evil.example"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "path", ["/e/x/checkouts", "/checkout/x/cancellation", "/api/v1/checkouts"]
)
def test_writes_of_other_sites_are_refused(client, headers, path):
    assert client.post(path, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "http://localhost"},
    ],
    ids=str,
)
def test_writes_of_this_site_and_of_programs_pass(client, headers):
    # 415: past the guard, and refused by the view itself.
    assert client.post("/api/v1/checkouts", headers=headers).status_code == 415


def test_reading_from_another_site_is_a_link_and_allowed(client):
    assert client.get("/healthz", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_list_of_views_without_a_csrf_token_is_exactly_this(app):
    assert csrf._exempt_views == {
        "blueprints.webhooks.receive_stripe",
        "blueprints.webhooks.receive_resend",
        "blueprints.security.receive_csp_report",
        "blueprints.pass_service.register_phone",
        "blueprints.pass_service.unregister_phone",
        "blueprints.pass_service.receive_log",
        # Asked for by scripts of pages that are kept for months: JSON from this site only.
        "blueprints.wallet_push.create_push_subscription",
        "blueprints.wallet_push.delete_push_subscription",
    }
    assert {blueprint.name for blueprint in csrf._exempt_blueprints} == {"api"}


def test_every_other_write_needs_the_token(app, client):
    exempt = {"webhooks", "security", "api", "pass_service"}
    paths = [
        re.sub("<[^>]+>", "1", str(rule))
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods
        and rule.endpoint.split(".")[0] not in exempt
        and rule.endpoint != "wallet.create_push_subscription"
    ]

    assert paths
    for path in paths:
        assert client.post(path).status_code == 400, path


def test_api_without_cookies_is_not_let_in_by_one(app, client):
    tier = make_tier(make_event())
    client.set_cookie("yardpass", "anything")

    response = client.post(
        "/api/v1/checkouts",
        json={"event": tier.event.slug, "items": [{"tier_id": tier.id, "quantity": 1}]},
    )

    assert response.status_code == 201
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/e/%00", "/api/v1/events/a%00b", "/?q=%00", "/o/%00"])
def test_nul_characters_are_refused_before_the_database_sees_them(client, path):
    assert client.get(path).status_code == 400


def test_proxy_is_believed_only_when_one_is_expected(app, production):
    seen = []
    for application in (app, production):
        with application.test_request_context():
            pass
        client = application.test_client()
        host = application.extensions["settings"].site_host
        with client:
            client.get(
                "/healthz", headers={"Host": host, "X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
            )
            seen.append(request.remote_addr)

    # Behind one proxy the last entry is what that proxy saw; the first is the caller's word.
    assert seen == ["127.0.0.1", "198.51.100.7"]
