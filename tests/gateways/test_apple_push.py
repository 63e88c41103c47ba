"""The adapter of Apple's push service, over real TLS and HTTP/2."""

import json
import logging
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box_office import free_port
from tests.gateways.push_server import PushServer, running_push_server
from tests.pass_certificates import PASS_TYPE, TEAM, Authority, apple_keys, pem_of_certificate
from webapp.gateways.apple_push import ApplePusher
from webapp.pass_ports import PassPhoneGone, PassPushUnavailable

TOKEN = "ab" * 32


def trust_our_authority() -> ssl.SSLContext:
    return ssl.create_default_context(cadata=pem_of_certificate(Authority().certificate))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PushServer]:
    with running_push_server(tmp_path) as running:
        yield running


@pytest.fixture
def pusher(server: PushServer) -> Iterator[ApplePusher]:
    made = ApplePusher(apple_keys(), base_url=server.url, trust=trust_our_authority)
    yield made
    made.close()


def test_push_is_an_empty_object_for_the_pass_type_with_the_passs_certificate(server, pusher):
    for _ in range(2):
        pusher.push(TOKEN)

    push = server.pushes[0]
    assert len(server.pushes) == 2
    assert push.body == b"{}"
    assert push.headers[":path"] == f"/3/device/{TOKEN}"
    assert push.headers["apns-topic"] == PASS_TYPE
    assert push.subject == TEAM


@pytest.mark.parametrize(
    ("status", "reason"),
    [(410, "Unregistered"), (400, "BadDeviceToken"), (400, "DeviceTokenNotForTopic")],
)
def test_phone_that_is_gone_is_told_apart(server, pusher, status, reason):
    server.status, server.answer = status, json.dumps({"reason": reason}).encode()

    with pytest.raises(PassPhoneGone):
        pusher.push(TOKEN)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (429, b'{"reason": "TooManyRequests"}'),
        (500, b""),
        (503, b"not json"),
        (403, b'{"reason": "BadCertificate"}'),
        (400, b'{"reason": "BadTopic"}'),
        (400, b"[]"),
    ],
)
def test_every_other_refusal_is_worth_another_try(server, pusher, status, answer):
    server.status, server.answer = status, answer

    with pytest.raises(PassPushUnavailable):
        pusher.push(TOKEN)


def test_service_that_is_away_is_worth_another_try():
    away = ApplePusher(
        apple_keys(), base_url=f"https://localhost:{free_port()}", trust=trust_our_authority
    )

    with pytest.raises(PassPushUnavailable):
        away.push(TOKEN)
    away.close()


def test_stranger_with_another_certificate_learns_no_token(server):
    wary = ApplePusher(apple_keys(), base_url=server.url)

    with pytest.raises(PassPushUnavailable):
        wary.push(TOKEN)
    wary.close()

    assert server.pushes == []


def test_push_token_is_in_no_log(app, server, pusher, caplog):
    caplog.set_level(logging.INFO)
    server.status = 500

    with pytest.raises(PassPushUnavailable):
        pusher.push(TOKEN)

    assert TOKEN not in caplog.text


def test_key_is_left_in_no_file(server, pusher, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    pusher.push(TOKEN)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["authority.pem", "server.pem"]
