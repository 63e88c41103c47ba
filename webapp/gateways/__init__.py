"""Adapters of the outside world. Each knows :mod:`webapp.ports` and nothing above it."""

from collections.abc import Callable
from datetime import datetime

from webapp.config import Settings
from webapp.config_passes import PassSettings
from webapp.gateways.apple_push import ApplePusher
from webapp.gateways.redis_ping import RedisPing
from webapp.gateways.resend_mail import ResendMailer
from webapp.gateways.resend_notices import ResendNotices
from webapp.gateways.rq_doorbell import RqDoorbell
from webapp.gateways.stripe_payments import StripePayments
from webapp.gateways.token_bucket import RedisTokenBucket
from webapp.gateways.web_push import WebPusher
from webapp.pass_ports import PassPorts
from webapp.ports import Ports


def build_ports(settings: Settings, *, utc_now: Callable[[], datetime]) -> Ports:
    """The real outside world, as the settings describe it. Opens no connection yet."""
    return Ports(
        utc_now=utc_now,
        payments=StripePayments(
            secret_key=settings.stripe_secret_key,
            webhook_secrets=settings.stripe_webhook_secrets,
            api_base=settings.stripe_api_base,
            takes_delayed_methods=settings.stripe_delayed_methods,
            now=utc_now,
        ),
        mailer=ResendMailer(
            api_key=settings.resend_api_key,
            api_url=settings.resend_api_url,
            sender=settings.mail_sender,
        ),
        doorbell=RqDoorbell(settings.redis_url),
        session_bucket=RedisTokenBucket(
            settings.redis_url,
            name="sessions",
            per_second=settings.stripe_sessions_per_second,
        ),
        ping_redis=RedisPing(settings.redis_url),
        mail_notices=(
            ResendNotices(settings.resend_webhook_secret)
            if settings.resend_webhook_secret
            else None
        ),
        pusher=WebPusher(secret_key=settings.secret_key, contact=settings.mail_from),
        mail_per_second=settings.mail_per_second,
        mail_bucket=RedisTokenBucket(
            settings.redis_url, name="mail", per_second=settings.mail_per_second
        ),
        passes=build_pass_ports(settings.passes),
    )


def build_pass_ports(own: PassSettings) -> PassPorts:
    """The keys of passes, and Apple's push service where there are keys for it."""
    pusher = ApplePusher(own.apple, base_url=own.apple_push_url) if own.apple else None
    return PassPorts(apple=own.apple, google=own.google, pusher=pusher)
