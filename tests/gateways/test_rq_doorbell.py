"""The doorbell: it may be lost, it may not hurt."""

import pytest
from redis import Redis

from tests.gateways.hung_server import hung_redis
from tests.gateways.stopwatch import Stopwatch
from webapp.gateways.breaker import Breaker
from webapp.gateways.rq_doorbell import RqDoorbell

GONE = "redis://127.0.0.1:9/0"


@pytest.fixture
def redis(redis_url):
    with Redis.from_url(redis_url) as client:
        yield client


def test_a_ring_names_the_row_and_nothing_else(redis_url, redis):
    RqDoorbell(redis_url).ring(queue="orders", outbox_id=7)

    (job_key,) = redis.keys("rq:job:*")
    job = redis.hgetall(job_key)
    assert redis.llen("rq:queue:orders") == 1
    assert job[b"description"] == b"outbox"
    assert 0 < redis.ttl(job_key) <= 600


def test_a_redis_that_is_gone_is_swallowed_counted_and_left_alone(caplog):
    stopwatch = Stopwatch()
    doorbell = RqDoorbell(GONE, breaker=Breaker(monotonic=stopwatch))

    for _ in range(3):
        doorbell.ring(queue="orders", outbox_id=1)
    within_the_pause = doorbell.lost_rings
    stopwatch.seconds += 1.5
    doorbell.ring(queue="orders", outbox_id=1)

    assert (within_the_pause, doorbell.lost_rings) == (1, 2)
    assert [record.getMessage() for record in caplog.records] == [
        "doorbell is away: workers find their work by polling"
    ]


def test_a_redis_that_hangs_is_asked_once_and_then_left_alone():
    with hung_redis() as url:
        doorbell = RqDoorbell(url, breaker=Breaker(monotonic=Stopwatch()))
        for _ in range(5):
            doorbell.ring(queue="orders", outbox_id=1)

    assert doorbell.lost_rings == 1


def test_a_key_of_the_wrong_kind_is_swallowed(redis_url, redis):
    redis.set("rq:queue:orders", "rubbish")
    doorbell = RqDoorbell(redis_url)

    doorbell.ring(queue="orders", outbox_id=1)

    assert doorbell.lost_rings == 1
