"""Contacts: one spelling of every mailbox, and every honest name as it is written."""

import pytest

from webapp.domain.contacts import ascii_address, parse_contact
from webapp.errors import InvalidRequest


def address_of(typed: str) -> str:
    return parse_contact(email=typed, name="", phone="").email


@pytest.mark.parametrize("typed", ["Ada@Example.com", "ADA@EXAMPLE.COM", " ada@example.com "])
def test_mailbox_has_one_spelling(typed):
    assert address_of(typed) == "ada@example.com"


def test_folded_address_is_its_own_spelling():
    folded = address_of("Ada@BÜCHER-\u0130.example")

    assert address_of(folded) == folded


@pytest.mark.parametrize(
    "typed", ["v\u0130ctim@example.com", "ΝΙΚΟΣ@example.com", "jörg@example.com"]
)
def test_address_that_no_mail_service_writes_to_is_refused_at_its_field(typed):
    with pytest.raises(InvalidRequest) as refusal:
        address_of(typed)

    (fault,) = refusal.value.faults
    assert fault.field == "contact.email"
    assert "letters a to z before the @" in fault.message


def test_services_are_given_the_domain_in_ascii():
    kept = address_of("Ada@Bücher.example")

    assert kept == "ada@bücher.example"
    assert ascii_address(kept) == "ada@xn--bcher-kva.example"
    assert ascii_address("ada@example.com") == "ada@example.com"
    assert ascii_address("no address") == "no address"


def name_of(typed: str) -> str:
    return parse_contact(email="", name=typed, phone="").name


@pytest.mark.parametrize(
    "name",
    [
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",  # Persian, with a non-joiner
        "\u0936\u094d\u200d\u092f\u093e\u092e",  # Devanagari, with a joiner
        "Ada \U0001f469\u200d\U0001f3a4",  # an emoji of two
        "O\u2019Example-M\u00fcller",
    ],
)
def test_honest_name_is_kept_as_it_is_written(name):
    assert name_of(name) == name


@pytest.mark.parametrize(
    "typed",
    [
        "Ada\u200f",
        "\ufeffAda",
        "A\u00adda",
        "\u200eAda\u200b",
        "\u200cAda\u200d",
        "Ada \u200c\u200d ",
    ],
)
def test_signs_that_nobody_sees_are_left_out_of_a_name(typed):
    assert name_of(typed) == "Ada"


def test_joiners_do_not_pile_up():
    assert name_of("A\u200d\u200d\u200cda") == "A\u200dda"


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u0007", "\u2060", "\ue000"])
def test_sign_that_turns_or_hides_what_follows_is_refused(sign):
    with pytest.raises(InvalidRequest):
        name_of(f"Ada{sign}Example")
