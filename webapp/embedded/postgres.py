"""PostgreSQL for one machine: the engine of production, without an account or an installation."""

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from webapp.embedded.account import Account
from webapp.embedded.binaries import find_programs
from webapp.embedded.cluster import (
    DATABASE,
    ROLE,
    create_database_command,
    discard_cluster,
    initdb_command,
    locate_cluster,
    make_draft,
)
from webapp.embedded.process import list_processes_in, wait_until
from webapp.embedded.server import SERVER_ENVIRONMENT, EmbeddedServer, EmbeddedServerError

# For two cores and little memory; a caller may override any but the socket.
SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "random_page_cost": "1.1",
    "jit": "off",  # our queries are short; compiling them costs more than it saves
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # What the log leaves out is personal: values of a violated constraint, statements.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
READY_LINE = 7  # of postmaster.pid, counted from 0; the place where pg_ctl looks, too
LEFTOVER_SECONDS = 5.0


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL 18 from a wheel, with the role and the database `yardpass`.

    As root it runs as an account without privileges, from folders that this account can already
    reach or that are made for it; no existing folder's permissions are touched. Only who can
    enter the socket's folder gets in; there is no TCP port.
    """

    name: ClassVar[str] = "postgres"
    # Fast shutdown: open transactions roll back and the data is left clean.
    death_signal: ClassVar[signal.Signals] = signal.SIGINT
    stop_steps: ClassVar[tuple[tuple[signal.Signals, float], ...]] = (
        (signal.SIGINT, 30.0),
        (signal.SIGQUIT, 10.0),
        (signal.SIGKILL, 5.0),
    )

    def __init__(self, data_dir: Path, *, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(data_dir)
        self._settings = {**SETTINGS, **(settings or {})}
        self._cluster: Path | None = None
        self._owner: Account | None = None
        self._programs: Path | None = None

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of :data:`DATABASE`."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The SQLAlchemy URL of another database of this server."""
        return f"postgresql+psycopg://{ROLE}@/{database}?host={quote(str(self.socket_dir))}"

    @property
    def cluster(self) -> Path:
        """The folder of the data, which may lie elsewhere than `data_dir`; known once started."""
        if self._cluster is None:
            raise EmbeddedServerError("the embedded postgres was not started")
        return self._cluster

    def _delete_data(self) -> None:
        discard_cluster(self.data_dir)

    def _account(self) -> Account:
        return self._owner or Account.current()

    def _working_dir(self) -> Path:
        return Path("/")  # the account may not be able to enter ours

    def _prepare(self) -> None:
        try:
            self._cluster, self._owner = locate_cluster(self.data_dir)
        except (LookupError, PermissionError) as error:
            raise EmbeddedServerError(str(error)) from error
        self._programs = find_programs(self._owner)
        if self._cluster.is_dir():
            self._clear_crash()
        else:
            self._make_cluster(self._programs)

    def _clear_crash(self) -> None:
        """Let a crashed server's processes end, and forget its id, which may be a stranger's."""
        lock_file = self.cluster / "postmaster.pid"
        if not lock_file.exists():
            return
        if not wait_until(lambda: not list_processes_in(self.cluster), seconds=LEFTOVER_SECONDS):
            for process in list_processes_in(self.cluster):
                process.end(self.stop_steps)
        lock_file.unlink(missing_ok=True)

    def _make_cluster(self, programs: Path) -> None:
        draft = make_draft(self.cluster, self._account())
        self._run(initdb_command(programs, draft))
        self._run(
            create_database_command(programs, draft), statements=f"CREATE DATABASE {DATABASE};\n"
        )
        draft.rename(self.cluster)

    def _run(self, command: list[str], *, statements: str = "") -> None:
        done = subprocess.run(  # noqa: S603 - our own programs, no shell
            self._tethered(command, death_signal=signal.SIGKILL),
            cwd="/",
            env=SERVER_ENVIRONMENT,
            input=statements,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise EmbeddedServerError(
                f"{Path(command[0]).name} failed ({done.returncode}):\n{done.stderr.strip()}"
            )

    def _command(self) -> list[str]:
        if self._programs is None:
            raise EmbeddedServerError("the embedded postgres was not prepared")
        settings = {
            **self._settings,
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_dir),
            "unix_socket_permissions": "0700",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self._programs / "postgres"), "-D", str(self.cluster), *options]

    def _is_ready(self) -> bool:
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return (
            self._process is not None
            and len(lines) > READY_LINE
            and lines[0] == str(self._process.pid)
            and lines[READY_LINE].strip() == "ready"
        )
