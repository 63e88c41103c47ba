"""The whole product, started as an operator starts it, with the sandbox as its gateway."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import stripe

from tests.judges import assert_whole_run_is_as_published
from tests.waiting import wait_until
from webapp.clock import utc_now

ROOT = Path(__file__).resolve().parent.parent
FESTIVAL = "a-lo-cubano-boulder-fest"
CLUB_NIGHT = "neon-cellar-night"
GOOD_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"
CHALLENGE_CARD = "4000002760003184"
# Below the ports that Linux gives away by itself.
OURS = (20_000, 32_000)


@dataclass
class Purchase:
    """One buyer's checkout over the API, from the hold to the tickets."""

    box_office: "BoxOffice"
    checkout_id: str
    token: str
    session_id: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def call(self, method: str, path: str = "", **more: Any) -> requests.Response:
        url = f"{self.box_office.site_url}/api/v1/checkouts/{self.checkout_id}{path}"
        return self.box_office.http.request(method, url, headers=self.headers, **more)

    def start_payment(self) -> requests.Response:
        answer = self.call("POST", "/payment", json={"provider": "stripe"})
        if answer.status_code == 201:
            self.session_id = answer.json()["url"].rsplit("/", 1)[1]
        return answer

    def pay(self, card: str = GOOD_CARD, **more: Any) -> dict[str, Any]:
        """Do at the gateway what the buyer does there."""
        if not self.session_id:
            assert self.start_payment().status_code == 201
        return self.box_office.sandbox("POST", f"pay/{self.session_id}", card=card, **more)

    def state(self) -> dict[str, Any]:
        return self.call("GET").json()

    def order_number(self) -> str | None:
        """The number of the order: ours once paid, before that the gateway's reference."""
        if not self.session_id:
            return self.state().get("order_number")
        return self.box_office.gateway.v1.checkout.sessions.retrieve(
            self.session_id
        ).client_reference_id

    def order(self) -> dict[str, Any] | None:
        number = self.order_number()
        if number is None:
            return None
        url = f"{self.box_office.site_url}/api/v1/orders/{number}"
        answer = self.box_office.http.get(url, headers=self.headers)
        return answer.json() if answer.ok else None

    def wait_for(self, status: str) -> dict[str, Any]:
        """The order once it has the status, and its tickets when it is paid."""

        def look() -> dict[str, Any] | None:
            order = self.order()
            if order is None or order["status"] != status:
                return None
            return order if order["tickets"] or status != "paid" else None

        return wait_until(look, what=f"order {status}: {self.state()} {self.order()}")


@dataclass
class BoxOffice:
    """A running installation: its site, its sandbox, its folder of data."""

    site_url: str
    sandbox_url: str
    home: Path
    process: subprocess.Popen[str]
    http: requests.Session = field(default_factory=requests.Session)

    @property
    def gateway(self) -> stripe.StripeClient:
        """The gateway as its own SDK shows it to somebody who reads along."""
        return stripe.StripeClient(
            "sk_test_sandbox_reader",
            base_addresses={"api": self.sandbox_url},
            http_client=stripe.RequestsClient(session=self.http),
        )

    def sandbox(self, method: str, call: str, body: Any = None, **named: Any) -> Any:
        """One call of the sandbox's control plane."""
        answer = self.http.request(
            method,
            f"{self.sandbox_url}/__sandbox/{call}",
            json=named if body is None else body,
        )
        answer.raise_for_status()
        return answer.json()

    def event(self, slug: str = FESTIVAL) -> dict[str, Any]:
        return self.http.get(f"{self.site_url}/api/v1/events/{slug}").json()

    def tier(self, name: str, slug: str = FESTIVAL) -> dict[str, Any]:
        return next(tier for tier in self.event(slug)["tiers"] if tier["name"] == name)

    def hold(
        self, tier_name: str = "Full festival", quantity: int = 2, slug: str = FESTIVAL
    ) -> Purchase:
        """Hold tickets as a guest with an address of their own."""
        answer = self.http.post(
            f"{self.site_url}/api/v1/checkouts",
            json={
                "event": slug,
                "items": [{"tier_id": self.tier(tier_name, slug)["id"], "quantity": quantity}],
                "contact": {"email": f"guest-{uuid4().hex[:12]}@example.com", "name": "Ada"},
            },
        )
        assert answer.status_code == 201, answer.text
        document = answer.json()
        return Purchase(self, document["checkout_id"], document["checkout_token"])

    def mails(self, order_number: str) -> list[dict[str, Any]]:
        """The mails about one order, as the sandbox caught them."""
        caught = self.sandbox("GET", "mail")
        return [mail for mail in caught if order_number in json.dumps(mail)]

    def wait_for_mails(self, order_number: str, count: int = 1) -> list[dict[str, Any]]:
        wait_until(
            lambda: len(self.mails(order_number)) >= count, what=f"{count} mails of {order_number}"
        )
        return self.mails(order_number)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of our commands in another shell, as an operator would."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "webapp", *arguments],
            cwd=ROOT,
            env=os.environ | {"YARDPASS_HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def recorded_environment(self) -> dict[str, str]:
        """What the supervisor gave its children."""
        return dict(json.loads((self.home / "embedded.json").read_text())["environment"])


def free_port() -> int:
    """A port that nobody listens on, and that the system gives nobody else until it is used.

    For a connection that somebody opens, or a server that asks for any port, it takes one of
    those above.
    """
    while True:
        port = secrets.choice(range(*OURS))
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@pytest.fixture(scope="session")
def running_box_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoxOffice]:
    """One installation for the whole run; the port is free when it starts."""
    home = tmp_path_factory.mktemp("box_office")
    port, sandbox_port = free_port(), free_port()
    log_path = home.parent / "box_office.log"
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")
    } | {
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "YARDPASS_HOME": str(home),
        "RATELIMIT_ENABLED": "0",
        "OPEN_CHECKOUTS_PER_CLIENT": "0",
        "MAIL_PER_SECOND": "100",
        "STRIPE_SESSIONS_PER_SECOND": "100",
    }
    with (
        log_path.open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "webapp.supervisor"],
            cwd=ROOT,
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        wait_until(
            lambda: process.poll() is not None or "\nready " in log_path.read_text(),
            seconds=90,
            what="the installation to be ready",
        )
        assert process.poll() is None, log_path.read_text()[-4000:]
        found = BoxOffice(
            site_url=f"http://localhost:{port}",
            sandbox_url=f"http://127.0.0.1:{sandbox_port}",
            home=home,
            process=process,
        )
        try:
            yield found
            assert_whole_run_is_as_published(sandbox_url=found.sandbox_url, folder=home)
        finally:
            found.http.close()
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@pytest.fixture
def box_office(running_box_office: BoxOffice) -> Iterator[BoxOffice]:
    """The running installation with a gateway that behaves, in the present."""
    behave(running_box_office)
    yield running_box_office
    behave(running_box_office)


def behave(box_office: BoxOffice) -> None:
    """No faults, webhooks as they come, and the clocks of gateway and site agree."""
    box_office.sandbox("POST", "faults", [])
    box_office.sandbox("POST", "deliveries", {"mode": "auto"})
    ahead_s = round(box_office.sandbox("GET", "clock")["now"] - utc_now().timestamp())
    box_office.sandbox("POST", "clock", advance_s=-ahead_s)
