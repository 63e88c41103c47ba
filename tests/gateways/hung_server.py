"""A server that takes connections and never says a word."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class HungServer:
    """The operating system takes the connections; nobody ever reads from them."""

    listener: socket.socket

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def count_connections(self) -> int:
        """How many came in since the last count."""
        self.listener.setblocking(False)
        count = 0
        while True:
            try:
                connection, _ = self.listener.accept()
            except BlockingIOError:
                return count
            connection.close()
            count += 1


@contextmanager
def hung_server() -> Iterator[HungServer]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield HungServer(listener)


@contextmanager
def hung_redis() -> Iterator[str]:
    """The URL of a Redis that hangs."""
    with hung_server() as server:
        yield f"redis://{server.address}/0"
