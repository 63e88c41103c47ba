"""Calls spread over time, with Redis and without."""

from tests.gateways.hung_server import hung_redis
from tests.gateways.stopwatch import Stopwatch
from webapp.gateways.token_bucket import LocalTokenBucket, RedisTokenBucket


def test_processes_share_one_bucket(redis_url):
    # So slow that no token comes back while the test runs.
    first, second = (
        RedisTokenBucket(redis_url, name="shared", per_second=0.001, burst=3) for _ in range(2)
    )

    taken = [bucket.take() for bucket in (first, second, first, second, first)]

    assert taken == [True, True, True, False, False]


def test_buckets_of_different_names_do_not_share(redis_url):
    buckets = [
        RedisTokenBucket(redis_url, name=name, per_second=0.001, burst=1)
        for name in ("mail", "sessions")
    ]

    assert [bucket.take() for bucket in buckets] == [True, True]


def test_without_redis_each_process_counts_for_itself():
    with hung_redis() as url:
        bucket = RedisTokenBucket(url, name="alone", per_second=0.001, burst=2)

        assert [bucket.take() for _ in range(3)] == [True, True, False]


def test_tokens_come_back_at_the_rate_and_never_pile_up():
    stopwatch = Stopwatch()
    bucket = LocalTokenBucket(per_second=2, burst=2, monotonic=stopwatch)
    assert [bucket.take() for _ in range(3)] == [True, True, False]

    stopwatch.seconds += 0.5
    after_half_a_second = [bucket.take() for _ in range(2)]
    stopwatch.seconds += 3600
    after_an_hour = [bucket.take() for _ in range(3)]

    assert after_half_a_second == [True, False]
    assert after_an_hour == [True, True, False]


def test_a_rate_below_one_still_lets_a_call_through():
    assert LocalTokenBucket(per_second=0.1).take() is True
