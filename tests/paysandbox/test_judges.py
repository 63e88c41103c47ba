"""Independent judges look at what is asked and answered; at the end of the run, at all of it."""

import pytest
import requests

from tests.judges import JUDGES, assert_traffic_is_as_published
from tests.paysandbox.conftest import mail
from tests.sandbox import judged_sandbox


@pytest.mark.parametrize("kind", JUDGES)
def test_what_is_asked_and_answered_is_as_published(open_session, mails, control, tmp_path, kind):
    control.pay(open_session().id)
    mails.send(mail())

    assert_traffic_is_as_published(kind, sandbox_url=control.url, record=tmp_path / "traffic.jsonl")


def test_run_that_was_not_as_published_fails_at_its_end(tmp_path, monkeypatch):
    judge = 'print("1 bad record(s)")\n'
    for program in ("stripe_contract.py", "json_contract.py"):
        (tmp_path / program).write_text(judge)
    monkeypatch.setenv("YARDPASS_CONTRACTS", str(tmp_path))

    with (
        pytest.raises(AssertionError, match=r"1 bad record\(s\)"),
        judged_sandbox(tmp_path) as url,
        requests.Session() as http,
    ):
        http.post(f"{url}/v1/checkout/sessions")
