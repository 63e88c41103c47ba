"""docs/ticket-format.md says what the code does: its examples are made and refused here."""

import json
import re
from base64 import urlsafe_b64encode
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.sources import ROOT
from webapp.domain.signed_tickets import (
    FIELD_BYTES,
    SIGNATURE_PREFIX,
    Fault,
    NotGenuine,
    TicketBody,
    VerifyingKey,
    encode_text,
    read_genuine,
    sign_body,
    unpack_body,
    verify_text,
)

DOCUMENT = (ROOT / "docs" / "ticket-format.md").read_text()
ANSWER, EXAMPLES = (
    json.loads(block) for block in re.findall(r"```json\n(.*?)\n```", DOCUMENT, re.DOTALL)
)
NOW = datetime.fromisoformat(EXAMPLES["door"]["now"])
PRIVATE_KEYS = {
    key["key_no"]: Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["seed"]))
    for key in EXAMPLES["keys"]
}
KEYS = {
    key["key_no"]: VerifyingKey(bytes.fromhex(key["public_key"]), is_retired=key["retired"])
    for key in EXAMPLES["keys"]
}
WRITTEN = EXAMPLES["accepted"] + EXAMPLES["encoded"]


def words(examples):
    return [example["why"] for example in examples]


def verify(text: str) -> TicketBody:
    return verify_text(text, keys=KEYS, event_id=EXAMPLES["door"]["event_id"], now=NOW)


@pytest.mark.parametrize("key_no", PRIVATE_KEYS)
def test_seeds_give_the_public_keys(key_no):
    public_key = PRIVATE_KEYS[key_no].public_key().public_bytes_raw()

    assert public_key == KEYS[key_no].public_key


@pytest.mark.parametrize("example", WRITTEN, ids=words(WRITTEN))
def test_tickets_are_written_as_the_document_says(example):
    body = TicketBody(**example["fields"])

    signed = sign_body(body, private_key=PRIVATE_KEYS[body.key_no])

    assert (signed[:19].hex(), signed[19:].hex()) == (example["body"], example["signature"])
    assert encode_text(signed) == example["text"]
    assert read_genuine(example["text"], keys=KEYS) == body == unpack_body(signed[:19])


@pytest.mark.parametrize("example", EXAMPLES["accepted"], ids=words(EXAMPLES["accepted"]))
def test_accepted_tickets_are_accepted(example):
    assert verify(example["text"]) == TicketBody(**example["fields"])


@pytest.mark.parametrize("example", EXAMPLES["refused"], ids=words(EXAMPLES["refused"]))
def test_refused_tickets_are_refused_for_their_reason(example):
    with pytest.raises(NotGenuine) as refusal:
        verify(example["text"])

    assert refusal.value.fault == example["fault"]


def test_every_fault_has_its_row_in_order_and_an_example():
    rows = re.findall(
        r"^\| `(\w+)` \| ", DOCUMENT.split("\n## 4. ")[1].split("\n## 5. ")[0], re.MULTILINE
    )

    assert rows == list(Fault)
    assert {example["fault"] for example in EXAMPLES["refused"]} == set(Fault)


def test_table_of_the_body_is_the_body():
    rows = re.findall(r"^\| (\d) \| `(\w+)` \| ", DOCUMENT, re.MULTILINE)

    assert [(int(size), name) for size, name in rows] == list(
        zip(FIELD_BYTES, TicketBody.__slots__, strict=True)
    )
    assert f"{len(SIGNATURE_PREFIX)} ASCII bytes `{SIGNATURE_PREFIX.decode()}`" in DOCUMENT


def test_sample_answer_shows_the_first_key_both_ways():
    (key,) = ANSWER["keys"]
    raw = bytes.fromhex(EXAMPLES["keys"][0]["public_key"])

    assert key["public_key"] == urlsafe_b64encode(raw).rstrip(b"=").decode() == key["jwk"]["x"]
