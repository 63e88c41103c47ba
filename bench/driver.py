"""Many clients in one thread: each is a script, an event loop moves them on.

The driver shares the cores with what it measures, so a client costs a generator and a socket,
not a thread.
"""

import heapq
import select
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from bench.wire import Answer, Connection, ConnectionLost, Server

# After so long without an answer a request counts as lost.
PATIENCE_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.02
LONGEST_NAP_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Call:
    """Send these bytes and wait for the answer."""

    server: Server
    wire: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Await:
    """Do nothing until the watch reports this key."""

    key: str


Step = Call | Pause | Await
# Gets an answer after each step; after a pause it is one with status 0.
Script = Generator[Step, Answer, None]
Watch = Callable[[], Iterable[str]]


@dataclass(slots=True)
class Client:
    """One script and its connections, one for each server."""

    script: Script
    connections: dict[Server, Connection] = field(default_factory=dict)
    call: Call | None = None
    since: float = 0.0


class Driver:
    """Runs scripts side by side until all have ended, or the time is up."""

    def __init__(self, *, watch: Watch | None = None) -> None:
        self._watch = watch
        self._poll = select.epoll()
        self._by_number: dict[int, Client] = {}
        self._clients: list[Client] = []
        self._timers: list[tuple[float, int, Client]] = []
        self._order = count()
        self._waiting: dict[str, Client] = {}
        self._reported: set[str] = set()

    def run(self, scripts: Iterable[Script], *, limit_seconds: float) -> int:
        """The number of scripts that had not ended when `limit_seconds` were over."""
        ends_at = time.perf_counter() + limit_seconds
        self._clients = [Client(script) for script in scripts]
        try:
            for client in list(self._clients):
                self._move_on(client, None)
            patience_at = time.perf_counter() + 1.0
            look_at = 0.0
            while self._clients and (now := time.perf_counter()) < ends_at:
                self._take_answers(self._nap_seconds(now))
                self._fire_timers()
                if self._watch is not None and now >= look_at:
                    self._look(self._watch)
                    look_at = time.perf_counter() + LOOK_SECONDS
                if now >= patience_at:
                    self._lose_patience(now)
                    patience_at = now + 1.0
            return len(self._clients)
        finally:
            self._close()

    def _nap_seconds(self, now: float) -> float:
        nap = LOOK_SECONDS if self._watch is not None else LONGEST_NAP_SECONDS
        if self._timers:
            nap = min(nap, max(0.0, self._timers[0][0] - now))
        return nap

    def _take_answers(self, nap_seconds: float) -> None:
        for number, _ in self._poll.poll(nap_seconds):
            client = self._by_number.get(number)
            if client is None:
                continue
            connection = next(c for c in client.connections.values() if c.fileno() == number)
            try:
                found = connection.receive()
            except ConnectionLost:
                self._lose(client, connection)
                continue
            if found is None:
                continue
            seconds = time.perf_counter() - client.since
            if connection.closes:
                self._drop(client, connection)
            client.call = None
            self._move_on(client, Answer(found[0], found[1], seconds))

    def _move_on(self, client: Client, answer: Answer | None) -> None:
        """Let a script go on to its next step, and begin that."""
        try:
            step = client.script.send(answer) if answer is not None else next(client.script)
        except StopIteration:
            self._end(client)
            return
        now = time.perf_counter()
        client.since = now
        match step:
            case Call():
                client.call = step
                self._send(client, step)
            case Pause(seconds):
                heapq.heappush(self._timers, (now + seconds, next(self._order), client))
            case Await(key) if key in self._reported:
                self._reported.discard(key)
                heapq.heappush(self._timers, (now, next(self._order), client))
            case Await(key):
                self._waiting[key] = client

    def _send(self, client: Client, call: Call) -> None:
        connection = client.connections.get(call.server)
        try:
            if connection is None:
                connection = self._connect(client, call.server)
            connection.send(call.wire)
        except OSError:
            self._give_up(client)
        except ConnectionLost:
            if connection is not None:
                self._lose(client, connection)

    def _connect(self, client: Client, server: Server) -> Connection:
        connection = Connection(server)
        client.connections[server] = connection
        self._by_number[connection.fileno()] = client
        self._poll.register(connection.fileno(), select.EPOLLIN)
        return connection

    def _drop(self, client: Client, connection: Connection) -> None:
        self._poll.unregister(connection.fileno())
        del self._by_number[connection.fileno()]
        del client.connections[connection.server]
        connection.close()

    def _lose(self, client: Client, connection: Connection) -> None:
        """A connection that was kept too long is made anew; any other loss is an answer."""
        is_stale = connection.answers > 0 and not connection.has_begun
        self._drop(client, connection)
        if client.call is None or client.call.server != connection.server:
            return
        if is_stale:
            self._send(client, client.call)
        else:
            self._give_up(client)

    def _give_up(self, client: Client) -> None:
        client.call = None
        self._move_on(client, Answer(0, b"", time.perf_counter() - client.since))

    def _lose_patience(self, now: float) -> None:
        for client in [c for c in self._clients if c.call and now - c.since > PATIENCE_SECONDS]:
            for connection in list(client.connections.values()):
                self._drop(client, connection)
            self._give_up(client)

    def _fire_timers(self) -> None:
        now = time.perf_counter()
        while self._timers and self._timers[0][0] <= now:
            client = heapq.heappop(self._timers)[2]
            self._move_on(client, Answer(0, b"", now - client.since))

    def _look(self, watch: Watch) -> None:
        for key in watch():
            client = self._waiting.pop(key, None)
            if client is None:
                self._reported.add(key)
            else:
                self._move_on(client, Answer(0, b"", time.perf_counter() - client.since))

    def _end(self, client: Client) -> None:
        for connection in list(client.connections.values()):
            self._drop(client, connection)
        self._clients.remove(client)

    def _close(self) -> None:
        for client in list(self._clients):
            client.script.close()
            self._end(client)
        self._poll.close()
