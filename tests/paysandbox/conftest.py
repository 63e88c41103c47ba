"""A live sandbox in its own process, and the real SDKs that talk to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import resend
import stripe

from tests.paysandbox.receiver import Receiver
from tests.sandbox import DEADLINE_SECONDS, Control, judged_sandbox

TEST_KEY = "sk_test_sandbox"
# Lets a test send what no application may send, without failing the judges.
UNJUDGED = {"X-Sandbox-Judge": "skip"}


def mail(**changes: object) -> dict[str, object]:
    """What a mail service is asked to send."""
    params: dict[str, object] = {
        "from": "Yard <box@example.com>",
        "to": ["bo@example.com"],
        "subject": "Your tickets",
        "html": "<p>Hello</p>",
        "text": "See http://127.0.0.1:5000/orders/x?t=1. Thank you.",
    }
    return params | changes


@pytest.fixture(scope="session")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with judged_sandbox(tmp_path_factory.mktemp("sandbox")) as url:
        yield url


@pytest.fixture(scope="session")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def control(sandbox_url: str, http: requests.Session) -> Control:
    plane = Control(sandbox_url, http)
    plane.post("reset", forget_endpoints=True)
    return plane


def make_gateway(url: str, session: requests.Session, **options: Any) -> stripe.StripeClient:
    return stripe.StripeClient(
        options.pop("key", TEST_KEY),
        base_addresses={"api": url},
        http_client=stripe.RequestsClient(timeout=DEADLINE_SECONDS, session=session),
        **options,
    )


@pytest.fixture
def gateway(control: Control, monkeypatch: pytest.MonkeyPatch) -> Iterator[stripe.StripeClient]:
    monkeypatch.setattr(stripe, "enable_telemetry", False)
    with requests.Session() as session:
        yield make_gateway(control.url, session)


@pytest.fixture
def rude_gateway(gateway, control: Control) -> Iterator[stripe.StripeClient]:
    """For calls that the sandbox must refuse; the judges do not see them."""
    with requests.Session() as session:
        session.headers.update(UNJUDGED)
        yield make_gateway(control.url, session)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def webhook_secret(gateway: stripe.StripeClient, receiver: Receiver) -> str:
    """The secret of an endpoint that sends everything to the receiver."""
    endpoint = gateway.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    return endpoint.secret


@pytest.fixture
def mails(control: Control, monkeypatch: pytest.MonkeyPatch) -> type[resend.Emails]:
    monkeypatch.setattr(resend, "api_key", "re_sandbox")
    monkeypatch.setattr(resend, "api_url", control.url)
    return resend.Emails


def session_params(**changes: Any) -> dict[str, Any]:
    line = {
        "quantity": 2,
        "price_data": {
            "currency": "eur",
            "unit_amount": 1500,
            "product_data": {"name": "Day ticket"},
        },
    }
    params = {
        "mode": "payment",
        "success_url": "http://127.0.0.1:5000/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:5000/basket",
        "line_items": [line],
        "metadata": {"order": "42"},
        "payment_intent_data": {"metadata": {"order": "42"}},
    }
    return params | changes


@pytest.fixture
def open_session(gateway: stripe.StripeClient) -> Callable[..., stripe.checkout.Session]:
    def create(**changes: Any) -> stripe.checkout.Session:
        return gateway.v1.checkout.sessions.create(session_params(**changes))

    return create


def event_types(gateway: stripe.StripeClient) -> list[str]:
    """Oldest first."""
    found = gateway.v1.events.list({"limit": 100}).data
    return [event.type for event in reversed(found)]
