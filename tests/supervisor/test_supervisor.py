import json
import os
import signal
import socket
import stat

from tests.supervisor.conftest import wait_for_the_end_of
from tests.waiting import wait_until
from webapp.embedded.settings import recorded_environment

KEPT_NAMES = (
    "SECRET_KEY",
    "TICKET_SIGNING_KEY",
    "STRIPE_SECRET_KEY",
    "RESEND_API_KEY",
    "RESEND_WEBHOOK_SECRET",
)


def test_it_says_when_everything_answers(supervise, ports):
    supervisor = supervise("sleeper")

    supervisor.wait_for(rf"^ready http://localhost:{ports[0]}$")

    assert supervisor.wait_for(r"^prepare +\| made$")
    assert supervisor.wait_for(r"^sleeper +\| sleeper is up$")
    assert supervisor.end() == 0


def test_a_second_start_keeps_keys_and_webhook(supervise, home):
    first = supervise()
    first.wait_for("^ready")
    before = recorded_environment(home)
    first.end()

    supervise().wait_for("^ready")

    after = recorded_environment(home)
    assert after["STRIPE_WEBHOOK_SECRET"] == "whsec_1"
    for name in (*KEPT_NAMES, "STRIPE_WEBHOOK_SECRET"):
        assert after[name] == before[name]


def test_a_child_that_dies_is_started_again_later_each_time(supervise):
    supervisor = supervise("sleeper")
    supervisor.wait_for("^ready")
    first = supervisor.find_child("sleeper")

    os.kill(first.pid, signal.SIGKILL)
    supervisor.wait_for(r"^sleeper was ended by SIGKILL; it starts again in 0\.5 s$")
    supervisor.lines.clear()
    supervisor.wait_for(r"^sleeper +\| sleeper is up$")
    second = supervisor.find_child("sleeper")
    os.kill(second.pid, signal.SIGTERM)

    supervisor.wait_for(r"^sleeper was ended by SIGTERM; it starts again in 1 s$")
    assert second.pid != first.pid


def test_a_database_that_dies_comes_back_at_the_same_address(supervise, home):
    supervisor = supervise()
    supervisor.wait_for("^ready")
    record = json.loads((home / "postgres" / "postgres.json").read_text())

    os.kill(record["pid"], signal.SIGKILL)
    supervisor.wait_for("^postgres was ended by SIGKILL")
    address = recorded_environment(home)["DATABASE_URL"].rpartition("host=")[2]

    def answers():
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(f"{address}/.s.PGSQL.5432")
            except OSError:
                return False
            return True

    wait_until(answers, what=lambda: supervisor.output)


def test_sigterm_stops_every_child_and_what_they_started(supervise, home):
    supervisor = supervise("sleeper", "family", "stubborn")
    supervisor.wait_for("^ready")
    supervisor.wait_for(r"^family +\| stubborn is up")
    descendants = supervisor.list_descendants()

    assert supervisor.end() == 0

    assert len(descendants) > 8
    assert not any(record.is_alive() for record in descendants)
    assert not (home / "embedded.json").exists()


def test_nothing_survives_a_killed_supervisor_for_long(supervise):
    supervisor = supervise("sleeper")
    supervisor.wait_for("^ready")
    descendants = supervisor.list_descendants()

    supervisor.end(signal.SIGKILL)

    assert len(descendants) > 6
    wait_for_the_end_of(descendants)


def test_the_next_start_ends_what_survived_a_killed_supervisor(supervise, home):
    killed = supervise("stubborn")
    killed.wait_for("^ready")
    killed.wait_for("stubborn is up")
    survivor = killed.find_child("stubborn")
    killed.end(signal.SIGKILL)
    assert survivor.is_alive()
    assert recorded_environment(home) == {}

    supervise().wait_for("^ready")

    assert not survivor.is_alive()


def test_a_port_in_use_is_said_before_anything_starts(supervise, home, ports):
    with socket.create_server(("127.0.0.1", int(ports[1]))):
        supervisor = supervise()

        assert supervisor.wait() == 2

    assert supervisor.output == (
        f"Port {ports[1]} is in use; set SANDBOX_PORT to another one, or stop what listens there.\n"
    )
    assert not (home / "postgres").exists()


def test_two_supervisors_do_not_share_a_home(supervise, home):
    first = supervise()
    first.wait_for("^ready")

    second = supervise()

    assert second.wait() == 2
    assert f"already runs with its data in {home}" in second.output
    assert first.process.poll() is None


def test_what_it_records_is_for_its_owner_only(supervise, home):
    supervise().wait_for("^ready")

    for name in ("embedded.json", "keys.json", "webhook.json"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600


def test_what_the_operator_set_stays(supervise, home):
    own = {
        "SECRET_KEY": "the operator's own key, long enough",
        "MAIL_FROM": "Doors <doors@example.org>",
        "SITE_URL": "https://tickets.example.org",
    }

    supervise(**own).wait_for("^ready")

    recorded = recorded_environment(home)
    assert {name: recorded[name] for name in own} == own


def test_settings_that_the_application_refuses_end_the_start(supervise):
    supervisor = supervise(SECRET_KEY="short")

    assert supervisor.wait() == 2
    assert "Set SECRET_KEY to a random text" in supervisor.output
