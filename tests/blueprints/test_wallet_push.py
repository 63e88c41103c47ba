"""Who may ask to be told, where to, and how it ends."""

import json
from io import BytesIO, RawIOBase

import pytest

from tests.blueprints.wallets import keep
from tests.issued import make_order
from tests.phones import AUTH, new_endpoint, public_key
from webapp.database import db
from webapp.models import PushSubscription

ADDRESS = "/wallet/push-subscriptions"
JSON = {"Accept": "application/json"}


def document(**changes: object) -> dict:
    keys = {"p256dh": public_key(), "auth": AUTH}
    return {"endpoint": new_endpoint(), "expirationTime": None, "keys": keys} | changes


def addresses() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(db.select(PushSubscription.endpoint)))


@pytest.fixture
def phone(browser, clock):
    """A browser that keeps tickets."""
    keep(browser, make_order(clock))
    return browser


def test_the_wallet_offers_messages_and_says_which(phone, pusher):
    page = phone.open("/wallet").text

    assert f'data-push-key="{pusher.public_key}"' in page
    assert "An hour before your event begins" in page
    # Shown by a script alone, where there can be messages at all.
    assert '<section id="wallet-push"' in page
    assert page.split('<section id="wallet-push"')[1].split(">")[0].endswith("hidden")


def test_a_phone_that_keeps_tickets_is_told_from_then_on(phone):
    sent = document()

    answers = [phone.client.post(ADDRESS, json=sent, headers=JSON) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert addresses() == [sent["endpoint"]]
    assert answers[0].headers["Cache-Control"] == "no-store"


def test_another_address_of_the_same_phone_takes_the_place_of_the_first(phone):
    first, second = document(), document()
    for sent in (first, second):
        phone.client.post(ADDRESS, json=sent, headers=JSON)

    assert addresses() == [second["endpoint"]]


def test_a_phone_can_end_it_twice(phone):
    phone.client.post(ADDRESS, json=document(), headers=JSON)

    answers = [phone.client.delete(ADDRESS, headers=JSON) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert addresses() == []


def test_removing_the_tickets_from_the_phone_ends_it(phone):
    phone.client.post(ADDRESS, json=document(), headers=JSON)

    phone.open("/wallet/removal")
    phone.send("/wallet/removal")

    assert addresses() == []


@pytest.mark.parametrize("method", ["post", "delete"])
def test_a_browser_without_tickets_cannot_ask(client, method):
    answer = getattr(client, method)(ADDRESS, json=document(), headers=JSON)

    assert answer.status_code == 401
    assert answer.json["code"] == "wallet_not_connected"
    assert addresses() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"endpoint": "https://169.254.169.254/latest/meta-data"}, "endpoint"),
        ({"endpoint": "http://fcm.googleapis.com/x"}, "endpoint"),
        ({"endpoint": None}, "endpoint"),
        ({"endpoint": {"a": 1}}, "endpoint"),
        ({"keys": None}, "keys"),
        ({"keys": {"p256dh": "A" * 87, "auth": AUTH}}, "keys"),
        ({"keys": {"p256dh": public_key(), "auth": "short"}}, "keys"),
        ({"keys": {"p256dh": "ä" * 20, "auth": "\0"}}, "keys"),
        ({"keys": {"p256dh": public_key() * 9, "auth": AUTH}}, "keys"),
    ],
)
def test_what_no_browser_sends_is_refused_at_its_field(phone, changes, field):
    answer = phone.client.post(ADDRESS, json=document(**changes), headers=JSON)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert addresses() == []


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"[]", "application/json", 422),
        (b'"x"', "application/json", 422),
        (b"{", "application/json", 400),
        (b"[" * 3000, "application/json", 400),
        (b"[" * 9000, "application/json", 413),
        (b'{"endpoint": "x"}', "text/plain", 415),
        (b"endpoint=x", "application/x-www-form-urlencoded", 415),
    ],
)
def test_other_bodies_are_refused(phone, body, media_type, status):
    answer = phone.client.post(ADDRESS, data=body, content_type=media_type, headers=JSON)

    assert answer.status_code == status
    assert addresses() == []


class Flow(RawIOBase):
    """A body of unknown length; counts what was taken from it."""

    def __init__(self, start: bytes, *, length: int) -> None:
        self._left = BytesIO(start + b" " * (length - len(start)))
        self.taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        part = self._left.read(size)
        self.taken += len(part)
        return part

    def readinto(self, buffer) -> int:
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def pour(client, body: Flow, address: str = ADDRESS):
    """Send a body in chunks, as the web server hands it on: without its length."""
    return client.post(
        address,
        content_type="application/json",
        headers=JSON | {"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True},
    )


def test_body_without_a_length_is_as_bounded_as_one_with(phone):
    start = json.dumps(document()).encode()

    fits = pour(phone.client, Flow(start, length=4_000))
    phone.client.delete(ADDRESS, headers=JSON)
    too_long = pour(phone.client, Flow(start, length=4_001))

    assert (fits.status_code, too_long.status_code) == (204, 413)
    assert addresses() == []


def test_endless_body_is_given_up_on_wherever_it_is_sent(phone):
    limit = phone.client.application.config["MAX_CONTENT_LENGTH"]
    flows = [Flow(b"", length=5 * limit) for _ in range(2)]

    statuses = [
        pour(phone.client, flows[0]).status_code,
        pour(phone.client, flows[1], "/api/v1/checkouts").status_code,
    ]

    # Werkzeug stops at the application's limit, so that what was read is no whole document.
    assert set(statuses) <= {400, 413}
    assert max(flow.taken for flow in flows) <= limit


def test_body_of_a_browser_without_tickets_is_not_read(client):
    body = Flow(b"", length=4_000)

    assert pour(client, body).status_code == 401
    assert body.taken == 0


@pytest.mark.parametrize("method", ["post", "delete"])
def test_another_site_cannot_ask_for_it(phone, method):
    foreign = JSON | {"Origin": "https://example.net"}
    phone.client.post(ADDRESS, json=document(), headers=JSON)
    before = addresses()

    answer = getattr(phone.client, method)(ADDRESS, json=document(), headers=foreign)

    assert answer.status_code == 403
    assert addresses() == before


def test_another_key_of_the_installation_is_news_to_every_wallet(browser, clock, pusher):
    """A kept page would go on subscribing with the old one, and no push would arrive."""
    keep(browser, make_order(clock))
    tag = browser.client.get("/wallet/contents").headers["ETag"]

    pusher.public_key = "BAnotherKeyOfThisInstallation"

    answer = browser.client.get("/wallet/contents", headers={"If-None-Match": tag})
    assert answer.status_code == 200
