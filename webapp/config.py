"""Every setting, read once from the environment and checked at start."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from webapp.config_passes import PassSettings, pass_faults, read_pass_settings
from webapp.embedded.settings import recorded_environment

APP_ENVS = ("development", "production")
MIN_SECRET_LENGTH = 32
LIVE_KEY_PREFIXES = ("sk_live_", "rk_live_")
DEFAULT_ORGANISATION_NAME = "Yardpass"
MAX_ORGANISATION_NAME_LENGTH = 80
DEFAULT_HOME = Path(__file__).resolve().parent.parent / "instance"


class SettingsError(Exception):
    """At least one setting is missing or unsafe; each line says what to set."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. Field names are the variables in lower case.

    ``passes`` holds those that are read by :mod:`webapp.config_passes`.
    """

    app_env: str
    site_url: str
    secret_key: str
    ticket_signing_key: str
    database_url: str
    redis_url: str
    stripe_secret_key: str
    stripe_webhook_secrets: tuple[str, ...]
    stripe_api_base: str | None
    stripe_sessions_per_second: int
    stripe_delayed_methods: bool
    resend_api_key: str
    resend_api_url: str | None
    resend_webhook_secret: str
    mail_from: str
    organisation_name: str
    support_email: str
    mail_per_second: float
    open_checkouts_per_client: int
    held_percent_per_client: int
    ratelimit_enabled: bool
    trusted_proxies: int
    metrics_token: str
    yardpass_log: str
    allow_db_reset: bool
    gateway_page_origin: str
    passes: PassSettings

    @property
    def is_production(self) -> bool:
        """Whether embedded defaults are refused and cookies are Secure."""
        return self.app_env == "production"

    @property
    def livemode(self) -> bool:
        """Whether the gateway key moves real money; webhooks must agree."""
        return self.stripe_secret_key.startswith(LIVE_KEY_PREFIXES)

    @property
    def mail_sender(self) -> str:
        """The sender of all mail; by the organisation's name where ``mail_from`` has none."""
        name, address = parseaddr(self.mail_from)
        if name or not address:
            return self.mail_from
        quoted = self.organisation_name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'

    @property
    def site_host(self) -> str:
        """The only host name that links are built with and requests are taken for."""
        return urlsplit(self.site_url).hostname or ""


def yardpass_home(environ: Mapping[str, str]) -> Path:
    """The folder of all data: ``YARDPASS_HOME`` or ``instance/`` beside the code."""
    return Path(environ.get("YARDPASS_HOME") or DEFAULT_HOME).resolve()


