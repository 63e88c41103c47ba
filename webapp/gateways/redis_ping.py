"""Whether Redis answers, for readiness."""

from redis import RedisError

from webapp.gateways.redis_client import quick_redis


class RedisPing:
    """Asks one Redis server for a sign of life."""

    def __init__(self, redis_url: str) -> None:
        self._redis = quick_redis(redis_url)

    def __call__(self) -> bool:
        """Whether Redis answered within a fraction of a second; never raises."""
        try:
            return bool(self._redis.ping())
        except (RedisError, OSError):
            return False
