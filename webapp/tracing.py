"""The trace id that runs from the click through the gateway into the jobs."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# W3C Trace Context, section 3.2: version-traceid-parentid-flags.
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_NO_TRACE = "0" * 32

_trace_id: ContextVar[str] = ContextVar("trace_id", default=_NO_TRACE)


def new_trace_id() -> str:
    """Sixteen random bytes in hex, the form of W3C Trace Context."""
    return secrets.token_hex(16)


def trace_id_from(traceparent: str) -> str:
    """The trace id of a ``traceparent`` header, or a new one when there is none."""
    match = _TRACEPARENT.fullmatch(traceparent.strip().lower())
    return match[1] if match and match[1] != _NO_TRACE else new_trace_id()


def as_trace_id(text: object) -> str | None:
    """The trace id that somebody handed back to us; None for anything that is none."""
    is_one = isinstance(text, str) and _TRACE_ID.fullmatch(text) and text != _NO_TRACE
    return str(text) if is_one else None


def current_trace_id() -> str:
    """The trace id of the request or job that is running."""
    return _trace_id.get()


@contextmanager
def tracing(trace_id: str) -> Iterator[str]:
    """Make ``trace_id`` the current one within the block."""
    token = _trace_id.set(trace_id)
    try:
        yield trace_id
    finally:
        _trace_id.reset(token)
