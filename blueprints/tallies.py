"""What is counted by hand, because only some requests to an endpoint turn out to be it."""

from collections.abc import Callable

from flask import session
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from blueprints.callers import caller_network
from webapp.errors import Refusal
from webapp.extensions import limiter, settings, signer

# Counts while Redis is away.
_fallback = FixedWindowRateLimiter(MemoryStorage())


class Tally:
    """What one browser and everybody at one address did, under a name of its own.

    A crowd may share one address, so ``per_network`` is wide. ``per_email`` counts by
    the mailbox that is named, if any; a digest stands for it.
    """

    def __init__(
        self, name: str, *, per_network: str, per_buyer: str, per_email: str | None = None
    ) -> None:
        self._name = name
        self.per_network = parse(per_network)
        self.per_buyer = parse(per_buyer)
        self.per_email = parse(per_email) if per_email else None

    def check(self, refusal: Callable[[], Refusal]) -> None:
        """Raise ``refusal`` when as much was counted as is allowed. Counts nothing."""
        if not all(self._ask("test", limit, caller) for limit, caller in self._budgets()):
            raise refusal()

    def count(self) -> None:
        """Note one more."""
        for limit, caller in self._budgets():
            self._ask("hit", limit, caller)

    def take(self, refusal: Callable[[], Refusal], *, email: str = "") -> None:
        """Note one more, or raise ``refusal``: of those at once no more pass than may."""
        if not all(self._ask("hit", limit, caller) for limit, caller in self._budgets(email)):
            raise refusal()

    def _budgets(self, email: str = "") -> list[tuple[RateLimitItem, str]]:
        if not settings().ratelimit_enabled:
            return []
        budgets = [(self.per_network, f"network:{caller_network()}")]
        if "buyer" in session:
            budgets.append((self.per_buyer, f"browser:{session['buyer']}"))
        if email and self.per_email:
            budgets.append((self.per_email, signer().digest("client-key", f"email:{email}")))
        return budgets

    def _ask(self, question: str, limit: RateLimitItem, caller: str) -> bool:
        try:
            return bool(getattr(_counters(), question)(limit, self._name, caller))
        except StorageError:
            return bool(getattr(_fallback, question)(limit, self._name, caller))


def _counters() -> RateLimiter:
    return limiter().limiter
