import os
import signal
import stat

import pytest
import redis

from tests.embedded.conftest import listening_ports
from tests.waiting import wait_until
from webapp.embedded import AlreadyRunning, EmbeddedRedis
from webapp.embedded.process import ProcessRecord


def test_it_keeps_jobs_and_drops_none(redis_server):
    with redis.Redis.from_url(redis_server.start()) as client:
        settings = client.config_get("*")

    assert {
        name: settings[name]
        for name in ("appendonly", "appendfsync", "save", "maxmemory-policy", "port")
    } == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "port": "0",
    }


def test_data_survives_a_killed_server_at_the_same_address(redis_server):
    url = redis_server.start()
    with redis.Redis.from_url(url) as client:
        client.rpush("queue", "job")
    os.kill(redis_server.pid, signal.SIGKILL)
    wait_until(lambda: not redis_server.is_running())

    assert redis_server.start() == url

    with redis.Redis.from_url(url) as client:
        assert client.lrange("queue", 0, -1) == [b"job"]


def test_data_survives_a_stop(redis_server):
    with redis.Redis.from_url(redis_server.start()) as client:
        client.set("door", "north")
    redis_server.stop()

    with redis.Redis.from_url(redis_server.start()) as client:
        assert client.get("door") == b"north"


def test_nobody_else_can_enter_the_sockets_folder_and_there_is_no_port(redis_server):
    redis_server.start()

    assert stat.S_IMODE(redis_server.socket_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((redis_server.socket_dir / "redis.sock").stat().st_mode) == 0o700
    assert listening_ports([redis_server.pid]) == []


def test_stopping_leaves_no_process_and_no_socket(redis_server):
    redis_server.start()
    process = ProcessRecord.of(redis_server.pid)
    folder = redis_server.socket_dir

    redis_server.stop()

    assert not process.is_alive()
    assert not folder.exists()


def test_one_folder_has_one_server(redis_server):
    redis_server.start()

    with pytest.raises(AlreadyRunning):
        EmbeddedRedis(redis_server.data_dir).start()


@pytest.mark.parametrize("name", ["with spaces and 'quotes'", f"{'long-' * 45}name", "Zürich ✓"])
def test_data_may_lie_under_long_names_quotes_and_foreign_letters(tmp_path, name):
    server = EmbeddedRedis(tmp_path / name / name / "redis")
    try:
        with redis.Redis.from_url(server.start()) as client:
            assert client.ping()
    finally:
        server.discard()
