"""A gateway that is silent: asked a few times, then left alone for a while."""

import pytest

from tests.gateways.hung_server import hung_server
from tests.gateways.stopwatch import Stopwatch
from webapp.gateways import stripe_payments
from webapp.gateways.breaker import Breaker
from webapp.gateways.stripe_payments import StripePayments
from webapp.ports import GatewayFailed, GatewayRefused, GatewayUnavailable

SESSIONS = "/v1/checkout/sessions"
TRIES = 1 + stripe_payments.MAX_RETRIES


@pytest.fixture
def stopwatch():
    return Stopwatch()


@pytest.fixture
def connect(stopwatch):
    def connected(url: str) -> StripePayments:
        return StripePayments(
            secret_key="sk_test_sandbox",
            webhook_secrets=["whsec_x"],
            api_base=url,
            read_timeout_seconds=0.2,
            breaker=Breaker(
                limit=stripe_payments.SILENT_CALLS,
                pause_seconds=stripe_payments.PAUSE_SECONDS,
                monotonic=stopwatch,
            ),
        )

    return connected


def look(payments: StripePayments, times: int) -> None:
    for _ in range(times):
        with pytest.raises(GatewayUnavailable):
            payments.look_up_session("cs_test_1")


def test_a_call_is_over_before_a_thread_is_missed():
    one_try = max(stripe_payments.CONNECT_SECONDS, stripe_payments.READ_SECONDS)

    assert TRIES * one_try + stripe_payments.MAX_RETRIES * 0.5 <= 10


def test_a_gateway_that_hangs_is_left_alone_and_tried_again_later(connect, stopwatch):
    with hung_server() as server:
        payments = connect(f"http://{server.address}")
        look(payments, 3)
        asked = server.count_connections()
        look(payments, 5)
        within_the_pause = server.count_connections()
        stopwatch.seconds += stripe_payments.PAUSE_SECONDS
        look(payments, 3)
        later = server.count_connections()

    assert (asked, within_the_pause, later) == (3 * TRIES, 0, TRIES)


def test_a_gateway_that_is_back_is_used_at_once(connect, control, ask, stopwatch):
    payments = connect(control.url)
    control.fail("reset", path=SESSIONS, times=3 * TRIES)
    # What the tests before this one asked is on record, too.
    before = len(control.calls(SESSIONS))
    for _ in range(4):
        with pytest.raises(GatewayUnavailable):
            payments.create_session(ask())
    broken = len(control.calls(SESSIONS)) - before
    stopwatch.seconds += stripe_payments.PAUSE_SECONDS

    sightings = [payments.create_session(ask()) for _ in range(2)]

    assert broken == 3 * TRIES
    assert sightings[0] == sightings[1]


def test_a_gateway_that_answers_is_not_silent_whatever_it_says(connect, control, ask):
    payments = connect(control.url)
    control.fail("500", path=SESSIONS, times=4 * TRIES)

    for _ in range(4):
        with pytest.raises(GatewayFailed):
            payments.create_session(ask())
    with pytest.raises(GatewayRefused):
        payments.look_up_session("cs_test_unknown")
