"""No text but the one that was signed opens a door, whatever is done to it."""

import os
from datetime import UTC, datetime, timedelta

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.documents.painting import paint_runs
from webapp.domain.signed_tickets import (
    BODY_BYTES,
    FIELD_BYTES,
    GROUP_ORDER,
    TEXT_DIGITS,
    TICKET_BYTES,
    Fault,
    FieldTooLarge,
    NotGenuine,
    TicketBody,
    VerifyingKey,
    decode_text,
    encode_text,
    read_genuine,
    sign_body,
    unpack_body,
    verify_text,
)

EXAMPLES = {"usual": 150, "nightly": 5000}[os.environ.get("YARDPASS_PROPERTIES", "usual")]
KEY_NO = 3
OURS = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
STRANGERS = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
KEYS = {KEY_NO: VerifyingKey(OURS.public_key().public_bytes_raw())}
SIZES = dict(zip(TicketBody.__slots__, FIELD_BYTES, strict=True))
thorough = settings(max_examples=EXAMPLES, deadline=None)


def number_of(field: str) -> st.SearchStrategy[int]:
    return st.integers(0, 256 ** SIZES[field] - 1)


bodies = st.builds(
    TicketBody,
    key_no=st.just(KEY_NO),
    **{name: number_of(name) for name in SIZES if name not in {"version", "key_no"}},
)
texts = bodies.map(lambda body: encode_text(sign_body(body, private_key=OURS)))


def fault_of(text: str) -> Fault:
    with pytest.raises(NotGenuine) as refusal:
        read_genuine(text, keys=KEYS)
    return refusal.value.fault


@thorough
@given(bodies)
def test_what_is_signed_is_read_again(body):
    text = encode_text(sign_body(body, private_key=OURS))

    assert len(text) == TEXT_DIGITS
    assert text.isascii()
    assert text.isdigit()
    assert read_genuine(text, keys=KEYS) == body
    assert encode_text(decode_text(text)) == text


@thorough
@given(bodies)
def test_the_same_ticket_is_the_same_text_every_time(body):
    first, second = (sign_body(body, private_key=OURS) for _ in range(2))

    assert first == second


@thorough
@given(st.binary(min_size=TICKET_BYTES, max_size=TICKET_BYTES))
def test_any_bytes_have_one_text_and_come_back(signed):
    assert decode_text(encode_text(signed)) == signed
    assert unpack_body(signed[:BODY_BYTES]).pack() == signed[:BODY_BYTES]


@thorough
@given(st.text(alphabet="0123456789", min_size=TEXT_DIGITS, max_size=TEXT_DIGITS))
def test_any_digits_are_the_text_of_their_bytes_or_malformed(text):
    try:
        signed = decode_text(text)
    except NotGenuine:
        assert int(text) >= 256**TICKET_BYTES
    else:
        assert encode_text(signed) == text


