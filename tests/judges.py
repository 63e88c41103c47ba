"""Independent judges: programs that hold recorded traffic against the gateways' published schemas.

They and the schemas are no part of this project. They are looked for in the
folder that ``YARDPASS_CONTRACTS`` names, or else in ``../shared/contracts``
beside the checkout; without them the tests that ask for them are skipped.

A sandbox that lives for a whole run is judged when it stops, by the fixture
that started it: then all has been asked, whichever tests ran, in whatever
order, and in as many processes as there are such sandboxes.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[1]
# Which program judges a kind of traffic, and by which schema.
JUDGES = {
    "stripe": (("stripe_contract.py", "check"), "stripe_endive.json"),
    "mail": (("json_contract.py",), "resend_openapi.json"),
}
SHOWN_CHARACTERS = 4000


def find_contracts() -> Path | None:
    """The folder of the judges, if there is one."""
    named = os.environ.get("YARDPASS_CONTRACTS")
    folder = Path(named) if named else ROOT.parent / "shared" / "contracts"
    return folder if folder.is_dir() else None


def assert_traffic_is_as_published(kind: str, *, sandbox_url: str, record: Path) -> None:
    """Have all that a sandbox was asked of one kind judged; ``record`` is where it is kept.

    Skips the test that asks if there are no judges.
    """
    contracts = find_contracts()
    if contracts is None:
        pytest.skip("the gateways' published schemas are not here (YARDPASS_CONTRACTS)")
    traffic = _traffic(kind, sandbox_url)
    assert traffic, f"no {kind} traffic to judge"
    _judge(kind, traffic, contracts=contracts, record=record)


def assert_whole_run_is_as_published(*, sandbox_url: str, folder: Path) -> None:
    """Have everything judged that a sandbox was asked since it started, if there are judges."""
    contracts = find_contracts()
    if contracts is None:
        return
    for kind in JUDGES:
        if traffic := _traffic(kind, sandbox_url):
            _judge(kind, traffic, contracts=contracts, record=folder / f"{kind}-traffic.jsonl")


def _traffic(kind: str, sandbox_url: str) -> str:
    answer = requests.get(f"{sandbox_url}/__sandbox/traffic", params={"kind": kind}, timeout=60)
    return answer.text


def _judge(kind: str, traffic: str, *, contracts: Path, record: Path) -> None:
    record.write_text(traffic)
    (program, *arguments), schema = JUDGES[kind]
    verdict = subprocess.run(
        [sys.executable, contracts / program, *arguments, "--spec", contracts / schema, record],
        capture_output=True,
        text=True,
        check=False,
    )

    said = verdict.stdout + verdict.stderr
    assert verdict.stdout.splitlines()[-1:] == ["0 bad record(s)"], said[-SHOWN_CHARACTERS:]
