"""Logs, traces and metrics of the running application."""

from flask import Flask

from webapp.config import Settings
from webapp.observability import request_log
from webapp.observability.logs import configure_logging


def init_app(app: Flask, settings: Settings) -> None:
    """Log this process in JSON (``YARDPASS_LOG=text``: plain) and trace every request."""
    configure_logging(as_text=settings.yardpass_log == "text")
    request_log.init_app(app)