@settings(max_examples=3, deadline=None)
@given(texts)
def test_no_flipped_bit_verifies(text):
    signed = decode_text(text)

    for bit in range(8 * TICKET_BYTES):
        flipped = bytearray(signed)
        flipped[bit // 8] ^= 1 << bit % 8
        assert fault_of(encode_text(bytes(flipped))) in {
            Fault.UNKNOWN_VERSION,
            Fault.UNKNOWN_KEY,
            Fault.FORGED,
        }


@settings(max_examples=3, deadline=None)
@given(texts)
def test_no_changed_digit_verifies(text):
    for place, digit in enumerate(text):
        other = text[:place] + str((int(digit) + 1) % 10) + text[place + 1 :]
        fault_of(other)


@thorough
@given(texts, st.data())
def test_no_truncated_or_padded_text_verifies(text, data):
    cut = data.draw(st.integers(0, TEXT_DIGITS - 1))
    more = data.draw(st.text(alphabet="0123456789", min_size=1, max_size=20))
    place = data.draw(st.integers(0, TEXT_DIGITS))

    assert fault_of(text[:cut]) is Fault.MALFORMED
    assert fault_of(text[TEXT_DIGITS - cut :]) is Fault.MALFORMED
    assert fault_of(text[:place] + more + text[place:]) is Fault.MALFORMED


@thorough
@given(texts, st.integers(0, TEXT_DIGITS - 1), st.characters())
def test_no_other_character_stands_for_a_digit(text, place, character):
    """Not even those that Python's ``int`` takes: digits of other scripts, signs, spaces, ``_``."""
    assume(character not in "0123456789")

    assert fault_of(text[:place] + character + text[place + 1 :]) is Fault.MALFORMED


@pytest.mark.parametrize("character", [" ", "+", "-", "_", "\n", "\u0660", "\uff10", "\U0001d7ce"])
def test_no_character_that_a_number_may_begin_with_stands_for_the_first_zero(character):
    body = TicketBody(key_no=KEY_NO, event_id=1, ticket_id=1, tier_id=1, revision=1, expires_at=1)
    text = encode_text(sign_body(body, private_key=OURS))
    assert text[0] == "0"

    assert fault_of(character + text[1:]) is Fault.MALFORMED
    assert fault_of(character + text) is Fault.MALFORMED
    assert fault_of(text + character) is Fault.MALFORMED


@thorough
@given(texts)
def test_no_second_spelling_of_the_signature_verifies(text):
    signed = decode_text(text)
    scalar = int.from_bytes(signed[-32:], "little")

    for multiple in range(1, 16):
        malleated = scalar + multiple * GROUP_ORDER
        if malleated < 2**256:
            assert fault_of(encode_text(signed[:-32] + malleated.to_bytes(32, "little"))) is (
                Fault.FORGED
            )
    negated = (GROUP_ORDER - scalar) % GROUP_ORDER
    assert fault_of(encode_text(signed[:-32] + negated.to_bytes(32, "little"))) is Fault.FORGED


@thorough
@given(bodies)
def test_no_signature_of_another_key_verifies(body):
    """Another installation's, which may use the same numbers for keys, events and tickets."""
    assert fault_of(encode_text(sign_body(body, private_key=STRANGERS))) is Fault.FORGED


@thorough
@given(bodies, bodies)
def test_no_signature_of_another_ticket_verifies(body, other):
    assume(body != other)
    signature = sign_body(other, private_key=OURS)[BODY_BYTES:]

    assert fault_of(encode_text(body.pack() + signature)) is Fault.FORGED


@thorough
@given(bodies)
def test_no_signature_over_the_bare_body_verifies(body):
    packed = body.pack()

    assert fault_of(encode_text(packed + OURS.sign(packed))) is Fault.FORGED


@thorough
@given(bodies, number_of("event_id"))
def test_ticket_opens_its_own_event_only_until_it_expires(body, other_id):
    assume(other_id != body.event_id)
    assume(body.expires_at > 0)
    text = encode_text(sign_body(body, private_key=OURS))
    expires_at = datetime.fromtimestamp(body.expires_at, UTC)

    def fault_at(event_id: int, now: datetime) -> Fault:
        with pytest.raises(NotGenuine) as refusal:
            verify_text(text, keys=KEYS, event_id=event_id, now=now)
        return refusal.value.fault

    just_before = expires_at - timedelta(microseconds=1)
    assert verify_text(text, keys=KEYS, event_id=body.event_id, now=just_before) == body
    assert fault_at(body.event_id, expires_at) is Fault.EXPIRED
    assert fault_at(other_id, just_before) is Fault.OTHER_EVENT


@thorough
@given(texts)
def test_what_a_retired_key_has_signed_says_so(text):
    retired = {KEY_NO: VerifyingKey(KEYS[KEY_NO].public_key, is_retired=True)}

    with pytest.raises(NotGenuine) as refusal:
        read_genuine(text, keys=retired)

    assert refusal.value.fault is Fault.RETIRED_KEY


@pytest.mark.parametrize("field", SIZES)
def test_number_that_does_not_fit_is_never_cut_off(field):
    fields = dict.fromkeys(SIZES, 1)
    largest = 256 ** SIZES[field] - 1
    assert unpack_body(TicketBody(**fields | {field: largest}).pack()) == TicketBody(
        **fields | {field: largest}
    )

    for number in (largest + 1, -1):
        with pytest.raises(FieldTooLarge, match=field):
            TicketBody(**fields | {field: number}).pack()


@settings(max_examples=10, deadline=None)
@given(texts)
def test_every_text_survives_its_symbol(text):
    (found,) = zxingcpp.read_barcodes(paint_runs(text))

    assert found.text == text
