"""Push services: only known ones are called, only the browser can read, only we can sign."""

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from tests.gateways.hung_server import hung_server
from tests.phones import AUTH, public_key
from webapp.gateways import web_push
from webapp.gateways.web_push import WebPusher
from webapp.push_ports import PushGone, PushNotice, PushRefused, PushUnavailable

SECRET = "an-example-secret-for-tests-0123456789"
CONTACT = "Box office <tickets@example.com>"


@dataclass
class PushService:
    """Takes messages as a browser's push service does, and answers what a test says."""

    origin: str = ""
    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[PushService]:
    state = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.received.append((self.path, headers, body))
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the name is the library's

        def log_message(self, *_arguments: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.origin = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def make_pusher(origin: str = "") -> WebPusher:
    return WebPusher(secret_key=SECRET, contact=CONTACT, test_origin=origin)


def notice_for(origin: str, key: ec.EllipticCurvePrivateKey | None = None) -> PushNotice:
    return PushNotice(
        endpoint=f"{origin}/send/phone",
        p256dh=public_key(key),
        auth=AUTH,
        payload=json.dumps({"title": "Rueda Night"}),
        ttl_seconds=3600,
        topic="a" * 32,
    )


def test_only_the_browser_can_read_the_message(service):
    key = ec.generate_private_key(ec.SECP256R1())

    make_pusher(service.origin).send(notice_for(service.origin, key))

    ((path, headers, body),) = service.received
    secret = urlsafe_b64decode(AUTH + "==")
    read = http_ece.decrypt(body, private_key=key, auth_secret=secret, version="aes128gcm")
    assert json.loads(read) == {"title": "Rueda Night"}
    assert path == "/send/phone"
    assert b"Rueda" not in body
    assert (headers["content-encoding"], headers["ttl"], headers["urgency"], headers["topic"]) == (
        "aes128gcm",
        "3600",
        "high",
        "a" * 32,
    )
    stranger = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(http_ece.ECEException):
        http_ece.decrypt(body, private_key=stranger, auth_secret=secret, version="aes128gcm")


def test_the_push_service_can_tell_that_it_was_us_and_whom_to_write_to(service):
    pusher = make_pusher(service.origin)

    pusher.send(notice_for(service.origin))

    authorization = service.received[0][1]["authorization"]
    scheme, _, rest = authorization.partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(","))
    claims = json.loads(urlsafe_b64decode(parts["t"].split(".")[1] + "=="))
    assert scheme == "vapid"
    assert Vapid02.verify(authorization)
    assert parts["k"] == pusher.public_key
    assert claims["aud"] == service.origin
    assert claims["sub"] == "mailto:tickets@example.com"
    assert time.time() < claims["exp"] < time.time() + 24 * 3600


def test_the_same_secret_is_the_same_key_and_another_is_another():
    other = WebPusher(secret_key=SECRET[::-1], contact=CONTACT)

    assert make_pusher().public_key == make_pusher().public_key != other.public_key
    assert len(urlsafe_b64decode(make_pusher().public_key + "=")) == 65


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://db5p.notify.windows.com/w/?token=abc",
    ],
)
def test_known_push_services_are_called(endpoint):
    assert make_pusher().accepts(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.example.com/x",
        "https://evil-fcm.googleapis.com/x",
        "https://push.apple.com.example.com/x",
        "https://evilpush.apple.com/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://127.0.0.1\\@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8080/x",
        "https://user:word@fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[::1/x",
        "https://localhost/x",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/\r\nX: y",
        "https://fcm.googleapis.com/\0",
        "https://fcm.googleapis.com/" + "a" * 2000,
        "https://fcm。googleapis。com/x",
    ],
)
def test_no_other_address_is_ever_called(endpoint):
    pusher = make_pusher()

    assert not pusher.accepts(endpoint)
    with pytest.raises(PushRefused):
        pusher.send(PushNotice(endpoint, public_key(), AUTH, "{}", 60, "topic"))


def test_an_answer_that_leads_elsewhere_is_not_followed(service):
    service.status = 307
    service.headers = {"Location": f"{service.origin}/internal"}

    with pytest.raises(PushRefused):
        make_pusher(service.origin).send(notice_for(service.origin))

    assert [path for path, _, _ in service.received] == ["/send/phone"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_browser_that_is_gone_is_told_from_one_that_is_away(service, status):
    service.status = status

    with pytest.raises(PushGone):
        make_pusher(service.origin).send(notice_for(service.origin))


@pytest.mark.parametrize(
    ("status", "retry_after", "pause"),
    [
        (429, "90", timedelta(seconds=90)),
        (429, "Fri, 31 Dec 2027 23:59:59 GMT", None),
        (503, "99999999999999999999", timedelta(hours=1)),
        (500, "", None),
    ],
)
def test_a_push_service_that_is_busy_says_for_how_long(service, status, retry_after, pause):
    service.status = status
    service.headers = {"Retry-After": retry_after}

    with pytest.raises(PushUnavailable) as caught:
        make_pusher(service.origin).send(notice_for(service.origin))

    assert caught.value.retry_after == pause


@pytest.mark.parametrize("status", [400, 413])
def test_a_message_that_cannot_be_taken_is_refused(service, status):
    service.status = status

    with pytest.raises(PushRefused):
        make_pusher(service.origin).send(notice_for(service.origin))


def test_a_push_service_that_hangs_is_given_up_on(monkeypatch):
    monkeypatch.setattr(web_push, "TIMEOUTS_SECONDS", (0.2, 0.2))

    with hung_server() as server:
        origin = f"http://{server.address}"
        with pytest.raises(PushUnavailable):
            make_pusher(origin).send(notice_for(origin))
