"""A running command: tied to us, in a group of its own, with its output relayed."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from webapp.embedded.process import ProcessRecord, tethered_command, wait_until
from webapp.supervisor.command import Command
from webapp.supervisor.output import Output

# For the last lines; a grandchild that escaped the group could hold the pipe open for ever.
RELAY_SECONDS = 1.0


class Child:
    """A command's process, and whatever that starts in turn.

    It gets SIGTERM when the thread that started it ends, however it ends.
    """

    def __init__(
        self, command: Command, *, environment: Mapping[str, str], folder: Path, output: Output
    ) -> None:
        self.command = command
        self.name = command.name
        self._environment = environment
        self._folder = folder
        self._output = output
        self._process: subprocess.Popen[str] | None = None
        self._relay: threading.Thread | None = None

    def start(self) -> None:
        """Start it, again if it ran before. A missing program shows as an exit status only."""
        self._process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
            tethered_command(
                list(self.command.arguments), death_signal=signal.SIGTERM, account="-"
            ),
            cwd=self._folder,
            env=dict(self._environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C in the terminal reaches the supervisor only, which stops all in order.
            start_new_session=True,
        )
        self._relay = threading.Thread(
            target=self._relay_output, args=(self._process,), name=f"output of {self.name}"
        )
        self._relay.daemon = True
        self._relay.start()

    def _relay_output(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is not None:
            with process.stdout:
                self._output.relay(self.name, process.stdout)

    def poll(self) -> int | None:
        """The exit status once it has ended: negative for a signal, as everywhere in Python.

        What it had started, such as workers whose leader died, is killed then.
        """
        process = self._process
        if process is None or process.returncode is not None:
            return None if process is None else process.returncode
        # Looked at before it is reaped: until then nobody else can get its number, and the
        # group that we signal is certainly its own.
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        self._kill_group(process)
        return process.wait()

    def record(self) -> ProcessRecord | None:
        """None before the start, and for a process that is gone."""
        if self._process is None:
            return None
        try:
            return ProcessRecord.of(self._process.pid)
        except ProcessLookupError:
            return None

    def begin_stop(self) -> None:
        """Ask it to end, without waiting."""
        if self._process is not None and self.poll() is None:
            self._process.terminate()

    def stop(self) -> None:
        """Ask it to end, wait its grace, then kill whatever is left of its group."""
        if self._process is None:
            return
        self.begin_stop()
        if not wait_until(lambda: self.poll() is not None, seconds=self.command.grace_seconds):
            self._output.say(f"{self.name} did not stop in time and is killed")
            self._kill_group(self._process)
            self._process.wait()
        if self._relay is not None:
            self._relay.join(timeout=RELAY_SECONDS)

    def _kill_group(self, process: subprocess.Popen[str]) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
