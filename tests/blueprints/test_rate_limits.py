"""How fast one caller may come back."""

import socket

import pytest

from blueprints.callers import caller_network
from blueprints.rate_limits import RATES, Rate
from tests.blueprints.api_calls import assert_problem
from tests.blueprints.browser import Browser, let_in
from tests.blueprints.sites import limited_app
from tests.factories import make_checkout, make_event, make_tier
from tests.issued import make_order
from webapp.database import db
from webapp.domain import access
from webapp.extensions import signer


@pytest.fixture
def limited(environ, app, monkeypatch):
    """The application with limits; two contact reports a minute are enough for a test."""
    monkeypatch.setitem(RATES, "security.receive_csp_report", Rate("2 per minute"))
    monkeypatch.setitem(RATES, "api.create_checkout", Rate("2 per minute"))
    monkeypatch.setitem(RATES, "events.list_events", Rate("2 per minute"))
    application = limited_app(environ)
    with application.app_context():
        application.extensions["rate_limiter"].reset()
    yield application
    with application.app_context():
        db.engine.dispose()


def test_every_limited_endpoint_exists(app):
    assert set(RATES) <= {rule.endpoint for rule in app.url_map.iter_rules()}


def test_every_write_has_a_limit(app):
    unlimited = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.methods & {"POST", "PUT", "PATCH", "DELETE"} and rule.endpoint not in RATES
    }

    assert unlimited == set()


def test_third_request_is_refused_with_a_time_to_wait(limited):
    client = limited.test_client()

    answers = [client.post("/api/v1/checkouts") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [415, 415, 429]
    assert_problem(answers[2], 429, "rate_limited")
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60


def test_page_is_refused_as_a_page(limited):
    client = limited.test_client()

    answers = [client.get("/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].mimetype == "text/html"
    assert int(answers[2].headers["Retry-After"]) > 0


def test_another_network_is_not_affected(limited):
    here, there = limited.test_client(), limited.test_client()
    there.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    for _ in range(3):
        here.post("/api/v1/checkouts")

    assert there.post("/api/v1/checkouts").status_code == 415


def test_every_phone_of_a_network_is_a_buyer_of_its_own(limited):
    answers = []
    for number in range(11):
        phone = Browser(limited)
        phone.open("/find-tickets")
        answers.append(phone.send("/find-tickets", email=f"guest{number}@example.com").status_code)

    assert answers == [303] * 11
    again = [phone.send("/find-tickets", email="guest@example.com").status_code for _ in range(10)]
    assert again == [303] * 9 + [429]


def test_whoever_came_by_a_link_is_a_buyer_of_their_own(limited, clock, monkeypatch):
    monkeypatch.setitem(RATES, "orders.show_tickets_pdf", Rate("20 per minute", "1 per minute"))
    order = make_order(clock)
    phones = [Browser(limited) for _ in range(3)]
    answers = []
    for phone in phones:
        let_in(phone, order)
        answers.append(phone.client.get(f"/orders/{order.number}/tickets.pdf").status_code)

    assert answers == [200] * 3
    second = phones[0].client.get(f"/orders/{order.number}/tickets.pdf")
    assert second.status_code == 429


def test_link_of_a_checkout_makes_a_buyer_too(limited, app):
    checkout = make_checkout((make_tier(make_event()), 1), email="", client_key="")
    with limited.app_context():
        sealed = access.seal_checkout_link(signer(), checkout.reference)
    answers = []
    for _ in range(13):
        phone = Browser(limited)
        phone.open(phone.open(f"/c/{sealed}").location)
        # Without an address nobody is sent to pay.
        answer = phone.send(f"/checkout/{checkout.reference}/payment", email="x")
        answers.append(answer.status_code)

    assert answers == [422] * 13


def test_spoofed_address_does_not_get_around_the_limit(limited):
    client = limited.test_client()

    answers = [
        client.post("/api/v1/checkouts", headers={"X-Forwarded-For": f"203.0.113.{n}"})
        for n in range(3)
    ]

    assert answers[2].status_code == 429


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("not an address", "unknown"),
    ],
)
def test_caller_is_its_address_or_its_ipv6_network(app, address, network):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert caller_network() == network


@pytest.fixture
def hung_redis():
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_limits_go_on_while_redis_hangs(environ, app, hung_redis, monkeypatch):
    monkeypatch.setitem(RATES, "api.create_checkout", Rate("3 per minute"))
    client = limited_app(environ, REDIS_URL=hung_redis).test_client()

    statuses = [client.post("/api/v1/checkouts").status_code for _ in range(5)]

    assert statuses == [415, 415, 415, 429, 429]


def test_absent_redis_refuses_nobody(environ, app):
    client = limited_app(environ, REDIS_URL="redis://127.0.0.1:9/0").test_client()

    assert client.post("/api/v1/checkouts").status_code == 415
