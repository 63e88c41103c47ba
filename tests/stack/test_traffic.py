"""Independent judges look at a purchase; at the end of the run, at all that was asked in it."""

import pytest

from tests.judges import JUDGES, assert_traffic_is_as_published


@pytest.mark.parametrize("kind", JUDGES)
def test_traffic_of_a_purchase_is_as_the_gateway_publishes(box_office, tmp_path, kind):
    purchase = box_office.hold()
    purchase.pay()
    box_office.wait_for_mails(purchase.wait_for("paid")["number"])

    assert_traffic_is_as_published(
        kind, sandbox_url=box_office.sandbox_url, record=tmp_path / "traffic.jsonl"
    )
