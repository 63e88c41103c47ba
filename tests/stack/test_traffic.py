"""Last of all: independent judges look at everything the whole run asked the gateways."""

import pytest

from tests.judges import JUDGES, assert_traffic_is_as_published


@pytest.mark.parametrize("kind", JUDGES)
def test_traffic_of_the_whole_run_is_as_the_gateway_publishes(box_office, tmp_path, kind):
    assert_traffic_is_as_published(
        kind, sandbox_url=box_office.sandbox_url, record=tmp_path / "traffic.jsonl"
    )
