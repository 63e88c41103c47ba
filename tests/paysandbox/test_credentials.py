import pytest
import requests
import stripe

from tests.paysandbox.conftest import make_gateway


def test_key_is_required(control):
    answer = requests.get(
        f"{control.url}/v1/refunds", headers={"X-Sandbox-Judge": "skip"}, timeout=5
    )

    assert answer.status_code == 401
    assert answer.headers["Request-Id"].startswith("req_")


@pytest.mark.parametrize("key", ["sk_live_oops", "rk_live_oops", "nonsense"])
def test_live_keys_are_refused(control, http, key):
    with pytest.raises(stripe.AuthenticationError):
        make_gateway(control.url, http, key=key).v1.refunds.list()


def test_other_api_version_is_refused(control, http):
    gateway = make_gateway(control.url, http, stripe_version="2024-06-20")

    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway.v1.refunds.list()

    assert refused.value.http_status == 400


def test_unknown_address_is_a_404(control, http, gateway):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        gateway.v1.payment_intents.retrieve("pi_missing")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
