"""RQ as a doorbell: it names rows that are due, and the rows are the ledger."""

import logging

from redis import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from webapp.gateways.breaker import Breaker
from webapp.gateways.redis_client import quick_redis
from webapp.job_queues import PERFORM

log = logging.getLogger(__name__)

# Nobody waits for a ring longer than this: the sweep has rung again long before.
RING_TTL_SECONDS = 600
PERFORM_SECONDS = 120


class RqDoorbell:
    """Rings through Redis. Implements :class:`webapp.ports.Doorbell`.

    No retry, no unique job and no scheduler of RQ: each of them can lose a job
    or keep it from being rung again, and the row knows better.
    """

    def __init__(self, redis_url: str, *, breaker: Breaker | None = None) -> None:
        self._redis = quick_redis(redis_url)
        self._queues: dict[str, Queue] = {}
        self._breaker = breaker or Breaker()
        self._is_warned = False

    @property
    def lost_rings(self) -> int:
        """How often Redis failed to take a ring, for the metrics."""
        return self._breaker.failures

    def ring(self, *, queue: str, outbox_id: int, is_urgent: bool = False) -> None:
        """Name a row that is due. Never raises because of the outside world."""
        if not self._breaker.lets_through():
            return
        try:
            self._queue(queue).enqueue_call(
                PERFORM,
                args=(outbox_id,),
                timeout=PERFORM_SECONDS,
                ttl=RING_TTL_SECONDS,
                result_ttl=0,
                failure_ttl=RING_TTL_SECONDS,
                description="outbox",
                at_front=is_urgent,
            )
        except (RedisError, OSError):
            self._breaker.note_failure()
            if not self._is_warned:
                self._is_warned = True
                log.warning("doorbell is away: workers find their work by polling")
        else:
            self._breaker.note_success()
            self._is_warned = False

    def _queue(self, name: str) -> Queue:
        if name not in self._queues:
            self._queues[name] = Queue(name, connection=self._redis, serializer=JSONSerializer)
        return self._queues[name]
