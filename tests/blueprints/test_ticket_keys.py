"""The public keys, as a verifier of somebody else reads them."""

import base64

import pytest

from tests.factories import NOW
from tests.issued import make_order
from webapp.domain import orders, signing_keys
from webapp.domain.signed_tickets import VerifyingKey, read_genuine
from webapp.domain.ticket_texts import list_ticket_texts
from webapp.extensions import key_seal
from webapp.transaction import transaction

ADDRESS = "/.well-known/yardpass-ticket-keys.json"


@pytest.fixture
def client(app):
    return app.test_client()


def test_without_keys_the_list_is_empty(client):
    assert client.get(ADDRESS).json == {"format": "yardpass-ticket-1", "keys": []}


def test_answer_is_enough_to_verify_a_ticket(client, clock):
    order = make_order(clock)
    tickets = orders.list_tickets(order_id=order.id)
    (text, _) = list_ticket_texts(tickets, event=order.event, seal=key_seal()).values()

    (key,) = client.get(ADDRESS).json["keys"]

    assert key["jwk"] == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": key["public_key"],
        "alg": "EdDSA",
        "use": "sig",
        "kid": "1",
    }
    public_key = base64.urlsafe_b64decode(key["public_key"] + "=")
    known = {key["key_no"]: VerifyingKey(public_key)}
    assert read_genuine(text, keys=known).ticket_id == tickets[0].id


def test_every_key_says_what_it_does(client, clock):
    make_order(clock)
    for _ in range(2):
        with transaction():
            signing_keys.make_next_key(seal=key_seal(), now=NOW, trace_id="t")
    with transaction():
        signing_keys.retire_key(key_no=2, now=NOW, trace_id="t")

    answer = client.get(ADDRESS)

    keys = {key["key_no"]: key for key in answer.json["keys"]}
    assert {no: key["status"] for no, key in keys.items()} == {
        1: "valid",
        2: "retired",
        3: "current",
    }
    assert keys[1]["retired_at"] is None
    assert keys[2]["retired_at"] == keys[2]["created_at"] == NOW.isoformat()
    assert "seed" not in answer.text


def test_pages_of_others_and_caches_may_read_it(client, clock):
    make_order(clock)

    answer = client.get(ADDRESS, headers={"Origin": "https://door.example.org"})

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in answer.headers
    same = client.get(ADDRESS, headers={"If-None-Match": answer.headers["ETag"]})
    assert same.status_code == 304
    assert same.headers["Access-Control-Allow-Origin"] == "*"
