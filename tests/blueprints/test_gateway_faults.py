"""Whatever the gateway answers, its buyers are told calmly what to do, and keep their hold."""

import pytest

from tests.factories import make_event, make_tier
from webapp.database import db
from webapp.models import Checkout, CheckoutStatus, Payment, PaymentStatus
from webapp.ports import GatewayKeyRefused, GatewayRefused, GatewayUnavailable, GatewayUnknown

EMAIL = "guest@example.com"
FAULTS = [GatewayUnavailable(), GatewayKeyRefused(), GatewayUnknown()]
CALLS = ("create_session", "look_up_session", "expire_session")


@pytest.fixture
def tier(app):
    return make_tier(make_event(), price_cents=3000)


@pytest.fixture
def url(browser, tier):
    """A checkout whose payment page is open."""
    url = browser.hold(tier.event, (tier, 1))
    browser.send(f"{url}/payment", email=EMAIL)
    return url


def act(browser, url, action, tier):
    if action in {"return", "cancelled"}:
        return browser.open(f"{url}/{action}")
    fields = {
        "payment": {"email": "other@example.com"},
        "items": {f"quantity-{tier.id}": 2},
        "contact": {"email": "other@example.com"},
        "code": {"code": ""},
    }
    return browser.send(f"{url}/{action}", **fields.get(action, {}))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("broken", [CALLS, ("look_up_session",)], ids="+".join)
@pytest.mark.parametrize(
    "action", ["payment", "items", "contact", "code", "cancellation", "return", "cancelled"]
)
@pytest.mark.parametrize("has_paid", [False, True])
def test_no_fault_of_the_gateway_is_an_error_of_ours(
    browser, url, tier, gateway, clock, action, broken, fault, has_paid
):
    clock.advance(seconds=30)
    if has_paid:
        gateway.pay("cs_test_1")
    gateway.faults = dict.fromkeys(broken, fault)

    response = act(browser, url, action, tier)

    assert response.status_code in {200, 303, 503}
    if response.status_code == 503:
        assert "Your tickets are still held: try again." in browser.words()
    db.session.expire_all()
    assert action == "cancellation" or (
        db.session.query(Checkout).one().status is not CheckoutStatus.EXPIRED
    )


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_buyer_who_comes_back_waits_whatever_the_gateway_says(
    browser, url, gateway, clock, fault, caplog
):
    clock.advance(seconds=30)
    gateway.pay("cs_test_1")
    gateway.faults = {"look_up_session": fault}

    response = browser.open(f"{url}/return")

    assert response.status_code == 200
    assert "Waiting for your payment to be confirmed" in browser.words()
    errors = [record.message for record in caplog.records if record.levelname == "ERROR"]
    is_refusal = isinstance(fault, GatewayRefused)
    assert errors == (["gateway refused to say what became of a payment"] if is_refusal else [])


def test_nobody_is_told_that_nothing_was_charged_while_nobody_knows(browser, url, gateway, clock):
    clock.advance(seconds=30)
    gateway.pay("cs_test_1")
    gateway.is_down = True

    browser.open(f"{url}/cancelled")

    assert "Nothing was charged." not in browser.words()
    assert "If you have paid, do not pay again" in browser.words()


def test_money_that_was_faster_counts_though_the_gateway_falls_silent_then(browser, url, gateway):
    gateway.pay("cs_test_1")
    gateway.faults = {"look_up_session": GatewayUnavailable()}

    response = browser.send(f"{url}/cancellation")

    assert (response.status_code, response.location) == (303, f"{url}/return")
    assert db.session.query(Payment).one().status is PaymentStatus.SUCCEEDED


def test_a_replayed_page_that_is_over_is_waited_for_though_the_gateway_fell_silent(
    browser, tier, gateway
):
    url = browser.hold(tier.event, (tier, 1))
    gateway.loses_answers = True
    browser.send(f"{url}/payment", email=EMAIL)
    gateway.loses_answers = False
    gateway.pay("cs_test_1")
    gateway.faults = {"look_up_session": GatewayUnavailable()}

    response = browser.send(f"{url}/payment", email=EMAIL)

    assert (response.status_code, response.location) == (303, f"{url}/return")
    assert db.session.query(Payment).one().status is PaymentStatus.OPEN
