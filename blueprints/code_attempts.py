"""How often somebody may be wrong about a code. Those that exist are never counted."""

from flask import session
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from blueprints.buyer import remember_code
from blueprints.callers import caller_network
from webapp.domain import codes
from webapp.errors import TooManyCodes, UnknownCode
from webapp.extensions import limiter, settings
from webapp.models import Code
from webapp.ports import ports

# A crowd at one address may share a link; who guesses makes many mistakes.
PER_NETWORK = parse("120 per 1 hour")
PER_BUYER = parse("10 per 10 minutes")

# Counts while Redis is away.
_fallback = FixedWindowRateLimiter(MemoryStorage())


def attempt_code(*, event_slug: str, text: str) -> Code:
    """The event's code that was typed, if it may be used now.

    Raises :class:`CodeRefused`, and :class:`TooManyCodes` after too many unknown
    ones, right or wrong as this one may be: a guess must learn nothing then. One
    that has ended or been used up was no guess: a crowd at one address that
    follows an old link must not lose its other codes.
    """
    if not all(_may_try(limit, caller) for limit, caller in _budgets()):
        raise TooManyCodes
    try:
        return codes.recognise_code(event_slug=event_slug, text=text, now=ports().utc_now())
    except UnknownCode:
        for limit, caller in _budgets():
            _count(limit, caller)
        raise


def take_code(*, event_slug: str, text: str) -> int | None:
    """Let this browser use the code that was typed, or none; answers the code's id.

    Raises what :func:`attempt_code` raises, with the code that was in use kept.
    """
    code_id = attempt_code(event_slug=event_slug, text=text).id if text else None
    remember_code(event_slug, code_id)
    return code_id


def _budgets() -> list[tuple[RateLimitItem, str]]:
    if not settings().ratelimit_enabled:
        return []
    budgets = [(PER_NETWORK, f"network:{caller_network()}")]
    if "buyer" in session:
        budgets.append((PER_BUYER, f"browser:{session['buyer']}"))
    return budgets


def _counters() -> RateLimiter:
    return limiter().limiter


def _may_try(limit: RateLimitItem, caller: str) -> bool:
    try:
        return _counters().test(limit, "wrong-code", caller)
    except StorageError:
        return _fallback.test(limit, "wrong-code", caller)


def _count(limit: RateLimitItem, caller: str) -> None:
    try:
        _counters().hit(limit, "wrong-code", caller)
    except StorageError:
        _fallback.hit(limit, "wrong-code", caller)
