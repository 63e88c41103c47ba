"""The whole product, started by its own supervisor in a folder that is thrown away."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bench.seed import Goods
from bench.wire import Server
from webapp.embedded import EmbeddedPostgres
from webapp.embedded.process import tethered_command
from webapp.embedded.settings import recorded_environment
from webapp.supervisor.environment import RECORDED_NAMES

CHECKOUT: Final = Path(__file__).resolve().parents[1]
START_SECONDS = 180.0
STOP_SECONDS = 90.0
LOG_TAIL_CHARACTERS = 4_000
# What protects an installation from one address that asks too much: here all comes from one.
OPEN_DOORS: Final = {
    "RATELIMIT_ENABLED": "0",
    "OPEN_CHECKOUTS_PER_CLIENT": "0",
    "STRIPE_SESSIONS_PER_SECOND": "10000",
    "MAIL_PER_SECOND": "10000",
}


class CannotMeasure(RuntimeError):
    """The product did not start, or does not do what is to be measured."""


class Installation:
    """A running product: where it listens, what it was told, what it is sold from."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="yardpass-bench-"))
        # The database runs as another account, which has to get through.
        self.home.chmod(0o711)
        port, sandbox_port = free_ports(2)
        self.app = Server(port, f"localhost:{port}")
        self.sandbox = Server(sandbox_port, f"localhost:{sandbox_port}")
        self._log = self.home / "supervisor.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def pid(self) -> int:
        """The supervisor's: everything that runs is below it."""
        if self._process is None:
            raise CannotMeasure("nothing runs")
        return self._process.pid

    @property
    def settings(self) -> Mapping[str, str]:
        return recorded_environment(self.home)

    @property
    def database_url(self) -> str:
        """As the database's own library reads it."""
        return self.settings["DATABASE_URL"].replace("postgresql+psycopg:", "postgresql:", 1)

    @property
    def notice_secret(self) -> str:
        return self.settings["STRIPE_WEBHOOK_SECRET"].partition(",")[0]

    def seed(self, scarce_events: int) -> tuple[Goods, list[Goods]]:
        """The hot tier, and so many tiers with few places."""
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            [sys.executable, "-m", "bench.seed", str(scarce_events)],
            cwd=CHECKOUT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise CannotMeasure(f"the events could not be made:\n{done.stderr}")
        made = json.loads(done.stdout.splitlines()[-1])
        return Goods(**made["hot"]), [Goods(**goods) for goods in made["scarce"]]

    def log_tail(self) -> str:
        if not self._log.exists():
            return ""
        return self._log.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:]

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name not in RECORDED_NAMES}
        return (
            own
            | OPEN_DOORS
            | {
                "APP_ENV": "development",
                "YARDPASS_HOME": str(self.home),
                "PORT": str(self.app.port),
                "SANDBOX_PORT": str(self.sandbox.port),
            }
        )

    def _start(self) -> None:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                # It must not go on for nobody when we are killed.
                tethered_command(
                    [sys.executable, "-m", "webapp.supervisor"],
                    death_signal=signal.SIGTERM,
                    account="-",
                ),
                cwd=CHECKOUT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        ends_at = time.monotonic() + START_SECONDS
        while not any(line.startswith("ready ") for line in self.log_tail().splitlines()):
            if self._process.poll() is not None or time.monotonic() > ends_at:
                raise CannotMeasure(f"the product does not start:\n{self.log_tail()}")
            time.sleep(0.2)

    def _stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        # Its data may lie elsewhere, where its account can reach it.
        EmbeddedPostgres(self.home / "postgres").discard()
        shutil.rmtree(self.home, ignore_errors=True)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
