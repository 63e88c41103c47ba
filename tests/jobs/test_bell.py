"""The worker's end of the doorbell: whatever Redis does, no ring is needed."""

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from jobs.bell import Bell, OwnDoorbell
from jobs.runtime import perform
from tests.fakes import RecordingDoorbell
from tests.gateways.hung_server import hung_redis
from webapp.gateways.rq_doorbell import RqDoorbell
from webapp.job_queues import PERFORM


class Time:
    """Time that moves only by sleeping."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def redis(redis_url):
    with Redis.from_url(redis_url) as client:
        yield client


def test_rings_arrive_in_order_and_leave_nothing_behind(redis_url, redis):
    doorbell = RqDoorbell(redis_url)
    doorbell.ring(queue="orders", outbox_id=1)
    doorbell.ring(queue="mail", outbox_id=2)
    doorbell.ring(queue="orders", outbox_id=3)
    bell = Bell(redis_url, "orders")

    heard = [bell.wait(), bell.wait()]

    assert heard == [1, 3]
    assert redis.keys("rq:job:*") != []  # the other queue's
    assert redis.llen("rq:queue:orders:intermediate") == 0


def test_an_urgent_ring_is_heard_before_those_that_wait(redis_url, redis):
    doorbell = RqDoorbell(redis_url)
    doorbell.ring(queue="orders", outbox_id=1)
    doorbell.ring(queue="orders", outbox_id=2)
    doorbell.ring(queue="orders", outbox_id=3, is_urgent=True)
    bell = Bell(redis_url, "orders")

    assert [bell.wait() for _ in range(3)] == [3, 1, 2]


def test_the_one_call_that_a_queue_may_name_is_the_workers():
    assert f"{perform.__module__}.{perform.__name__}" == PERFORM


def test_a_queue_cannot_make_the_worker_call_anything_else(redis_url, redis):
    queue = Queue("orders", connection=redis, serializer=JSONSerializer)
    queue.enqueue_call("os.system", args=("true",))
    queue.enqueue_call(PERFORM, args=("7",))
    queue.enqueue_call(PERFORM, args=(7, 8))
    RqDoorbell(redis_url).ring(queue="orders", outbox_id=9)
    bell = Bell(redis_url, "orders")

    assert [bell.wait() for _ in range(4)] == [None, None, None, 9]


def test_rubbish_is_stepped_over(redis_url, redis):
    redis.rpush("rq:queue:orders", "no-such-job", "rubbish")
    redis.hset("rq:job:rubbish", mapping={"created_at": "yesterday", "data": b"\x00\xff"})
    RqDoorbell(redis_url).ring(queue="orders", outbox_id=9)
    bell = Bell(redis_url, "orders")

    assert 9 in [bell.wait(), bell.wait()]


def test_a_killed_workers_rings_are_dropped_at_the_next_start(redis_url, redis):
    redis.rpush("rq:queue:orders:intermediate", "left-behind")

    Bell(redis_url, "orders").forget_rings_in_hand()

    assert redis.exists("rq:queue:orders:intermediate") == 0


@pytest.mark.parametrize("kind", ["gone", "wrong key"])
def test_a_redis_that_fails_is_left_alone_for_longer_and_longer(redis_url, redis, kind):
    redis.set("rq:queue:orders", "not a list")
    moment = Time()
    url = "redis://127.0.0.1:9/0" if kind == "gone" else redis_url
    bell = Bell(url, "orders", sleep=moment.sleep, monotonic=moment)
    pauses = []
    for _ in range(6):
        assert bell.wait() is None
        started = moment()
        while bell.is_away:
            bell.wait()
        pauses.append(moment() - started)

    assert pauses == [1, 2, 4, 8, 10, 10]


def test_a_redis_that_came_back_empty_is_heard_again(redis_url, redis):
    moment = Time()
    bell = Bell(redis_url, "orders", sleep=moment.sleep, monotonic=moment)
    redis.set("rq:queue:orders", "not a list")
    bell.wait()
    redis.flushall()
    moment.sleep(1)
    RqDoorbell(redis_url).ring(queue="orders", outbox_id=4)

    assert bell.wait() == 4
    assert bell.is_away is False


def test_a_redis_that_hangs_does_not_hold_the_worker():
    with hung_redis() as url:
        bell = Bell(url, "orders")

        assert bell.wait() is None
        assert bell.is_away is True


def test_a_worker_hears_its_own_rings_first_and_without_redis():
    outside = RecordingDoorbell()
    own = OwnDoorbell("orders", outside)
    bell = Bell("redis://127.0.0.1:9/0", "orders", own_doorbell=own)

    own.ring(queue="orders", outbox_id=1, is_urgent=True)
    own.ring(queue="mail", outbox_id=2)
    own.ring(queue="orders", outbox_id=3)

    assert [bell.wait(), bell.wait()] == [1, 3]
    assert outside.rings == [("mail", 2)]


def test_a_worker_that_ends_passes_on_what_it_has_not_answered():
    outside = RecordingDoorbell()
    own = OwnDoorbell("orders", outside)
    own.ring(queue="orders", outbox_id=1)

    own.pass_on()

    assert outside.rings == [("orders", 1)]
    assert own.take() is None
