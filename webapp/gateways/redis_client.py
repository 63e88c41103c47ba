"""A Redis client that costs a request nothing when Redis is away."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

QUICK_SECONDS = 0.3


def quick_redis(url: str) -> Redis:
    """A client that gives up after :data:`QUICK_SECONDS` and never tries again by itself.

    The default of ten retries would hold a request for seconds.
    """
    return Redis.from_url(
        url,
        socket_connect_timeout=QUICK_SECONDS,
        socket_timeout=QUICK_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
