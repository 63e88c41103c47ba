"""What every answer carries and every request must pass, whoever handles it."""

import json
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, Forbidden, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.config import Settings
from webapp.extensions import csrf, settings
from webapp.observability import metrics

bp = Blueprint("security", __name__)

# Never asked for by strangers; webhooks and probes come from this machine, too.
OWN_MACHINE = ("localhost", "127.0.0.1")
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# A browser that says "same-site" speaks for a neighbour, not for us.
TRUSTED_FETCH_SITES = frozenset({"same-origin", "none"})
PROGRAM_BLUEPRINTS = frozenset({"api", "webhooks", "security", "pass_service"})
MAX_REPORT_BYTES = 16 * 1024

# Cameras are for the scanner; nothing else here needs a device or a sensor.
PERMISSIONS = ", ".join(
    [
        "camera=(self)",
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer",
                "autoplay",
                "browsing-topics",
                "display-capture",
                "geolocation",
                "gyroscope",
                "hid",
                "magnetometer",
                "microphone",
                "midi",
                "payment",
                "serial",
                "usb",
                "xr-spatial-tracking",
            )
        ),
    ]
)


def init_app(app: Flask) -> None:
    """Guard every request and answer of ``app``. Call before CSRF and rate limits."""
    own = app.extensions["settings"]
    app.config["TRUSTED_HOSTS"] = trusted_hosts(own)
    # The checks below replace it, and they need no Referer, which privacy tools remove.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    if own.trusted_proxies > 0:
        trust_proxies(app, own.trusted_proxies)
    app.before_request(refuse_other_hosts)
    app.before_request(refuse_foreign_writes)
    app.before_request(refuse_unstorable_text)
    app.extensions["security_headers"] = security_headers(own)
    app.after_request(add_headers)
    # Browsers send their reports without a token, and a report changes nothing.
    csrf.exempt(receive_csp_report)
    app.register_blueprint(bp)


def trust_proxies(app: Flask, count: int) -> None:
    """Take the caller's address and scheme from the last ``count`` proxies."""
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        app.wsgi_app, x_for=count, x_proto=count
    )


def add_headers(response: Response) -> Response:
    """Put our headers on an answer; a view's own word comes first."""
    for name, value in current_app.extensions["security_headers"].items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def trusted_hosts(own: Settings) -> list[str]:
    """Host names that requests are taken for; any other is answered 400."""
    if own.is_production:
        return [own.site_host]
    return [own.site_host, *OWN_MACHINE]


def security_headers(own: Settings) -> dict[str, str]:
    """Headers of every answer. No inline code anywhere, so no nonces either."""
    policy = (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        # The form that leads to the gateway's page is ours, its redirect is not.
        f"form-action 'self' {own.gateway_page_origin}",
        "report-uri /csp-reports",
    )
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Not "no-referrer": a browser would then send its own forms with "Origin: null".
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if own.site_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def refuse_other_hosts() -> Response | None:
    """Answer a request for a host that is not ours, in plain text.

    An error page has links, and there is no address that they could be made for.
    """
    if isinstance(request.routing_exception, SecurityError):
        return Response("unknown host", HTTPStatus.BAD_REQUEST, mimetype="text/plain")
    return None


def refuse_foreign_writes() -> None:
    """Refuse a write that a browser sends for another site, besides the CSRF token.

    Servers and tools send neither header and pass; what they may do is decided
    by signatures, bearer tokens and the CSRF token.
    """
    if request.method not in UNSAFE_METHODS:
        return
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        if fetch_site not in TRUSTED_FETCH_SITES:
            raise Forbidden
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin not in _own_origins():
        raise Forbidden


def refuse_unstorable_text() -> None:
    """Refuse NUL characters: PostgreSQL cannot store them, and nobody types them."""
    if "\0" in request.path or any(
        "\0" in name or "\0" in value for name, value in request.args.items(multi=True)
    ):
        raise BadRequest


def refuse_unstorable_form() -> None:
    """The same for the fields of forms; uploaded files are not texts.

    Only for pages: programs send bodies that their views read and check as a whole.
    """
    if request.blueprint in PROGRAM_BLUEPRINTS or request.method not in UNSAFE_METHODS:
        return
    if any("\0" in name or "\0" in value for name, value in request.form.items(multi=True)):
        raise BadRequest


def _own_origins() -> set[str]:
    # In development the same application is opened by several names of this
    # machine; the host was checked before, so its own name is one of ours.
    own = urlsplit(settings().site_url)
    return {f"{own.scheme}://{own.netloc}", f"{request.scheme}://{request.host}"}


@bp.post("/csp-reports")
def receive_csp_report() -> ResponseReturnValue:
    """Count what a browser refused to do; the report itself is not kept."""
    request.max_content_length = MAX_REPORT_BYTES
    try:
        report = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    details = report.get("csp-report") if isinstance(report, dict) else None
    if not isinstance(details, dict):
        raise BadRequest
    directive = details.get("effective-directive") or details.get("violated-directive") or ""
    metrics.note_csp_report(str(directive).partition(" ")[0])
    return "", 204
