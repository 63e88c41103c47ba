"""How often somebody may be wrong about something secret. What is right is never counted."""

from collections.abc import Callable

from flask import session
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from blueprints.callers import caller_network
from webapp.errors import Refusal
from webapp.extensions import limiter, settings

# Counts while Redis is away.
_fallback = FixedWindowRateLimiter(MemoryStorage())


class Guesses:
    """The mistakes of one browser and of everybody at one address, under a name of its own.

    A crowd at one address may be honestly wrong, so ``per_network`` is wide.
    """

    def __init__(self, name: str, *, per_network: str, per_buyer: str) -> None:
        self._name = name
        self.per_network = parse(per_network)
        self.per_buyer = parse(per_buyer)

    def check(self, refusal: Callable[[], Refusal]) -> None:
        """Raise ``refusal`` after too many mistakes: a guess must learn nothing then."""
        if not all(self._may_try(limit, caller) for limit, caller in self._budgets()):
            raise refusal()

    def count(self) -> None:
        """Note one mistake."""
        for limit, caller in self._budgets():
            try:
                _counters().hit(limit, self._name, caller)
            except StorageError:
                _fallback.hit(limit, self._name, caller)

    def _budgets(self) -> list[tuple[RateLimitItem, str]]:
        if not settings().ratelimit_enabled:
            return []
        budgets = [(self.per_network, f"network:{caller_network()}")]
        if "buyer" in session:
            budgets.append((self.per_buyer, f"browser:{session['buyer']}"))
        return budgets

    def _may_try(self, limit: RateLimitItem, caller: str) -> bool:
        try:
            return _counters().test(limit, self._name, caller)
        except StorageError:
            return _fallback.test(limit, self._name, caller)


def _counters() -> RateLimiter:
    return limiter().limiter
