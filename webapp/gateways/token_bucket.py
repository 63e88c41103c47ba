"""Calls spread over time: a token bucket shared through Redis, or per process without it."""

import logging
import threading
import time
from collections.abc import Callable

from redis import RedisError

from webapp.gateways.breaker import Breaker
from webapp.gateways.redis_client import quick_redis

log = logging.getLogger(__name__)

# Whole steps of one bucket in one round trip, by Redis's own clock: the
# processes' clocks need not agree. Answers 1 when a token was taken.
_TAKE = """
local now = redis.call('TIME')
local seconds = now[1] + now[2] / 1000000
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or burst, tonumber(kept[2]) or seconds
tokens = math.min(burst, tokens + math.max(0, seconds - at) * rate)
local taken = tokens >= 1 and 1 or 0
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - taken), 'at', tostring(seconds))
redis.call('EXPIRE', KEYS[1], math.ceil(burst / rate) + 1)
return taken
"""


class LocalTokenBucket:
    """A bucket of one process. Implements :class:`webapp.ports.TokenBucket`."""

    def __init__(
        self,
        *,
        per_second: float,
        burst: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = per_second
        self._burst = max(1.0, per_second if burst is None else burst)
        self._monotonic = monotonic
        self._tokens = self._burst
        self._at = monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """True when a call may be made now."""
        with self._lock:
            now = self._monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


class RedisTokenBucket:
    """A bucket shared by every process. Implements :class:`webapp.ports.TokenBucket`.

    Without Redis each process has a bucket of its own with ``fallback_share`` of
    the rate: slower than allowed rather than faster.
    """

    def __init__(
        self,
        redis_url: str,
        *,
        name: str,
        per_second: float,
        burst: float | None = None,
        fallback_share: float = 0.5,
        breaker: Breaker | None = None,
    ) -> None:
        self._key = f"yardpass:bucket:{name}"
        self._rate = per_second
        self._burst = max(1.0, per_second if burst is None else burst)
        self._breaker = breaker or Breaker()
        self._local = LocalTokenBucket(per_second=per_second * fallback_share, burst=burst)
        self._take = quick_redis(redis_url).register_script(_TAKE)

    def take(self) -> bool:
        """True when a call may be made now."""
        if not self._breaker.lets_through():
            return self._local.take()
        try:
            is_taken = bool(self._take(keys=[self._key], args=[self._rate, self._burst]))
        except (RedisError, OSError):
            self._breaker.note_failure()
            log.warning("token bucket is away: this process counts for itself")
            return self._local.take()
        self._breaker.note_success()
        return is_taken
