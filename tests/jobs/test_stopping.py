"""Stopping warmly: the flag is set in the middle of anything, and ends a wait at once."""

import os
import signal
import threading

import pytest

from jobs.stopping import StopFlag

LONG_SECONDS = 3600


@pytest.fixture
def stop():
    before = {
        number: signal.getsignal(number)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    }
    flag = StopFlag()
    flag.install()
    yield flag
    for number, handler in before.items():
        signal.signal(number, handler)


def test_signal_ends_a_wait(stop):
    threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGTERM)).start()

    assert stop.wait(LONG_SECONDS)


def test_stop_asked_for_before_the_wait_needs_no_wait(stop):
    stop.set()
    stop.set()

    assert stop.wait(LONG_SECONDS)
    assert stop.wait(LONG_SECONDS)


def test_wait_without_a_request_says_so(stop):
    assert not stop.wait(0)
