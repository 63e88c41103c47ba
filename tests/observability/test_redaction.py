"""The second net: what must not be written is masked if it gets there."""

import io
import json
import logging

import pytest

from webapp.domain import access
from webapp.models import Checkout, Order
from webapp.observability.logs import configure_logging
from webapp.observability.redaction import MASK, redact
from webapp.signing import Signer
from webapp.tracing import tracing

SIGNER = Signer("an-example-secret-for-tests-0123456789")
SEALED_ORDER = access.seal_order_link(SIGNER, Order(number="EVE-20270301-0001", link_version=1))
SEALED_CHECKOUT = access.seal_checkout_link(SIGNER, Checkout(reference="0f" * 10))
TOKEN = access.checkout_token(SIGNER, Checkout(reference="0f" * 10))
SECRETS = [
    "ada.example+tickets@example.co.uk",
    f"Bearer {TOKEN}",
    "bearer abcdef",
    TOKEN,
    SEALED_ORDER,
    SEALED_CHECKOUT.split(".")[1],
    "sk_test_51AbCdEfGh",
    "sk_live_51AbCdEfGh",
    "rk_live_51AbCdEfGh",
    "whsec_abcDEF123+/=",
    "re_AbCdEfGh_1234567890abcdefGHIJKL",
    "re_sandbox0123456789abcdef",
    "+13035550100",
    "00" + "31415926535897932384" * 9 + "271828182845904523",
]
HARMLESS = [
    "re_3MmlLrLkdIwHu7ix0snN0B15",
    "cs_test_a1b2c3",
    "evt_1",
    "EVE-20270301-0001",
    "4bf92f3577b34da6a3ce929d0e0e4736",
    "2027-03-01T18:00:00.000000+00:00",
    "webapp.observability.request_log",
    "1234567890",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_secret_is_masked_wherever_it_stands(secret):
    for text in (secret, f"before {secret} after", f'{{"x": "{secret}"}}', f"/o/{secret}?a=b"):
        masked = redact(text)
        assert secret not in masked
        assert MASK in masked


@pytest.mark.parametrize("text", HARMLESS)
def test_ids_that_open_nothing_stay_readable(text):
    assert redact(text) == text


def test_password_of_a_server_is_masked_and_its_name_is_not():
    masked = redact("could not connect to postgresql://yardpass:hunter2@db.internal/yardpass")

    assert "hunter2" not in masked
    assert "db.internal" in masked


@pytest.fixture
def stream():
    """What this process would write; pytest's own handlers stay as they are."""
    written = io.StringIO()
    configure_logging(as_text=False, stream=written)
    yield written
    configure_logging(as_text=False)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_line_is_json_with_the_trace_and_the_fields(stream):
    with tracing("4bf92f3577b34da6a3ce929d0e0e4736"):
        logging.getLogger("anything").info("hold placed", extra={"tier_id": 7})

    (line,) = lines(stream)
    assert line["event"] == "hold placed"
    assert line["level"] == "INFO"
    assert line["logger"] == "anything"
    assert line["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert line["tier_id"] == 7


def test_secrets_in_texts_arguments_fields_and_tracebacks_are_masked(stream):
    log = logging.getLogger("anything")
    try:
        int(SECRETS[0])
    except ValueError:
        log.exception("failed for %s", SECRETS[0], extra={"link": SEALED_ORDER})

    text = stream.getvalue()
    assert SECRETS[0] not in text
    assert SEALED_ORDER not in text
    assert "ValueError" in text
    assert len(lines(stream)) == 1


def test_line_break_in_a_value_makes_no_second_line(stream):
    logging.getLogger("anything").info("noted", extra={"name_typed": 'a\n{"event": "forged"}'})

    assert [line["event"] for line in lines(stream)] == ["noted"]


def test_text_format_is_masked_too():
    written = io.StringIO()
    configure_logging(as_text=True, stream=written)
    try:
        logging.getLogger("anything").info("noted %s", SECRETS[0], extra={"token": TOKEN})
    finally:
        configure_logging(as_text=False)

    assert SECRETS[0] not in written.getvalue()
    assert TOKEN not in written.getvalue()
    assert "noted" in written.getvalue()


def test_configuring_twice_writes_once(stream):
    configure_logging(as_text=False, stream=stream)

    logging.getLogger("anything").info("noted")

    assert len(lines(stream)) == 1
