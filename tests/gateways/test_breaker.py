"""The breaker: shut after so many failures in a row, tried by one caller after a pause."""

import pytest

from tests.gateways.stopwatch import Stopwatch
from webapp.gateways.breaker import Breaker


@pytest.fixture
def stopwatch():
    return Stopwatch()


@pytest.fixture
def breaker(stopwatch):
    """Shut after three failures, for five seconds."""
    return Breaker(limit=3, pause_seconds=5, monotonic=stopwatch)


def fail(breaker, times):
    for _ in range(times):
        breaker.note_failure()


def test_failures_in_a_row_shut_it(breaker):
    fail(breaker, 2)
    before = breaker.lets_through()
    fail(breaker, 1)

    assert (before, breaker.lets_through()) == (True, False)


def test_an_answer_in_between_starts_the_count_anew(breaker):
    fail(breaker, 2)
    breaker.note_success()
    fail(breaker, 2)

    assert breaker.lets_through()
    assert breaker.failures == 4


def test_after_the_pause_one_caller_is_let_through(breaker, stopwatch):
    fail(breaker, 3)
    stopwatch.seconds += 5

    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]


def test_one_more_failure_shuts_it_again_and_an_answer_opens_it(breaker, stopwatch):
    fail(breaker, 3)
    stopwatch.seconds += 5
    fail(breaker, 1)
    shut = breaker.lets_through()
    stopwatch.seconds += 5
    breaker.lets_through()
    breaker.note_success()

    assert not shut
    assert [breaker.lets_through() for _ in range(3)] == [True] * 3
