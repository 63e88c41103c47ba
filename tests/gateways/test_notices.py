"""Notices that are fetched: what the database cannot keep holds up nothing."""

from webapp.gateways.notices import keep_storable
from webapp.ports import Notice


def notice(event_id: str, **payload: object) -> Notice:
    return Notice(
        event_id=event_id,
        type="checkout.session.completed",
        object_id="cs_1",
        livemode=False,
        payload=payload,
    )


def test_notice_that_cannot_be_kept_is_left_out_and_those_after_it_are_taken():
    broken = [notice("evt_1", note="a\0b"), notice("evt_2", note="\ud800")]
    fine = [notice("evt_0", note="Ann"), notice("evt_3", note="Ann")]

    assert keep_storable([fine[0], *broken, fine[1]]) == fine
