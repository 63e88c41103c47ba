"""What only a running process knows: how long it took to answer, and what it refused.

Business totals are not counted here but read from their rows when they are
asked for (:mod:`webapp.observability.ledger`): rows survive restarts, and no
second worker can count them twice.

Under gunicorn each worker writes its values to files of its own, in the folder
that ``PROMETHEUS_MULTIPROC_DIR`` names before this module is imported, and
whichever worker is asked adds them up.
"""

import os
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
# The CSP's own words; anything else in a report is the reporter's invention.
DIRECTIVES: Final = frozenset(
    {
        "base-uri",
        "connect-src",
        "default-src",
        "font-src",
        "form-action",
        "frame-ancestors",
        "frame-src",
        "img-src",
        "manifest-src",
        "media-src",
        "object-src",
        "script-src",
        "script-src-attr",
        "script-src-elem",
        "style-src",
        "style-src-attr",
        "style-src-elem",
        "worker-src",
    }
)

_registry = CollectorRegistry()
_requests = Histogram(
    "http_request_duration_seconds",
    "Time from the first byte read to the answer, by endpoint and class of status.",
    ("endpoint", "status_class"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    registry=_registry,
)
_webhooks = Histogram(
    "webhook_answer_duration_seconds",
    "Time until a gateway's notice was answered.",
    ("endpoint", "status_class"),
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0),
    registry=_registry,
)
_csp_reports = Counter(
    "csp_reports", "Violations of the content security policy.", ("directive",), registry=_registry
)
_rate_limited = Counter(
    "rate_limited", "Requests refused for coming too fast.", ("endpoint",), registry=_registry
)


def note_request(*, endpoint: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    status_class = f"{status // 100}xx"
    _requests.labels(endpoint, status_class).observe(seconds)
    if endpoint.startswith("webhooks."):
        _webhooks.labels(endpoint, status_class).observe(seconds)


def note_csp_report(directive: str) -> None:
    """Count one violation; unknown directives are counted together."""
    _csp_reports.labels(directive if directive in DIRECTIVES else "other").inc()


def note_rate_limited(endpoint: str) -> None:
    """Count one refusal for coming too fast."""
    _rate_limited.labels(endpoint).inc()


def render_process_metrics() -> bytes:
    """The values of all workers, in Prometheus' text format."""
    if FOLDER_VARIABLE not in os.environ:
        return generate_latest(_registry)
    everyone = CollectorRegistry()
    MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
    return generate_latest(everyone)
