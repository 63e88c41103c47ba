"""Is it alive, is it ready, what is it doing, and what robots and finders of holes ask."""

import hmac
from datetime import timedelta
from email.utils import parseaddr
from http import HTTPStatus
from ipaddress import ip_address

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from werkzeug.exceptions import NotFound

from webapp.database import db
from webapp.domain import heartbeats
from webapp.extensions import settings
from webapp.links import absolute_url
from webapp.observability import certificates, ledger, metrics, readiness
from webapp.ports import ports

bp = Blueprint("health", __name__)

ANSWER_SECONDS = 0.45
DATABASE_TIMEOUT_MS = 400
SECURITY_TXT_LIFETIME = timedelta(days=180)
# What is one buyer's own is for no search engine; their links are secrets besides.
PRIVATE_PATHS = ("/api/", "/c/", "/checkout/", "/continue/", "/o/", "/orders/", "/passes/")


def init_app(app: Flask) -> None:
    """Answer probes."""
    app.extensions["readiness"] = {
        "database": readiness.TimedCheck(lambda: look_at_database(app)),
        "redis": readiness.TimedCheck(lambda: look_at_redis(app)),
        "workers": readiness.TimedCheck(lambda: look_at_workers(app)),
    }
    app.register_blueprint(bp)


@bp.get("/healthz")
def show_liveness() -> Response:
    """The process lives; nothing else is looked at."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def show_readiness() -> tuple[Response, int]:
    """200 when everything is there, 503 with what is not; warnings change no status."""
    found = readiness.run_checks(current_app.extensions["readiness"], seconds=ANSWER_SECONDS)
    is_ready = not any(found.values())
    # Names of processes and errors are for operators, who have the logs.
    hides = settings().is_production
    checks = {
        name: {"ok": not why, "why": "unavailable" if why and hides else why}
        for name, why in found.items()
    }
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    answer = jsonify(
        status="ready" if is_ready else "not ready",
        checks=checks,
        warnings=certificates.list_warnings(ports().passes.certificates(), now=ports().utc_now()),
    )
    return answer, status


@bp.get("/metrics")
def show_metrics() -> Response:
    """Prometheus; for the holder of METRICS_TOKEN, and for this machine outside production."""
    if not may_see_metrics():
        raise NotFound
    body = metrics.render_process_metrics()
    body += ledger.render_ledger_metrics(now=ports().utc_now())
    body += certificates.render_certificate_metrics(
        ports().passes.certificates(), now=ports().utc_now()
    )
    return Response(body, content_type=CONTENT_TYPE_LATEST)


@bp.get("/.well-known/security.txt")
def show_security_txt() -> Response:
    """Whom to tell about holes (RFC 9116)."""
    expires_at = ports().utc_now().replace(microsecond=0) + SECURITY_TXT_LIFETIME
    lines = [
        f"Contact: mailto:{parseaddr(settings().mail_from)[1]}",
        f"Expires: {expires_at.isoformat()}",
        f"Canonical: {absolute_url('health.show_security_txt')}",
        "Preferred-Languages: en",
    ]
    response = Response("\n".join(lines) + "\n", mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@bp.get("/robots.txt")
def show_robots_txt() -> Response:
    """What search engines may read (RFC 9309): what is on, not what somebody bought."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE_PATHS)]
    response = Response("\n".join(lines) + "\n", mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def may_see_metrics() -> bool:
    token = settings().metrics_token
    sent = request.authorization
    if token and sent is not None and sent.type == "bearer" and sent.token:
        return hmac.compare_digest(sent.token.encode(), token.encode())
    return not settings().is_production and _is_this_machine()


def look_at_database(app: Flask) -> str:
    with app.app_context():
        db.session.execute(text(f"SET LOCAL statement_timeout = {DATABASE_TIMEOUT_MS}"))
        db.session.execute(text("SELECT 1"))
    return ""


def look_at_redis(app: Flask) -> str:
    with app.app_context():
        return "" if ports().ping_redis() else "no answer"


def look_at_workers(app: Flask) -> str:
    """Which of the processes behind the site have fallen silent."""
    with app.app_context():
        db.session.execute(text(f"SET LOCAL statement_timeout = {DATABASE_TIMEOUT_MS}"))
        silent = heartbeats.list_silent(now=ports().utc_now())
    return f"silent: {', '.join(silent)}" if silent else ""


def _is_this_machine() -> bool:
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
