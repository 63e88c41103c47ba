import pytest
import stripe

from tests.paysandbox.conftest import make_gateway


def listing(gateway):
    return gateway.v1.refunds.list()


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        ("409", stripe.APIError),
        ("429", stripe.RateLimitError),
        ("500", stripe.APIError),
        ("503", stripe.APIError),
        ("reset", stripe.APIConnectionError),
        ("drop", stripe.APIConnectionError),
    ],
)
def test_effect_reaches_the_sdk_as_its_own_error(gateway, control, effect, error):
    control.post("faults", [{"method": "GET", "path": "/v1/refunds", "nth": 1, "when": "before",
                             "effect": effect}])  # fmt: skip

    with pytest.raises(error):
        listing(gateway)

    assert listing(gateway).data == []


def test_time_out_holds_only_its_own_connection(gateway, control, http):
    control.post("faults", [{"path": "/v1/refunds", "effect": "timeout", "seconds": 60}])
    impatient = make_gateway(control.url, http)
    impatient._requestor._client._timeout = 0.2

    with pytest.raises(stripe.APIConnectionError):
        listing(impatient)

    # Answered while the other connection is still held: it would hold for a minute.
    assert listing(gateway).data == []


def test_nth_and_times_choose_the_calls(gateway, control):
    control.post("faults", [{"path": "/v1/refunds", "effect": "429", "nth": 2, "times": 2}])

    outcomes = []
    for _ in range(4):
        try:
            listing(gateway)
            outcomes.append("ok")
        except stripe.RateLimitError:
            outcomes.append("429")

    assert outcomes == ["ok", "429", "429", "ok"]


def test_every_matching_call_can_break_by_pattern(gateway, control):
    control.post("faults", [{"path": "/v1/*", "effect": "503", "nth": "every"}])

    for _ in range(3):
        with pytest.raises(stripe.APIError):
            listing(gateway)

    assert control.get("faults")[0]["hits"] == 3


def test_answer_lost_after_the_fact_leaves_the_change(open_session, gateway, control):
    session = open_session()
    control.post("faults", [{"path": f"/v1/checkout/sessions/{session.id}/expire",
                             "when": "after", "effect": "reset"}])  # fmt: skip

    with pytest.raises(stripe.APIConnectionError):
        gateway.v1.checkout.sessions.expire(session.id)

    assert gateway.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_unknown_effect_is_refused(control):
    assert control.raw("faults", [{"path": "*", "effect": "explode"}]).status_code == 400
