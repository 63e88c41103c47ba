"""The composition root: the only module that sees everything."""

from collections.abc import Mapping

from flask import Flask
from sqlalchemy.pool import QueuePool

import webapp.models  # noqa: F401  (registers every table)
from blueprints import register_blueprints
from webapp import extensions, observability
from webapp.cli import register_commands
from webapp.clock import utc_now
from webapp.config import Settings, read_settings
from webapp.database import db
from webapp.gateways import build_ports
from webapp.paths import MIGRATIONS_DIR, STATIC_DIR, TEMPLATES_DIR
from webapp.sealing import KeySeal
from webapp.signing import Signer

SESSION_DAYS = 30
MAX_BODY_BYTES = 1_000_000


def build_app(environ: Mapping[str, str] | None = None) -> Flask:
    """Build the application from the environment.

    Raises :class:`webapp.config.SettingsError` when a setting is missing or unsafe.
    """
    settings = read_settings(environ)
    app = Flask("webapp", template_folder=str(TEMPLATES_DIR), static_folder=str(STATIC_DIR))
    app.config.from_mapping(_flask_config(settings))
    app.extensions["settings"] = settings
    app.extensions["signer"] = Signer(settings.secret_key)
    app.extensions["key_seal"] = KeySeal(settings.ticket_signing_key)
    app.extensions["ports"] = build_ports(settings, utc_now=utc_now)
    db.init_app(app)
    extensions.migrate.init_app(app, db, directory=str(MIGRATIONS_DIR))
    observability.init_app(app, settings)
    register_blueprints(app)
    register_commands(app)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    is_https = settings.site_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "poolclass": QueuePool,
            # Few connections and short locks beat many: see the README, decision 4.
            "pool_size": 8,
            "max_overflow": 8,
            "pool_timeout": 10,
            "pool_pre_ping": False,
            # A failing statement is logged, what it was about is not.
            "hide_parameters": True,
            "connect_args": {
                "connect_timeout": 5,
                "options": "-c timezone=UTC -c statement_timeout=15000 -c lock_timeout=5000"
                " -c idle_in_transaction_session_timeout=30000",
            },
        },
        "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
        "PERMANENT_SESSION_LIFETIME": SESSION_DAYS * 24 * 3600,
        "SESSION_COOKIE_NAME": "__Host-yardpass" if is_https else "yardpass",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # Answers that change nothing set no cookie: caches may keep them.
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,
    }
