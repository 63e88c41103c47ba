"""How fast one caller may come back, endpoint by endpoint, in one table."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request, session
from flask_limiter import Limit, Limiter

from blueprints import outages
from blueprints.callers import caller_network
from webapp.extensions import limiter, settings
from webapp.observability import metrics

if TYPE_CHECKING:
    from flask_limiter import RequestLimit

log = logging.getLogger(__name__)

# Redis answers in well under a millisecond; when it hangs, the first request
# waits this long and those after it are counted in memory.
STORAGE_TIMEOUT_SECONDS = 0.25
STORAGE_OPTIONS: dict[str, Any] = {
    "socket_connect_timeout": STORAGE_TIMEOUT_SECONDS,
    "socket_timeout": STORAGE_TIMEOUT_SECONDS,
    # One kind of error for whoever counts by hand; see code_attempts.
    "wrap_exceptions": True,
}
# What a refused caller is told when nothing knows better.
COOL_DOWN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """Limits of one endpoint.

    ``per_buyer`` counts one browser that has a key: every one that began a checkout
    or was let into something. ``per_network`` counts everybody behind one
    address, so that throwing the cookie away gains little. A whole crowd may
    share one address, so the latter is wide.
    """

    per_network: str
    per_buyer: str = ""


RATES = {
    # Holding tickets.
    "api.create_checkout": Rate("120 per minute"),
    "api.update_items": Rate("240 per minute"),
    "checkout.create_checkout": Rate("120 per minute", "20 per minute"),
    "checkout.update_items": Rate("240 per minute", "30 per minute"),
    "events.update_language": Rate("600 per minute", "30 per minute"),
    "events.update_code": Rate("600 per minute", "30 per minute"),
    "checkout.update_code": Rate("240 per minute", "30 per minute"),
    "checkout.create_renewal": Rate("120 per minute", "20 per minute"),
    "checkout.create_extension": Rate("240 per minute", "20 per minute"),
    "api.create_extension": Rate("240 per minute"),
    # Who buys: a way to try addresses.
    "api.update_contact": Rate("240 per minute"),
    "checkout.update_contact": Rate("480 per minute", "60 per minute"),
    # While somebody types.
    "checkout.create_draft": Rate("2400 per minute", "120 per minute"),
    # One a minute from every page in view, and one whenever it is shown or hidden.
    "checkout.create_presence": Rate("6000 per minute", "60 per minute"),
    # Each is a mail to an address that nobody has confirmed.
    "checkout.create_link_mail": Rate("120 per hour", "10 per hour"),
    # Each of these may ask the gateway, which allows 25 new sessions a second. Free orders,
    # which do not, have a limit of their own beside these: free_orders.py.
    "api.create_payment": Rate("120 per minute"),
    "api.delete_checkout": Rate("120 per minute"),
    "checkout.create_payment": Rate("120 per minute", "12 per minute"),
    "checkout.create_cancellation": Rate("120 per minute", "12 per minute"),
    # After paying: what mails, and what changes an order.
    "orders.create_mail": Rate("60 per minute", "6 per minute"),
    "orders.update_address": Rate("60 per minute", "6 per minute"),
    "orders.create_lookup": Rate("120 per hour", "10 per hour"),
    "orders.update_ticket_name": Rate("240 per minute", "60 per minute"),
    "orders.create_ticket_code": Rate("120 per minute", "20 per minute"),
    "orders.create_add_on_checkout": Rate("120 per minute", "20 per minute"),
    "orders.dismiss_add_ons": Rate("120 per minute", "20 per minute"),
    # A ticket that changes hands: mails to addresses that somebody typed, links to guess.
    "transfers.create_transfer": Rate("120 per minute", "20 per minute"),
    "transfers.create_withdrawal": Rate("120 per minute", "20 per minute"),
    "transfers.create_invitation": Rate("120 per hour", "10 per hour"),
    "transfers.create_claim": Rate("120 per hour", "10 per hour"),
    "transfers.create_acceptance": Rate("120 per minute", "20 per minute"),
    "transfers.open_ticket_link": Rate("300 per minute"),
    "transfers.show_offer": Rate("300 per minute"),
    "transfers.show_claimed": Rate("300 per minute"),
    "transfers.show_claim": Rate("300 per minute"),
    # Work for the processor rather than the database.
    "orders.show_tickets_pdf": Rate("120 per minute", "20 per minute"),
    "passes.show_order_pass": Rate("240 per minute", "40 per minute"),
    "passes.show_order_link": Rate("240 per minute", "40 per minute"),
    "passes.show_wallet_pass": Rate("240 per minute", "40 per minute"),
    "passes.show_wallet_link": Rate("240 per minute", "40 per minute"),
    # A fifth of a second to draw, and only the last ones are kept; nothing but robots asks.
    "posters.show_picture": Rate("60 per minute"),
    # A search reads every event that is still to come.
    "events.list_events": Rate("2400 per minute"),
    # Two or three a minute from every page that is open, and a crowd behind one address.
    "events.show_availability": Rate("6000 per minute", "60 per minute"),
    "orders.show_calendar": Rate("240 per minute", "60 per minute"),
    "events.show_total": Rate("2400 per minute", "240 per minute"),
    # Polled while the tickets are made.
    "checkout.show_return": Rate("1200 per minute", "120 per minute"),
    "orders.show_mail": Rate("1200 per minute", "120 per minute"),
    # Doors ask every few minutes, and caches stand in front.
    "ticket_keys.show_ticket_keys": Rate("600 per minute"),
    # Guessing signed links or order numbers.
    "checkout.open_link": Rate("300 per minute"),
    "checkout.open_handover": Rate("300 per minute"),
    "orders.open_link": Rate("300 per minute"),
    "api.show_order": Rate("240 per minute"),
    "api.show_checkout": Rate("1200 per minute"),
    # Phones, each from its own network or many behind one; after a change all at once.
    "pass_service.register_phone": Rate("600 per minute"),
    "pass_service.unregister_phone": Rate("600 per minute"),
    "pass_service.list_changed": Rate("1200 per minute"),
    "pass_service.show_pass": Rate("1200 per minute"),
    "pass_service.receive_log": Rate("120 per minute"),
    # The wallet. A whole crowd stands at the door behind one address, each phone with its own
    # copy and often without a session: per buyer would count all of them as one.
    "wallet.create_wallet_order": Rate("1200 per minute"),
    "wallet.create_wallet_ticket": Rate("1200 per minute"),
    "wallet.open_ticket_link": Rate("1200 per minute"),
    "wallet.show_contents": Rate("6000 per minute"),
    "wallet.show_wallet": Rate("6000 per minute"),
    "wallet.show_ticket": Rate("6000 per minute"),
    "wallet.redeem_pairing_code": Rate("240 per minute"),
    "wallet.create_pairing_code": Rate("240 per minute"),
    "wallet.create_removal": Rate("240 per minute"),
    "wallet.create_copy_removal": Rate("240 per minute"),
    "wallet.create_copies_removal": Rate("240 per minute"),
    # Drawn anew each time, on paper for one person.
    "wallet.show_ticket_pdf": Rate("240 per minute"),
    "wallet.show_link_pdf": Rate("240 per minute"),
    "wallet.show_ticket_calendar": Rate("1200 per minute"),
    "wallet.show_link_calendar": Rate("1200 per minute"),
    "wallet.create_push_subscription": Rate("240 per minute"),
    "wallet.delete_push_subscription": Rate("240 per minute"),
    # Gateways redeliver in bursts, from few addresses.
    "webhooks.receive_stripe": Rate("6000 per minute"),
    "webhooks.receive_resend": Rate("6000 per minute"),
    "security.receive_csp_report": Rate("60 per minute"),
}


def init_app(app: Flask) -> None:
    """Limit the endpoints in :data:`RATES`. Call after security and before CSRF."""
    own = app.extensions["settings"]
    app.config["RATELIMIT_ENABLED"] = own.ratelimit_enabled
    extension = build_limiter(own.redis_url)
    extension.init_app(app)
    app.extensions["rate_limiter"] = extension
    app.after_request(say_when_to_retry)


def build_limiter(redis_url: str) -> Limiter:
    """Counts in Redis, and in memory while Redis is away."""
    network = Limit(network_rate, key_function=caller_network, scope="network")
    browser = Limit(
        buyer_rate, key_function=counted_buyer, scope="buyer", exempt_when=is_nobody_yet
    )
    return Limiter(
        caller_network,
        default_limits=[network, browser],
        default_limits_exempt_when=is_unlimited,
        storage_uri=storage_uri(redis_url),
        storage_options=STORAGE_OPTIONS,
        in_memory_fallback_enabled=True,
        key_prefix="yardpass",
        on_breach=note_breach,
    )


def storage_uri(redis_url: str) -> str:
    """The address of Redis in the spelling of the ``limits`` library."""
    return f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url


def is_unlimited() -> bool:
    return request.endpoint not in RATES


def network_rate() -> str:
    rate = RATES.get(request.endpoint or "")
    return rate.per_network if rate else ""


def buyer_rate() -> str:
    rate = RATES.get(request.endpoint or "")
    return rate.per_buyer if rate else ""


def is_nobody_yet() -> bool:
    """Whether the browser has no key of its own: its network's limit is all there is then."""
    return "buyer" not in session


def counted_buyer() -> str:
    """The browser's own key."""
    return str(session.get("buyer", ""))


def note_breach(breached: "RequestLimit") -> None:
    """Log and count by endpoint; who it was is nobody's business."""
    del breached
    endpoint = request.endpoint or ""
    metrics.note_rate_limited(endpoint)
    log.warning("rate limit exceeded", extra={"endpoint": endpoint})


def say_when_to_retry(response: Response) -> Response:
    """Every 429 and 503 says when another try makes sense."""
    if "Retry-After" in response.headers:
        return response
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(_seconds_to_wait())
    elif response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(outages.RETRY_AFTER_SECONDS)
    return response


def _seconds_to_wait() -> int:
    if not settings().ratelimit_enabled:
        return COOL_DOWN_SECONDS
    current = limiter().current_limit
    if current is None or not current.breached:
        return COOL_DOWN_SECONDS
    # The length of the window, not its end: asking for the end is another trip to Redis.
    return int(current.limit.get_expiry())
