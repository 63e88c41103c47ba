"""What probes, dashboards and operators are told of certificates before they end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.pass_certificates import apple_keys
from webapp.domain import heartbeats
from webapp.transaction import transaction


@pytest.fixture
def beating(app, clock):
    with transaction():
        for name in heartbeats.EXPECTED:
            heartbeats.beat(name=name, now=clock())


def end_in(app, ports, *, days: float) -> None:
    keys = apple_keys(ends_at=ports.utc_now() + timedelta(days=days))
    app.extensions["ports"] = replace(ports, passes=replace(ports.passes, apple=keys))


@pytest.mark.parametrize(
    ("days", "warnings"),
    [
        (31, []),
        (12.5, [{"certificate": "apple_pass", "days_left": 12, "is_valid": True}]),
        (-2, [{"certificate": "apple_pass", "days_left": -2, "is_valid": False}]),
    ],
)
def test_site_is_ready_whatever_the_certificate_says(
    app, with_passes, client, beating, days, warnings
):
    end_in(app, with_passes, days=days)

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json["warnings"] == warnings


def test_days_left_are_a_metric(app, with_passes, client):
    end_in(app, with_passes, days=12.5)

    text = client.get("/metrics").text

    assert 'certificate_days_left{certificate="apple_pass"} 12.0' in text
    assert 'certificate_days_left{certificate="apple_intermediate"} 2000.0' in text


def test_without_passes_there_is_no_such_metric(client):
    assert "certificate_days_left" not in client.get("/metrics").text


@pytest.mark.parametrize(
    ("days", "status", "words"), [(60, 0, "ok "), (12.5, 1, "SOON "), (-2, 1, "ENDED ")]
)
def test_command_shows_each_certificate_and_fails_when_one_needs_attention(
    app, with_passes, days, status, words
):
    end_in(app, with_passes, days=days)

    result = app.test_cli_runner().invoke(args=["check-certificates"])

    assert result.exit_code == status
    assert [line.split()[1] for line in result.output.splitlines()] == [
        "apple_pass",
        "apple_intermediate",
    ]
    assert result.output.startswith(words)


def test_command_says_when_there_is_nothing_to_check(app):
    result = app.test_cli_runner().invoke(args=["check-certificates"])

    assert result.exit_code == 0
    assert "No passes for Apple Wallet are set up" in result.output