def read_app_env(environ: Mapping[str, str]) -> str:
    """``development``, unless the environment says ``production``.

    Raises :class:`SettingsError` for any other word: a misspelt production
    must not start with embedded servers and a sandbox that takes no money.
    """
    app_env = environ.get("APP_ENV") or APP_ENVS[0]
    if app_env not in APP_ENVS:
        raise SettingsError([f"Set APP_ENV to {' or '.join(APP_ENVS)}; it is {app_env!r}."])
    return app_env


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings; raise :class:`SettingsError` listing every fault.

    Outside production, what is unset is taken from the record that a running
    supervisor keeps in ``YARDPASS_HOME``, so that a command in another shell
    finds the same servers.
    """
    own = dict(os.environ if environ is None else environ)
    app_env = read_app_env(own)
    if app_env == "production":
        values = own
    else:
        recorded = recorded_environment(yardpass_home(own))
        values = recorded | {name: value for name, value in own.items() if value}
    faults = _production_faults(own) if app_env == "production" else _development_faults(values)
    faults += _always_faults(values) + _number_faults(values)
    faults += pass_faults(values, is_production=app_env == "production")
    if faults:
        raise SettingsError(faults)
    api_base = values.get("STRIPE_API_BASE") or None
    return Settings(
        app_env=app_env,
        site_url=values["SITE_URL"].rstrip("/"),
        secret_key=values["SECRET_KEY"],
        ticket_signing_key=values["TICKET_SIGNING_KEY"],
        database_url=values["DATABASE_URL"],
        redis_url=values["REDIS_URL"],
        stripe_secret_key=values["STRIPE_SECRET_KEY"],
        stripe_webhook_secrets=_split(values["STRIPE_WEBHOOK_SECRET"]),
        stripe_api_base=api_base,
        stripe_sessions_per_second=whole_number(values, "STRIPE_SESSIONS_PER_SECOND"),
        stripe_delayed_methods=values.get("STRIPE_DELAYED_METHODS", "0") == "1",
        resend_api_key=values["RESEND_API_KEY"],
        resend_api_url=values.get("RESEND_API_URL") or None,
        resend_webhook_secret=values.get("RESEND_WEBHOOK_SECRET", ""),
        mail_from=values["MAIL_FROM"],
        organisation_name=_organisation_name(values),
        support_email=_support_email(values),
        mail_per_second=_number(values, "MAIL_PER_SECOND"),
        open_checkouts_per_client=whole_number(values, "OPEN_CHECKOUTS_PER_CLIENT"),
        held_percent_per_client=whole_number(values, "HELD_PERCENT_PER_CLIENT"),
        ratelimit_enabled=values.get("RATELIMIT_ENABLED", "1") != "0",
        trusted_proxies=whole_number(values, "TRUSTED_PROXIES"),
        metrics_token=values.get("METRICS_TOKEN", ""),
        yardpass_log=values.get("YARDPASS_LOG", ""),
        # Only what was set for this very command, never what a supervisor recorded.
        allow_db_reset=own.get("ALLOW_DB_RESET") == "1",
        gateway_page_origin=_origin(api_base) if api_base else "https://checkout.stripe.com",
        passes=read_pass_settings(values),
    )


REQUIRED = {
    "SITE_URL": "the address people open, such as https://tickets.example.org",
    "SECRET_KEY": f"a random text of at least {MIN_SECRET_LENGTH} characters",
    "TICKET_SIGNING_KEY": f"another random text of at least {MIN_SECRET_LENGTH} characters",
    "DATABASE_URL": "the PostgreSQL server, such as postgresql+psycopg://user:password@host/name",
    "REDIS_URL": "the Redis server, such as rediss://:password@host:6379/0",
    "STRIPE_SECRET_KEY": "the gateway's secret key",
    "STRIPE_WEBHOOK_SECRET": "the signing secret of the gateway's webhook endpoint",
    "RESEND_API_KEY": "the key of the mail provider",
    "MAIL_FROM": "the sender of all mail, such as Box office <tickets@example.org>",
}

# The default and the least of each. Whole numbers, unless the default is not.
NUMBERS: Mapping[str, tuple[float, float]] = {
    "STRIPE_SESSIONS_PER_SECOND": (20, 1),
    "MAIL_PER_SECOND": (2.0, 0.1),
    "OPEN_CHECKOUTS_PER_CLIENT": (8, 0),
    "HELD_PERCENT_PER_CLIENT": (10, 0),
    "TRUSTED_PROXIES": (0, 0),
    "WEB_CONCURRENCY": (2, 1),
    "WEB_THREADS": (4, 1),
}


def whole_number(values: Mapping[str, str], name: str) -> int:
    """One of :data:`NUMBERS`. Raises :class:`SettingsError` for what is none or too little."""
    return int(_number(values, name))


def _number(values: Mapping[str, str], name: str) -> float:
    default, at_least = NUMBERS[name]
    text = values.get(name) or str(default)
    try:
        number = type(default)(text)
    except ValueError:
        number = math.nan
    if not at_least <= number < math.inf:
        kind = "whole number" if isinstance(default, int) else "number"
        raise SettingsError([f"Set {name} to a {kind} of at least {at_least}; it is {text!r}."])
    return number


def _number_faults(values: Mapping[str, str]) -> list[str]:
    faults = []
    for name in NUMBERS:
        try:
            _number(values, name)
        except SettingsError as error:
            faults += error.faults
    return faults


def _production_faults(values: Mapping[str, str]) -> list[str]:
    """What production refuses: embedded parts, overridden hosts, weak secrets."""
    faults = [
        f"Set {name}: {meaning}." for name, meaning in REQUIRED.items() if not values.get(name)
    ]
    if values.get("STRIPE_API_BASE"):
        faults.append("Unset STRIPE_API_BASE: production talks to the real gateway only.")
    if values.get("RESEND_API_URL"):
        faults.append("Unset RESEND_API_URL: production talks to the real mail provider only.")
    site_url = values.get("SITE_URL", "")
    if site_url and urlsplit(site_url).scheme != "https":
        faults.append("Set SITE_URL to an address that starts with https://.")
    return faults


def _development_faults(values: Mapping[str, str]) -> list[str]:
    """Without a supervisor's record everything has to be named by hand."""
    missing = [name for name in REQUIRED if not values.get(name)]
    if not missing:
        return []
    return [f"Start everything with `make run`, or set {', '.join(missing)} yourself."]


