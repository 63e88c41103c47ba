"""The worker's end of the doorbell: row ids out of an RQ queue, and nothing else."""

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import cast

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.serializers import JSONSerializer

from webapp.job_queues import PERFORM
from webapp.ports import Doorbell

log = logging.getLogger(__name__)

CONNECT_SECONDS = 0.5
# The shortest wait that Redis is asked for, and how long its answer may take besides.
WAIT_SECONDS = 1
ANSWER_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 10.0
# How long a caller who may not ask waits instead, between two polls.
REST_SECONDS = 0.5


class OwnDoorbell:
    """A worker's rings for its own queue: it hears them itself, without Redis in between.

    Implements :class:`webapp.ports.Doorbell`; rings for other queues go on to
    ``doorbell``. A worker that is killed loses what it had not answered, as any
    ring may be lost: the rows are rung for again.
    """

    def __init__(self, queue: str, doorbell: Doorbell) -> None:
        self._queue = queue
        self._doorbell = doorbell
        self._rings: deque[int] = deque()

    def ring(self, *, queue: str, outbox_id: int, is_urgent: bool = False) -> None:
        """Keep a ring for the own queue until the row in hand is done."""
        if queue == self._queue:
            self._rings.append(outbox_id)
        else:
            self._doorbell.ring(queue=queue, outbox_id=outbox_id, is_urgent=is_urgent)

    def take(self) -> int | None:
        """The oldest ring that nobody has answered, if there is one."""
        return self._rings.popleft() if self._rings else None

    def pass_on(self) -> None:
        """Let others answer what is left."""
        while (outbox_id := self.take()) is not None:
            self._doorbell.ring(queue=self._queue, outbox_id=outbox_id, is_urgent=True)


class Bell:
    """Listens to one queue.

    Redis may be away, hang, come back empty, or hold rubbish: every such ring
    is lost, which costs time and nothing else.
    """

    def __init__(
        self,
        redis_url: str,
        queue: str,
        *,
        own_doorbell: OwnDoorbell | None = None,
        sleep: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = Redis.from_url(
            redis_url,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=WAIT_SECONDS + ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._queue = Queue(queue, connection=self._redis, serializer=JSONSerializer)
        self._own_doorbell = own_doorbell
        self._sleep = sleep
        self._monotonic = monotonic
        self._failures = 0
        self._away_until = 0.0

    @property
    def is_away(self) -> bool:
        """Whether Redis failed in the last moment, so that only polling finds work."""
        return self._monotonic() < self._away_until

    def wait(self) -> int | None:
        """The id of the next row that was rung for; None after about a second without one."""
        own = self._own_doorbell.take() if self._own_doorbell else None
        if own is not None:
            return own
        if self.is_away:
            self._sleep(REST_SECONDS)
            return None
        try:
            outbox_id = self._take()
        except (RedisError, OSError) as fault:
            self._note_absence(fault)
        except Exception as fault:  # noqa: BLE001 - whatever lies in the queue, it is not our ledger
            log.warning("unreadable ring dropped", extra={"error_class": type(fault).__name__})
        else:
            self._failures = 0
            return outbox_id
        return None

    def forget_rings_in_hand(self) -> None:
        """Drop what a killed worker had taken out and not done: its rows are rung for again."""
        try:
            self._redis.delete(self._queue.intermediate_queue_key)
        except (RedisError, OSError) as fault:
            self._note_absence(fault)

    def _take(self) -> int | None:
        try:
            taken = Queue.dequeue_any(
                [self._queue],
                timeout=WAIT_SECONDS,
                connection=self._redis,
                serializer=JSONSerializer,
            )
        except DequeueTimeout:
            return None
        if taken is None:
            return None
        job, _ = taken
        # Forgotten before it is done: the row, not the ring, knows what is left to do.
        self._redis.delete(job.key)
        self._redis.lrem(self._queue.intermediate_queue_key, 1, job.id)
        return _row_id(job)

    def _note_absence(self, fault: Exception) -> None:
        if self._failures == 0:
            log.warning(
                "doorbell is away: polling the database",
                extra={"error_class": type(fault).__name__},
            )
        # A Redis that hangs costs each look its timeout: look less and less often.
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(self._failures, 8))
        self._failures += 1
        self._away_until = self._monotonic() + pause


def _row_id(job: Job) -> int | None:
    arguments = cast("tuple[object, ...]", tuple(job.args or ()))
    if job.func_name != PERFORM or job.kwargs or len(arguments) != 1:
        log.warning("foreign ring dropped")
        return None
    outbox_id = arguments[0]
    return outbox_id if type(outbox_id) is int else None
