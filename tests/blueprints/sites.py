"""The application set up otherwise than for most tests."""

from collections.abc import Mapping

from flask import Flask

from webapp import create_app

PRODUCTION = {
    "APP_ENV": "production",
    "SITE_URL": "https://tickets.example.org",
    "SECRET_KEY": "an-example-secret-for-tests-0123456789",
    "TICKET_SIGNING_KEY": "an-example-signing-key-9876543210-zyxw",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "STRIPE_SECRET_KEY": "sk_test_of_a_production_site",
    "STRIPE_WEBHOOK_SECRET": "whsec_tests",
    "RESEND_API_KEY": "re_tests_of_production",
    "MAIL_FROM": "Box office <tickets@example.org>",
}


def limited_app(environ: Mapping[str, str], **changes: str) -> Flask:
    """With rate limits."""
    return create_app({**environ, "RATELIMIT_ENABLED": "1", **changes})
