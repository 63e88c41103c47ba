import ast
import json
import os
import signal
import subprocess
import sys
import time

import pytest
import requests

from paysandbox import create_sandbox
from tests.paysandbox.conftest import make_gateway, session_params
from tests.sandbox import ROOT, running_sandbox

PACKAGE = ROOT / "paysandbox"
APP_PACKAGES = {"webapp", "blueprints", "jobs"}


def test_sandbox_serves_loopback_addresses_only(tmp_path):
    command = [sys.executable, "-m", "paysandbox", "--data", str(tmp_path / "x.db")]
    refused = subprocess.run(
        [*command, "--bind", "0.0.0.0"],  # noqa: S104 - the point of the test
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 2
    assert "loopback" in refused.stderr


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_sandbox_stops_cleanly_and_keeps_its_data(tmp_path, stop):
    offsets = []
    for _ in range(2):
        with running_sandbox(tmp_path / "new" / "sandbox.db", stop=stop) as url:
            answer = requests.post(f"{url}/__sandbox/clock", json={"advance_s": 1000}, timeout=5)
            offsets.append(round((answer.json()["now"] - time.time()) / 1000))

    assert offsets == [1, 2]


def test_notice_that_was_due_is_sent_after_a_restart(tmp_path, receiver):
    receiver.answers = [500]
    with running_sandbox(tmp_path / "sandbox.db") as url, requests.Session() as http:
        gateway = make_gateway(url, http)
        gateway.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
        http.post(f"{url}/__sandbox/deliveries", json={"retry_s": 60})
        session = gateway.v1.checkout.sessions.create(session_params())
        gateway.v1.checkout.sessions.expire(session.id)
        receiver.wait_for(1)

    with running_sandbox(tmp_path / "sandbox.db"):
        first, second = receiver.wait_for(2)

    assert first.body == second.body


def test_shop_is_told_of_mails_that_come_back_from_the_start(tmp_path, receiver):
    with running_sandbox(
        *(tmp_path / "sandbox.db", "--mail-webhook", receiver.url),
        RESEND_WEBHOOK_SECRET="whsec_bWFpbCB3ZWJob29rIHNlY3JldA==",
    ) as url:
        for address in ("guest@example.com", "bounced@example.com"):
            requests.post(
                f"{url}/emails",
                json={
                    "from": "Box office <tickets@example.org>",
                    "to": [address],
                    "subject": "Your tickets",
                    "text": "Here they are.",
                },
                headers={"Authorization": "Bearer re_test", "User-Agent": "tests"},
                timeout=5,
            ).raise_for_status()
        [notice] = receiver.wait_for(1)

    assert json.loads(notice.body)["type"] == "email.bounced"
    assert "svix-signature" in {name.lower() for name in notice.headers}


def test_notices_about_mails_want_a_secret(tmp_path):
    refused = subprocess.run(
        [
            *(sys.executable, "-m", "paysandbox", "--data", str(tmp_path / "x.db")),
            *("--mail-webhook", "http://127.0.0.1:8000/webhooks/resend"),
        ],
        cwd=ROOT,
        env={**os.environ, "RESEND_WEBHOOK_SECRET": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 2
    assert "set RESEND_WEBHOOK_SECRET" in refused.stderr


def test_factory_makes_a_wsgi_application(tmp_path):
    sandbox = create_sandbox(str(tmp_path / "x.db"))
    answered = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/healthz", "wsgi.url_scheme": "http",
               "SERVER_NAME": "localhost", "SERVER_PORT": "80"}  # fmt: skip

    body = b"".join(sandbox(environ, lambda status, _headers: answered.append(status)))
    sandbox.close()

    assert (answered, body) == (["200 OK"], b"ok\n")


def test_sandbox_never_imports_the_shop():
    imported = {
        name.partition(".")[0]
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported & APP_PACKAGES == set()


def test_no_module_is_longer_than_300_lines():
    lengths = {path.name: len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py")}

    assert {name: length for name, length in lengths.items() if length > 300} == {}
