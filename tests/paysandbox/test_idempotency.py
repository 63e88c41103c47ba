import threading

import pytest
import requests
import stripe

from tests.paysandbox.conftest import TEST_KEY, session_params
from tests.waiting import wait_until


def create(gateway, key, **changes):
    return gateway.v1.checkout.sessions.create(session_params(**changes), {"idempotency_key": key})


def count_sessions(gateway):
    return len(gateway.v1.checkout.sessions.list({"limit": 100}).data)


def test_same_key_and_parameters_replay_the_first_answer(gateway):
    first = create(gateway, "order-1")
    second = create(gateway, "order-1")

    assert second.id == first.id
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert count_sessions(gateway) == 1


def test_same_key_with_other_parameters_is_refused(gateway):
    create(gateway, "order-1")

    with pytest.raises(stripe.IdempotencyError) as refused:
        create(gateway, "order-1", client_reference_id="other")

    assert refused.value.http_status == 400


def test_refused_parameters_do_not_use_up_the_key(gateway, rude_gateway):
    with pytest.raises(stripe.InvalidRequestError):
        create(rude_gateway, "order-1", colour="blue")

    assert create(gateway, "order-1").status == "open"


def test_decline_is_an_outcome_and_is_replayed(gateway):
    params = {"amount": 900, "currency": "eur", "confirm": True,
              "payment_method": "pm_card_chargeDeclined"}  # fmt: skip
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            gateway.v1.payment_intents.create(params, {"idempotency_key": "pay-1"})

    assert len(gateway.v1.payment_intents.list().data) == 1


def test_lost_answer_is_recovered_by_the_sdks_own_retry(gateway, control):
    control.post("faults", [{"method": "POST", "path": "/v1/checkout/sessions", "nth": 1,
                             "when": "after", "effect": "drop"}])  # fmt: skip

    params, options = session_params(), {"max_network_retries": 1}
    session = gateway.v1.checkout.sessions.create(params, options)

    assert session.last_response.headers["Idempotent-Replayed"] == "true"
    assert count_sessions(gateway) == 1


def test_500_after_the_fact_is_stored_and_replayed(gateway, control):
    control.post("faults", [{"path": "/v1/checkout/sessions", "when": "after", "effect": "500"}])

    for _ in range(2):
        with pytest.raises(stripe.APIError) as broken:
            create(gateway, "order-1")
        assert broken.value.http_status == 500

    assert count_sessions(gateway) == 1


def test_500_before_anything_happened_is_not_stored(gateway, control):
    control.post("faults", [{"path": "/v1/checkout/sessions", "effect": "500"}])
    with pytest.raises(stripe.APIError):
        create(gateway, "order-1")

    assert create(gateway, "order-1").status == "open"


def test_key_of_a_running_call_is_in_use(gateway, control):
    control.post("faults", [{"path": "/v1/refunds", "effect": "slow", "seconds": 20}])
    headers = {"Authorization": f"Bearer {TEST_KEY}", "Idempotency-Key": "refund-1",
               "X-Sandbox-Judge": "skip"}  # fmt: skip
    url = f"{control.url}/v1/refunds"
    answers = []
    slow = threading.Thread(
        target=lambda: answers.append(requests.post(url, headers=headers, timeout=30).status_code)
    )
    slow.start()
    wait_until(lambda: control.get("faults")[0]["hits"])

    second = wait_until(
        lambda: (
            (answer := requests.post(url, headers=headers, timeout=30)).status_code == 409
            and answer.json()
        )
    )
    control.post("faults", [])  # lets the slow call go on
    slow.join()

    assert second["error"]["code"] == "idempotency_key_in_use"
    assert answers == [400]
