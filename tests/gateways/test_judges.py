"""Independent judges look at what our adapters ask; at the end of the run, at all of it."""

import pytest

from tests.gateways.conftest import message
from tests.judges import JUDGES, assert_traffic_is_as_published


@pytest.mark.parametrize("kind", JUDGES)
def test_what_the_adapters_ask_is_as_published(payments, mailer, ask, control, tmp_path, kind):
    payments.create_session(ask())
    mailer.send(message())

    assert_traffic_is_as_published(kind, sandbox_url=control.url, record=tmp_path / "traffic.jsonl")
