"""The real adapters against the sandbox, and processes that may be killed at any point."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from webapp.notice_types import NOTICE_TYPES

ROOT = Path(__file__).parents[2]
KEY = "sk_test_sandbox"
DEADLINE_SECONDS = 10
# Longer than a lease and every pause of the first tries.
LATER_SECONDS = 300


@dataclass
class Sandbox:
    """The gateway and the mail provider, seen from behind."""

    url: str
    http: requests.Session

    def post(self, call: str, **named: Any) -> Any:
        answer = self.http.post(f"{self.url}/__sandbox/{call}", json=named)
        answer.raise_for_status()
        return answer.json()

    def get(self, call: str) -> Any:
        return self.http.get(f"{self.url}/__sandbox/{call}").json()

    def forget(self) -> None:
        """Begin anew; no notice is delivered by itself, but all can be fetched."""
        self.post("reset", forget_endpoints=True)
        stripe.StripeClient(KEY, base_addresses={"api": self.url}).v1.webhook_endpoints.create(
            {"url": "http://127.0.0.1:9/webhooks/stripe", "enabled_events": list(NOTICE_TYPES)}
        )
        self.post("deliveries", mode="manual")

    def pay(self, session_id: str) -> None:
        self.post(f"pay/{session_id}", card="4242424242424242")

    def mails(self, number: str) -> list[str]:
        """The subjects of all mails that name an order."""
        return [mail["subject"] for mail in self.get("mail") if number in mail["subject"]]


@dataclass
class Mortal:
    """Does steps of a purchase in processes of their own."""

    process: subprocess.Popen[str]

    def do(self, step: str, *, failpoint: str = "", **order: Any) -> tuple[bool, Any]:
        """Do a step; whether it survived, and what it answered."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"step": step, "failpoint": failpoint} | order) + "\n")
        self.process.stdin.flush()
        outcome = json.loads(self.process.stdout.readline())
        assert outcome["status"] in {0, -signal.SIGKILL}, outcome
        return outcome["status"] == 0, outcome["answer"]

    def finish(self, step: str = "work", **order: Any) -> Any:
        """A fresh process that nobody kills, some minutes later."""
        is_alive, answer = self.do(step, **({"later_s": LATER_SECONDS} | order))
        assert is_alive
        return answer


@pytest.fixture(scope="session")
def chaos_sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("chaos") / "sandbox.db"
    command = [sys.executable, "-m", "paysandbox", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
        process.terminate()
        process.wait(DEADLINE_SECONDS)


@pytest.fixture
def sandbox(chaos_sandbox_url: str) -> Iterator[Sandbox]:
    """A gateway that forgets with each test, and delivers no notice by itself."""
    with requests.Session() as http:
        sandbox = Sandbox(chaos_sandbox_url, http)
        sandbox.forget()
        yield sandbox


@pytest.fixture(scope="session")
def mortal_process(
    environ: dict[str, str], chaos_sandbox_url: str
) -> Iterator[subprocess.Popen[str]]:
    changes = {
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_API_BASE": chaos_sandbox_url,
        "RESEND_API_URL": chaos_sandbox_url,
        "MAIL_PER_SECOND": "1000",
        "STRIPE_SESSIONS_PER_SECOND": "1000",
    }
    command = [sys.executable, "-m", "tests.chaos.mortal", json.dumps(environ | changes)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()
        process.wait(DEADLINE_SECONDS)


@pytest.fixture
def mortal(app, sandbox: Sandbox, mortal_process: subprocess.Popen[str]) -> Mortal:
    """On the test's own database and a gateway that forgot everything."""
    return Mortal(mortal_process)
