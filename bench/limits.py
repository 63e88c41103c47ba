"""What this machine could do at most, measured in the same run as everything else."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.buyers import Until, read_pages
from bench.cells import Cell, measure_cell
from bench.hot_row import measure_hot_row
from bench.installation import CHECKOUT, CannotMeasure, free_ports
from bench.options import Options
from bench.tally import Tally
from bench.wire import Connection, Server

HOT_ROW_CONNECTIONS = (1, 8, 32)
START_SECONDS = 30.0


def measure_limits(database_url: str, options: Options) -> Iterator[Cell]:
    """The driver alone, a trivial route, and a hot row, one after the other."""
    with responder() as (server, pid):
        yield _measure_route("driver alone", server, pid, max(options.clients), options.seconds)
    with trivial_server() as (server, pid):
        for clients in options.clients:
            yield _measure_route("trivial route", server, pid, clients, options.seconds)
    for connections in HOT_ROW_CONNECTIONS:
        rate = measure_hot_row(database_url, connections=connections, seconds=options.seconds)
        yield Cell(
            work="hot row",
            clients=connections,
            done=round(rate * options.seconds),
            seconds=options.seconds,
            times=None,
            statuses={},
            server_errors=0,
            lost=0,
        )


def _measure_route(work: str, server: Server, pid: int, clients: int, seconds: float) -> Cell:
    tally = Tally()
    until = Until(time.perf_counter() + seconds)
    scripts = [read_pages(server, "/", tally, until) for _ in range(clients)]
    return measure_cell(work, tally, scripts, roots=[pid], seconds=seconds)


@contextmanager
def responder() -> Iterator[tuple[Server, int]]:
    """Something that answers at once, in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.responder"], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            if process.stdout is None:
                raise CannotMeasure("the responder says nothing")
            port = int(process.stdout.readline())
            yield Server(port, f"localhost:{port}"), process.pid
        finally:
            process.terminate()


@contextmanager
def trivial_server() -> Iterator[tuple[Server, int]]:
    """A route that does nothing, served as the product is."""
    (port,) = free_ports(1)
    server = Server(port, f"localhost:{port}")
    with subprocess.Popen(  # noqa: S603 - our own program, no shell
        [
            *(sys.executable, "-m", "gunicorn", "-c", "bench/trivial_server.py"),
            "bench.trivial:create_app()",
        ],
        cwd=CHECKOUT,
        env=os.environ | {"PORT": str(port), "BIND": "127.0.0.1"},
    ) as process:
        try:
            _wait_for(server, process)
            yield server, process.pid
        finally:
            process.terminate()


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + START_SECONDS
    while True:
        try:
            Connection(server).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > ends_at:
                raise CannotMeasure("the trivial server does not start") from None
            time.sleep(0.1)
        else:
            return
