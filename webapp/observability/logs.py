"""One JSON object a line on standard output, or plain lines for a person."""

import logging
import sys
from typing import TextIO

from pythonjsonlogger.json import JsonFormatter

from webapp.observability.redaction import redact
from webapp.tracing import current_trace_id

# Libraries that tell more than we may keep: rates by address, paths with tokens.
QUIET_LOGGERS = (
    "flask-limiter",
    "werkzeug",
    "urllib3",
    "stripe",
    "rq.worker",
    "fontTools",
    "httpx",
    "httpcore",
    "hpack",
)
_HANDLER_NAME = "yardpass"


class TraceFilter(logging.Filter):
    """Puts the current trace id on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record gets ``trace_id``."""
        record.trace_id = current_trace_id()
        return True


class StaticExceptionText(logging.Filter):
    """Replaces Flask's text for an unhandled exception, which names the path.

    A path may carry a sealed link or a reference; the request log names the endpoint.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record's text becomes static."""
        if record.exc_info and str(record.msg).startswith("Exception on "):
            record.msg = "unhandled exception"
            record.args = ()
        return True


class RedactingJsonFormatter(JsonFormatter):
    """JSON with the fields of ``extra``, masked as a whole so that tracebacks are, too."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        return redact(super().format(record))


class RedactingTextFormatter(logging.Formatter):
    """A line for a person, with the fields of ``extra`` at its end."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, more for a traceback."""
        own = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        fields = "".join(f" {name}={value}" for name, value in own.items())
        line, *traceback = super().format(record).split("\n", 1)
        return redact("\n".join([line + fields, *traceback]))


_STANDARD = frozenset(
    {
        *vars(logging.makeLogRecord({})),
        "message",
        "asctime",
        "trace_id",
        "taskName",
        "color_message",
    }
)


def configure_logging(*, as_text: bool, stream: TextIO | None = None) -> None:
    """Send every log of this process through one redacting handler. Safe to repeat."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.set_name(_HANDLER_NAME)
    handler.addFilter(TraceFilter())
    handler.setFormatter(_text_formatter() if as_text else _json_formatter())
    root = logging.getLogger()
    for old in [h for h in root.handlers if h.get_name() == _HANDLER_NAME]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _json_formatter() -> logging.Formatter:
    return RedactingJsonFormatter(
        ["asctime", "levelname", "name", "message", "trace_id"],
        rename_fields={
            "asctime": "at",
            "levelname": "level",
            "name": "logger",
            "message": "event",
            "exc_info": "exception",
        },
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )


def _text_formatter() -> logging.Formatter:
    return RedactingTextFormatter(
        "{asctime} {levelname:<7} {trace_id:.8} {message}", datefmt="%H:%M:%S", style="{"
    )
