"""What an embedded server of any kind has in common: one owner, one folder, one socket."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar, Self

from webapp.embedded.account import Account
from webapp.embedded.process import ProcessRecord, tethered_command, wait_until

START_SECONDS = 60.0
LOG_LIMIT_BYTES = 5_000_000
LOG_TAIL_CHARACTERS = 2_000


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot run; the text tells the operator why and what to do."""


class AlreadyRunning(EmbeddedServerError):
    """Another process runs the server of this folder."""


class EmbeddedServer(ABC):
    """A server with its data in `data_dir`, reached through a socket in a private folder.

    It belongs to the process and to the thread that called :meth:`start`: it gets
    `death_signal` when that thread ends, however it ends. A second start from the same object
    keeps the socket's path, so that clients find a restarted server where it was.
    """

    name: ClassVar[str]
    death_signal: ClassVar[signal.Signals]
    # How to stop it: signals, and how many seconds each may take.
    stop_steps: ClassVar[tuple[tuple[signal.Signals, float], ...]]

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._socket_dir: Path | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients find the server. Only known once it was started."""

    @abstractmethod
    def _prepare(self) -> None:
        """Make what the server needs before it can start. The folder is ours alone by now."""

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _is_ready(self) -> bool: ...

    def _account(self) -> Account:
        return Account.current()

    def _working_dir(self) -> Path:
        return self.data_dir

    def start(self) -> str:
        """Start the server, wait until it answers, and return its URL.

        Raises :class:`AlreadyRunning` if another process runs it, and
        :class:`EmbeddedServerError` with the end of its log if it does not come up.
        """
        if self.is_running():
            return self.url
        is_restart = self._process is not None
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711)
        self._take_lock()
        try:
            self._end_leftover()
            self._prepare()
            self._spawn()
        except BaseException:
            # A restart that fails keeps the socket's place: clients wait there for the next one.
            if is_restart:
                self._halt()
            else:
                self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """Stop the server, wait until it has, and let another process have the folder."""
        self._halt()
        self._process = None
        if self._socket_dir is not None:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
            self._socket_dir = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def discard(self) -> None:
        """Stop, end what a dead owner left running, and delete the data.

        Raises :class:`AlreadyRunning` if another process runs it.
        """
        self.stop()
        if self.data_dir.is_dir():
            self._take_lock()
            self._end_leftover()
            self._delete_data()
            self.stop()

    def _delete_data(self) -> None:
        shutil.rmtree(self.data_dir)

    def is_running(self) -> bool:
        """Whether its process lives; it may not answer yet."""
        return self.poll() is None and self._process is not None

    def poll(self) -> int | None:
        """The exit status of a server that ended by itself, as :meth:`subprocess.Popen.poll`."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int | None:
        """Of the process that :meth:`start` made; None while there is none."""
        return self._process.pid if self._process is not None and self.is_running() else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def socket_dir(self) -> Path:
        """The private folder of the socket; short, because a socket's path holds 107 bytes."""
        if self._socket_dir is None:
            raise EmbeddedServerError(f"the embedded {self.name} was not started")
        return self._socket_dir

    @property
    def log_path(self) -> Path:
        """All that the server says, emptied by a start once it is over :data:`LOG_LIMIT_BYTES`."""
        return self.data_dir / f"{self.name}.log"

    @property
    def _record_path(self) -> Path:
        return self.data_dir / f"{self.name}.json"

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = (self.data_dir / f"{self.name}.lock").open("a")
        try:
            # The system lets go of it when we die, which a file with a number would not.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise AlreadyRunning(
                f"the embedded {self.name} in {self.data_dir} already runs for another process; "
                "stop that one, or choose another folder with YARDPASS_HOME"
            ) from None
        self._lock = lock

    def _end_leftover(self) -> None:
        """End a server whose owner died before it; it is on its way out already, as a rule."""
        try:
            record = json.loads(self._record_path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return
        leftover = ProcessRecord(pid=record["pid"], started=record["started"])
        if not wait_until(lambda: not leftover.is_alive(), seconds=2):
            leftover.end(self.stop_steps)
        if Path(record["socket_dir"]) != self._socket_dir:
            shutil.rmtree(record["socket_dir"], ignore_errors=True)
        self._record_path.unlink(missing_ok=True)

    def _spawn(self) -> None:
        if self._socket_dir is None:
            self._socket_dir = self._make_socket_dir()
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_LIMIT_BYTES:
            self.log_path.unlink()
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own server, no shell
                self._tethered(self._command(), death_signal=self.death_signal),
                cwd=self._working_dir(),
                env=SERVER_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._write_record(self._process.pid)
        process = self._process
        if not wait_until(
            lambda: process.poll() is not None or self._is_ready(), seconds=START_SECONDS
        ):
            raise EmbeddedServerError(
                f"the embedded {self.name} did not answer within {START_SECONDS:.0f} s; "
                f"see {self.log_path}"
            )
        if process.poll() is not None:
            tail = self.log_path.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:]
            raise EmbeddedServerError(f"the embedded {self.name} did not start:\n{tail}")

    def _make_socket_dir(self) -> Path:
        # Not TMPDIR, which may be long. A random name, so that nobody can be there first.
        parent = "/run" if os.geteuid() == 0 and os.access("/run", os.W_OK) else "/tmp"  # noqa: S108
        folder = Path(tempfile.mkdtemp(prefix=f"yardpass-{self.name}-", dir=parent))
        account = self._account()
        if not account.is_current():
            os.chown(folder, account.uid, account.gid)
        return folder

    def _tethered(self, command: list[str], *, death_signal: signal.Signals) -> list[str]:
        account = self._account()
        target = "-" if account.is_current() else f"{account.uid}:{account.gid}"
        return tethered_command(command, death_signal=death_signal, account=target)

    def _write_record(self, pid: int) -> None:
        try:
            record = asdict(ProcessRecord.of(pid))
        except ProcessLookupError:
            return  # it died at once; the wait that follows reports it
        record["socket_dir"] = str(self._socket_dir)
        self._record_path.write_text(json.dumps(record))

    def _halt(self) -> None:
        process = self._process
        if process is None:
            return
        if process.poll() is not None:
            self._record_path.unlink(missing_ok=True)
            return
        for number, seconds in self.stop_steps:
            process.send_signal(number)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            self._record_path.unlink(missing_ok=True)
            return
        raise EmbeddedServerError(f"the embedded {self.name} (process {process.pid}) does not stop")


# Nothing of ours, least of all keys; and no locale that the machine may not have.
SERVER_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
