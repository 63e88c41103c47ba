"""What every request leaves behind: a trace id, one log line, one measurement."""

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

from webapp.observability import metrics
from webapp.observability.logs import StaticExceptionText
from webapp.tracing import current_trace_id, trace_id_from, tracing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

# Fetched all the time by browsers and probes; measured, but not worth a line.
UNLOGGED_ENDPOINTS = frozenset({"static", "health.show_liveness", "health.show_readiness"})


class TraceMiddleware:
    """Gives every request the trace id it came with, or a new one."""

    def __init__(self, wsgi_app: "WSGIApplication") -> None:
        self._wsgi_app = wsgi_app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve the request within its trace."""
        with tracing(trace_id_from(environ.get("HTTP_TRACEPARENT", ""))):
            return self._wsgi_app(environ, start_response)


def init_app(app: Flask) -> None:
    """Trace, measure and log every request of ``app``."""
    app.wsgi_app = TraceMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    app.logger.addFilter(StaticExceptionText())
    app.before_request(start_clock)
    app.after_request(note_request)


def start_clock() -> None:
    g.started_at = time.perf_counter()


def note_request(response: Response) -> Response:
    """Name the trace to the caller, then log and measure by endpoint, never by path."""
    response.headers["X-Trace-Id"] = current_trace_id()
    # A request refused before it was routed never started the clock.
    started_at = g.get("started_at")
    seconds = 0.0 if started_at is None else time.perf_counter() - started_at
    endpoint = request.endpoint or "unrouted"
    metrics.note_request(endpoint=endpoint, status=response.status_code, seconds=seconds)
    if endpoint not in UNLOGGED_ENDPOINTS:
        log.info(
            "request handled",
            extra={
                "method": request.method,
                "endpoint": endpoint,
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 1),
            },
        )
    return response