def _always_faults(values: Mapping[str, str]) -> list[str]:
    """What is wrong in every environment."""
    faults = [
        f"Set {name} to a random text of at least {MIN_SECRET_LENGTH} characters, "
        "such as the output of `python -c 'import secrets; print(secrets.token_hex(32))'`."
        for name in ("SECRET_KEY", "TICKET_SIGNING_KEY")
        if (secret := values.get(name, "")) and _is_weak(secret)
    ]
    if values.get("SECRET_KEY") and values["SECRET_KEY"] == values.get("TICKET_SIGNING_KEY"):
        faults.append("Set TICKET_SIGNING_KEY to another text than SECRET_KEY: each has its use.")
    if values.get("STRIPE_WEBHOOK_SECRET") and not _split(values["STRIPE_WEBHOOK_SECRET"]):
        faults.append("Set STRIPE_WEBHOOK_SECRET to a secret, or to several with commas between.")
    name = _organisation_name(values)
    if not name.isprintable() or len(name) > MAX_ORGANISATION_NAME_LENGTH:
        faults.append(
            "Set ORGANISATION_NAME to one line of at most "
            f"{MAX_ORGANISATION_NAME_LENGTH} characters: it stands on receipts and tickets."
        )
    support_email = values.get("SUPPORT_EMAIL", "").strip()
    if support_email and ("@" not in support_email or parseaddr(support_email)[1] != support_email):
        faults.append("Set SUPPORT_EMAIL to one address alone, such as help@example.org.")
    site_url = values.get("SITE_URL", "")
    parts = urlsplit(site_url)
    if site_url and (parts.scheme not in {"http", "https"} or not parts.hostname):
        faults.append("Set SITE_URL to an absolute address, such as https://tickets.example.org.")
    elif parts.path not in {"", "/"} or parts.query:
        faults.append("Set SITE_URL without a path: the application lives at the root of its host.")
    live = values.get("STRIPE_SECRET_KEY", "").startswith(LIVE_KEY_PREFIXES)
    if live and values.get("STRIPE_API_BASE"):
        faults.append(
            "Unset STRIPE_API_BASE, or use a test key: a live key never goes to another host."
        )
    database_url = values.get("DATABASE_URL", "")
    if database_url and not database_url.startswith(("postgresql://", "postgresql+psycopg://")):
        faults.append("Set DATABASE_URL to a PostgreSQL server: no other database is supported.")
    return faults


def _is_weak(secret: str) -> bool:
    return len(secret) < MIN_SECRET_LENGTH or len(set(secret)) < MIN_SECRET_LENGTH // 4


def _organisation_name(values: Mapping[str, str]) -> str:
    return values.get("ORGANISATION_NAME", "").strip() or DEFAULT_ORGANISATION_NAME


def _support_email(values: Mapping[str, str]) -> str:
    return values.get("SUPPORT_EMAIL", "").strip() or parseaddr(values["MAIL_FROM"])[1]


def _split(value: str) -> tuple[str, ...]:
    """Several secrets, separated by commas, while one is being replaced by another."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
