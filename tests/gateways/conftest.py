"""The adapters against the sandbox over HTTP: the real SDKs, real signatures, real faults."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.sandbox import Control, judged_sandbox
from webapp.clock import utc_now
from webapp.gateways.resend_mail import ResendMailer
from webapp.gateways.stripe_payments import StripePayments
from webapp.ports import MailMessage, SessionLine, SessionRequest

KEY = "sk_test_sandbox"
SECRETS = ("whsec_old_secret", "whsec_new_secret")


def message(**changes: object) -> MailMessage:
    values = {
        "to": "buyer@example.com",
        "subject": "Your tickets",
        "text": "Here they are.",
        "html": "<p>Here they are.</p>",
        "idempotency_key": "order_confirmation/EVE-1/1",
        "tags": {"order": "EVE-1", "kind": "order_confirmation"},
    }
    return MailMessage(**(values | changes))


@pytest.fixture(scope="session")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with judged_sandbox(tmp_path_factory.mktemp("sandbox")) as url:
        yield url


@pytest.fixture
def control(sandbox_url: str) -> Iterator[Control]:
    with requests.Session() as http:
        plane = Control(sandbox_url, http)
        plane.post("reset", forget_endpoints=True)
        yield plane


@pytest.fixture
def payments(control: Control) -> StripePayments:
    return StripePayments(
        secret_key=KEY,
        webhook_secrets=SECRETS,
        api_base=control.url,
        read_timeout_seconds=1,
    )


@pytest.fixture
def mailer(control: Control) -> ResendMailer:
    return ResendMailer(
        api_key="re_sandbox",
        api_url=control.url,
        sender="Box office <tickets@example.com>",
        timeout_seconds=1,
    )


@pytest.fixture
def ask() -> Callable[..., SessionRequest]:
    """A request for two tickets and fees: 67.98 in US dollars. Asked again, it is the same."""
    expires_at = utc_now() + timedelta(minutes=31)

    def make(**changes: Any) -> SessionRequest:
        values: dict[str, Any] = {
            "order_number": "EVE-20270301-0001",
            "idempotency_key": "order-EVE-20270301-0001-1",
            "currency": "USD",
            "lines": [SessionLine("Evening", 2, 3000), SessionLine("Fees", 1, 615)],
            "customer_email": "buyer@example.com",
            "success_url": "http://localhost:8000/back",
            "cancel_url": "http://localhost:8000/away",
            "expires_at": expires_at,
            "metadata": {"order_number": "EVE-20270301-0001", "trace_id": "0" * 31 + "1"},
            "held_until_text": "Your places are held until 8:15 PM.",
        }
        return SessionRequest(**(values | changes))

    return make
