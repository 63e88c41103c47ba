"""The parent of everything that runs."""

import time
from pathlib import Path

from webapp.config import SettingsError, read_settings
from webapp.embedded import EmbeddedPostgres, EmbeddedRedis, EmbeddedServerError
from webapp.embedded.server import EmbeddedServer
from webapp.embedded.settings import forget_environment, record_environment, write_private
from webapp.supervisor.child import Child
from webapp.supervisor.command import Command, Plan
from webapp.supervisor.environment import kept_keys, made_up_environment, recordable
from webapp.supervisor.errors import CannotStart
from webapp.supervisor.home import end_leftover_children, own_home, record_children
from webapp.supervisor.output import Output
from webapp.supervisor.ports import check_ports
from webapp.supervisor.readiness import find_obstacle
from webapp.supervisor.schema import mark_database
from webapp.supervisor.stop import StopRequested, StopSignal
from webapp.supervisor.watch import Watch, describe_exit
from webapp.supervisor.webhook import register_endpoint

PREPARATION_SECONDS = 600.0
SANDBOX_SECONDS = 30.0
REMINDER_SECONDS = 15.0


class Supervisor:
    """Starts a plan in order, keeps it alive, and stops it in reverse.

    Its thread must be the one that lives longest: every child is tied to it.
    """

    def __init__(self, plan: Plan, *, output: Output, stop: StopSignal) -> None:
        self._plan = plan
        self._output = output
        self._stop = stop
        self._environment = {**plan.environment, "PYTHONUNBUFFERED": "1"}
        self._servers: list[EmbeddedServer] = []
        self._sandbox: Child | None = None
        self._children: list[Child] = []
        self._watches: list[Watch] = []

    def run(self) -> None:
        """Run until somebody asks to stop; every child has ended when this returns or raises.

        Raises :class:`CannotStart` or an :class:`EmbeddedServerError` if a part that the others
        need does not start.
        """
        with own_home(self._plan.home):
            try:
                self._start()
                self._keep_alive()
            except StopRequested:
                self._output.say("stopping")
            finally:
                self._stop_everything()

    def _start(self) -> None:
        end_leftover_children(self._plan.home)
        check_ports(self._plan.ports)
        self._output.say(f"data in {self._plan.home}")
        if not self._plan.is_production:
            self._environment |= made_up_environment(self._plan, kept_keys(self._plan.home))
        # It needs no server, so it may start while they do.
        if self._plan.sandbox is not None:
            self._sandbox = self._start_child(self._plan.sandbox)
        self._start_servers()
        self._await_sandbox()
        try:
            read_settings(self._environment)
        except SettingsError as error:
            raise CannotStart(str(error)) from error
        if not self._plan.is_production:
            record_environment(self._plan.home, recordable(self._environment))
        for command in self._plan.preparations:
            self._run_to_end(command)
        for command in self._plan.services:
            self._start_child(command)

    def _start_servers(self) -> None:
        home = self._plan.home
        if self._plan.runs_postgres:
            self._environment["DATABASE_URL"] = self._start_server(
                EmbeddedPostgres(home / "postgres")
            )
        if self._plan.runs_redis:
            self._environment["REDIS_URL"] = self._start_server(EmbeddedRedis(home / "redis"))

    def _start_server(self, server: EmbeddedServer) -> str:
        url = server.start()
        self._servers.append(server)
        self._watches.append(Watch(server, self._output))
        return url

    def _await_sandbox(self) -> None:
        sandbox = self._sandbox
        if sandbox is None:
            return
        command = sandbox.command
        if not self._stop.wait_until(
            lambda: sandbox.poll() is not None or obstacle_of(command) is None,
            seconds=SANDBOX_SECONDS,
        ):
            raise CannotStart(f"{command.name} does not answer: {obstacle_of(command)}")
        if (status := sandbox.poll()) is not None:
            raise CannotStart(f"{command.name} {describe_exit(status)}; its lines are above.")
        if self._plan.webhook_url and not self._environment.get("STRIPE_WEBHOOK_SECRET"):
            self._environment["STRIPE_WEBHOOK_SECRET"] = register_endpoint(
                self._plan.home,
                api_base=self._environment["STRIPE_API_BASE"],
                key=self._environment["STRIPE_SECRET_KEY"],
                url=self._plan.webhook_url,
            )

    def _run_to_end(self, command: Command) -> None:
        if self._is_done(command):
            return
        child = self._make_child(command)
        child.start()
        try:
            ended = self._stop.wait_until(
                lambda: child.poll() is not None, seconds=PREPARATION_SECONDS
            )
            status = child.poll()
        finally:
            child.stop()
        if not ended or status is None:
            raise CannotStart(f"{command.name} took longer than {PREPARATION_SECONDS:.0f} s.")
        if status != 0:
            raise CannotStart(f"{command.name} {describe_exit(status)}; its lines are above.")
        self._note_done(command)

    def _is_done(self, command: Command) -> bool:
        path = command.done_path
        if path is None or not path.exists():
            return False
        return command.versions is None or path.read_text() == self._mark(command.versions)

    def _note_done(self, command: Command) -> None:
        if command.done_path is not None:
            write_private(command.done_path, self._mark(command.versions) or "")

    def _mark(self, versions: Path | None) -> str | None:
        if versions is None:
            return None
        return mark_database(
            self._environment["DATABASE_URL"],
            versions=versions,
            secret=self._environment.get("TICKET_SIGNING_KEY", ""),
        )

    def _make_child(self, command: Command) -> Child:
        return Child(
            command,
            environment=self._environment,
            folder=self._plan.checkout,
            output=self._output,
        )

    def _start_child(self, command: Command) -> Child:
        child = self._make_child(command)
        child.start()
        self._children.append(child)
        self._watches.append(Watch(child, self._output))
        self._record_children()
        return child

    def _record_children(self) -> None:
        records = [record for child in self._children if (record := child.record()) is not None]
        record_children(self._plan.home, records)

    def _keep_alive(self) -> None:
        is_ready = False
        remind_at = time.monotonic() + REMINDER_SECONDS
        while True:
            if [watch for watch in self._watches if watch.look()]:
                self._record_children()
            if not is_ready:
                obstacles = self._list_obstacles()
                is_ready = not obstacles
                if is_ready:
                    for line in self._plan.announcements:
                        self._output.say(line)
                elif time.monotonic() > remind_at:
                    self._output.say(f"not ready yet: {'; '.join(obstacles)}")
                    remind_at += REMINDER_SECONDS
            self._stop.pause()

    def _list_obstacles(self) -> list[str]:
        commands = [child.command for child in self._children]
        return [
            f"{command.name}: {obstacle}"
            for command in commands
            if (obstacle := obstacle_of(command)) is not None
        ]

    def _stop_everything(self) -> None:
        # The services know nothing of each other, so they may take their grace at the same time;
        # the sandbox, which they call, goes after them.
        for child in reversed(self._children):
            if child is not self._sandbox:
                child.begin_stop()
        for child in reversed(self._children):
            child.stop()
        for server in reversed(self._servers):
            try:
                server.stop()
            except EmbeddedServerError as error:
                self._output.say(str(error))  # the others still have to stop
        self._record_children()
        forget_environment(self._plan.home)


def obstacle_of(command: Command) -> str | None:
    """Why the command's address does not answer yet; None if it does or has none."""
    if command.ready_url is None:
        return None
    return find_obstacle(command.ready_url, host=command.ready_host)
