"""Signed texts: how long they are good for, whatever the clock does."""

import time

import pytest

from webapp.signing import Signer

HOUR = 3600


@pytest.fixture
def signer() -> Signer:
    return Signer("an-example-secret-for-tests-0123456789")


def seal_at(signer: Signer, moment: float, monkeypatch: pytest.MonkeyPatch) -> str:
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: moment)
        return signer.seal("order-link", "E-1/1")


def test_a_text_is_good_until_its_age_is_reached(signer, monkeypatch):
    sealed = seal_at(signer, time.time() - HOUR, monkeypatch)

    assert signer.unseal("order-link", sealed, max_age_seconds=HOUR + 60) == "E-1/1"
    assert signer.unseal("order-link", sealed, max_age_seconds=HOUR - 60) is None


def test_a_clock_that_was_put_back_breaks_no_link(signer, monkeypatch):
    sealed = seal_at(signer, time.time() + HOUR, monkeypatch)

    assert signer.unseal("order-link", sealed, max_age_seconds=60) == "E-1/1"


def test_a_text_of_another_purpose_or_altered_is_none(signer):
    sealed = signer.seal("order-link", "E-1/1")

    assert signer.unseal("ticket-link", sealed, max_age_seconds=60) is None
    assert signer.unseal("order-link", f"{sealed}x", max_age_seconds=60) is None
