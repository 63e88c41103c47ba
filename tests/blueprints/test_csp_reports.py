"""Violations of the policy are counted, and nothing of them is kept."""

import pytest


def report(client, body, **headers):
    return client.post(
        "/csp-reports", data=body, headers={"Content-Type": "application/csp-report"} | headers
    )


def test_violation_is_counted_by_directive(client):
    body = '{"csp-report": {"effective-directive": "script-src-elem", "blocked-uri": "inline"}}'

    assert report(client, body).status_code == 204
    assert 'csp_reports_total{directive="script-src-elem"}' in client.get("/metrics").text


def test_invented_directive_makes_no_new_series(client):
    report(client, '{"csp-report": {"effective-directive": "evil{}"}}')

    text = client.get("/metrics").text
    assert "evil" not in text
    assert 'csp_reports_total{directive="other"}' in text


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"csp-report": 1}', "x" * 20_000, "[" * 10_000])
def test_nonsense_reports_are_refused(client, body):
    assert report(client, body).status_code in {400, 413}
