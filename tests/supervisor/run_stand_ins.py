"""Runs the supervisor with stand-ins: ``run_stand_ins.py HOME PORT SANDBOX_PORT ROLE...``."""

import os
import sys
from pathlib import Path

from webapp.supervisor.__main__ import run_plan
from webapp.supervisor.command import Command, Plan

STAND_IN = str(Path(__file__).with_name("stand_in.py"))


def stand_in(name, *arguments, ready_url=None):
    return Command(
        name=name,
        arguments=(sys.executable, STAND_IN, *arguments),
        ready_url=ready_url,
        grace_seconds=1.0,
    )


def make_plan(home, port, sandbox_port, roles):
    website = f"http://127.0.0.1:{port}"
    gateway = f"http://127.0.0.1:{sandbox_port}"
    return Plan(
        home=Path(home),
        checkout=Path(__file__).resolve().parents[2],
        environment=os.environ,
        ports={"PORT": int(port), "SANDBOX_PORT": int(sandbox_port)},
        site_url=f"http://localhost:{port}",
        sandbox_url=gateway,
        runs_postgres=True,
        runs_redis=True,
        sandbox=stand_in(
            "sandbox",
            *("gateway", sandbox_port, f"{home}/endpoints.json"),
            ready_url=f"{gateway}/healthz",
        ),
        webhook_url=f"{website}/webhooks/stripe",
        preparations=(Command(name="prepare", arguments=(sys.executable, "-c", "print('made')")),),
        services=(
            stand_in("web", "website", port, ready_url=f"{website}/readyz"),
            *(stand_in(role, role) for role in roles),
        ),
        announcements=(f"ready http://localhost:{port}",),
    )


if __name__ == "__main__":
    home, port, sandbox_port, *roles = sys.argv[1:]
    sys.exit(run_plan(make_plan(home, port, sandbox_port, roles)))
