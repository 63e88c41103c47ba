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
