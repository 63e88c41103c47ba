import os
import tempfile
from pathlib import Path

import psycopg
import pytest

from webapp.embedded import EmbeddedPostgres, EmbeddedRedis
from webapp.embedded.process import list_processes_in

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="is about what root must not do")


@pytest.fixture
def postgres(tmp_path):
    server = EmbeddedPostgres(tmp_path / "postgres")
    yield server
    server.discard()


@pytest.fixture
def redis_server(tmp_path):
    server = EmbeddedRedis(tmp_path / "redis")
    yield server
    server.discard()


@pytest.fixture
def open_folder():
    """A folder that every account can reach, as a checkout under /srv would be."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def connect(server, **options):
    return psycopg.connect(
        host=str(server.socket_dir), user="yardpass", dbname="yardpass", **options
    )


def query(server, statement):
    with connect(server, autocommit=True) as connection:
        return connection.execute(statement).fetchone()


def listening_ports(pids):
    """The TCP ports, of IPv4 and IPv6, that these processes listen on."""
    sockets = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                sockets.add(str(entry.readlink()))
            except FileNotFoundError:
                continue
    ports = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        path = Path(table)
        rows = path.read_text().splitlines()[1:] if path.exists() else []
        for row in rows:
            fields = row.split()
            is_listening = fields[3] == "0A"
            if is_listening and f"socket:[{fields[9]}]" in sockets:
                ports.append(int(fields[1].rpartition(":")[2], 16))
    return ports


def all_pids(server):
    return [record.pid for record in list_processes_in(server.cluster)]
