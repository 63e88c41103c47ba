"""Last of all: independent judges look at everything that was asked and answered."""

import pytest

from tests.judges import JUDGES, assert_traffic_is_as_published


@pytest.mark.parametrize("kind", JUDGES)
def test_traffic_of_the_whole_run_is_as_published(control, tmp_path, kind):
    assert_traffic_is_as_published(kind, sandbox_url=control.url, record=tmp_path / "traffic.jsonl")
