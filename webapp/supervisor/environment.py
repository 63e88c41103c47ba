"""The variables of the children: what the operator set, and what is made up for the rest."""

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from webapp.embedded.settings import write_private
from webapp.supervisor.command import Plan

KEYS_FILE = "keys.json"
RECORDED_NAMES = (
    "SITE_URL",
    "SECRET_KEY",
    "TICKET_SIGNING_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "STRIPE_SECRET_KEY",
    "STRIPE_API_BASE",
    "STRIPE_WEBHOOK_SECRET",
    "RESEND_API_KEY",
    "RESEND_API_URL",
    "RESEND_WEBHOOK_SECRET",
    "MAIL_FROM",
)
DEFAULT_MAIL_FROM = "Yardpass <tickets@example.org>"


def kept_keys(home: Path) -> dict[str, str]:
    """Random keys of this home, each made once: sessions, links and tickets survive a restart.

    A home from before one of them was needed keeps the others.
    """
    path = home / KEYS_FILE
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    keys = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "TICKET_SIGNING_KEY": secrets.token_urlsafe(48),
        "STRIPE_SECRET_KEY": f"sk_test_sandbox{secrets.token_hex(16)}",
        "RESEND_API_KEY": f"re_sandbox{secrets.token_hex(16)}",
        "RESEND_WEBHOOK_SECRET": f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}",
    } | kept
    if keys != kept:
        write_private(path, json.dumps(keys, indent=2) + "\n")
    return keys


def wants_payment_sandbox(operator: Mapping[str, str]) -> bool:
    """Neither a key nor a host of a real gateway is named."""
    return not (operator.get("STRIPE_SECRET_KEY") or operator.get("STRIPE_API_BASE"))


def wants_mail_sandbox(operator: Mapping[str, str]) -> bool:
    """Neither a key nor a host of a real mail service is named."""
    return not (operator.get("RESEND_API_KEY") or operator.get("RESEND_API_URL"))


def made_up_environment(plan: Plan, keys: Mapping[str, str]) -> dict[str, str]:
    """Values for what the operator left unset, except the addresses of servers."""
    operator = plan.environment
    made_up = {
        "YARDPASS_HOME": str(plan.home),
        "SITE_URL": plan.site_url,
        "SECRET_KEY": keys["SECRET_KEY"],
        "TICKET_SIGNING_KEY": keys["TICKET_SIGNING_KEY"],
        "MAIL_FROM": DEFAULT_MAIL_FROM,
    }
    # A key and its host belong together: a made-up key must never reach the real gateway.
    if wants_payment_sandbox(operator):
        made_up["STRIPE_SECRET_KEY"] = keys["STRIPE_SECRET_KEY"]
        made_up["STRIPE_API_BASE"] = plan.sandbox_url
    if wants_mail_sandbox(operator):
        made_up["RESEND_API_KEY"] = keys["RESEND_API_KEY"]
        made_up["RESEND_API_URL"] = plan.sandbox_url
        made_up["RESEND_WEBHOOK_SECRET"] = keys["RESEND_WEBHOOK_SECRET"]
    return {name: value for name, value in made_up.items() if not operator.get(name)}


def recordable(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings that a command in another shell needs to find the same servers."""
    return {name: environment[name] for name in RECORDED_NAMES if environment.get(name)}
