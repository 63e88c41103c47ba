import json

from tests.paysandbox.conftest import event_types


def test_reset_forgets_everything_but_endpoints_and_traffic(
    webhook_secret, open_session, gateway, control, mails
):
    control.pay(open_session().id)
    mails.send({"from": "a@example.com", "to": "b@example.com", "subject": "x", "text": "y"})
    control.post("clock", advance_s=3600)
    control.post("faults", [{"path": "*", "effect": "500", "nth": "every"}])

    control.post("reset")

    assert gateway.v1.checkout.sessions.list().data == []
    assert event_types(gateway) == []
    assert control.get("mail") == []
    assert control.get("ledger")["payments"] == []
    assert len(gateway.v1.webhook_endpoints.list().data) == 1
    assert "checkout/sessions" in control.http.get(f"{control.url}/__sandbox/traffic").text


def test_reset_can_forget_endpoints(webhook_secret, gateway, control):
    control.post("reset", forget_endpoints=True)

    assert gateway.v1.webhook_endpoints.list().data == []


def test_clock_moves_on_and_goes_home_at_a_reset(control):
    before = control.get("clock")["now"]

    moved = control.post("clock", advance_s=86400)["now"]
    control.post("reset")

    assert moved - before in range(86400, 86405)
    assert control.get("clock")["now"] - before in range(5)


def test_ledger_sums_by_payment_and_in_all(open_session, gateway, control):
    for _ in range(2):
        control.pay(open_session().id)
    first = control.get("ledger")["payments"][0]
    control.post("refund", payment_intent=first["payment_intent"], amount=1000)

    ledger = control.get("ledger")

    assert (ledger["captured"], ledger["refunded"]) == (6000, 1000)
    assert ledger["sums"] == {"eur": {"captured": 6000, "refunded": 1000, "disputed": 0}}
    assert [payment["refunded"] for payment in ledger["payments"]] == [1000, 0]
    assert first["metadata"] == {"order": "42"}


def test_traffic_lines_hold_request_and_answer_but_no_credentials(open_session, control):
    session = open_session()

    text = control.http.get(f"{control.url}/__sandbox/traffic").text
    line = json.loads(text.splitlines()[-1])

    assert (line["method"], line["path"]) == ("POST", "/v1/checkout/sessions")
    assert "line_items[0][quantity]=2" in line["body"]
    assert (line["status"], line["response"]["id"]) == (200, session.id)
    assert "Idempotency-Key" in line["headers"]
    assert "Authorization" not in line["headers"]


def test_unknown_control_and_bad_values_are_refused(control):
    assert control.raw("explode", {}).status_code == 404
    assert control.raw("deliver", {"event": "evt_missing"}).status_code == 404
    assert control.raw("deliveries", {"mode": "never"}).status_code == 400
    assert control.raw("deliveries", {"colour": "blue"}).status_code == 400


def test_health_is_answered(control):
    assert control.http.get(f"{control.url}/healthz").status_code == 200
