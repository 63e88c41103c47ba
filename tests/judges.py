"""Independent judges: programs that hold recorded traffic against the gateways' published schemas.

They and the schemas are no part of this project. They are looked for in the
folder that ``YARDPASS_CONTRACTS`` names, or else in ``../shared/contracts``
beside the checkout; without them these tests are skipped.
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


def find_contracts() -> Path:
    """The folder of the judges; skips the test that asks if there is none."""
    named = os.environ.get("YARDPASS_CONTRACTS")
    folder = Path(named) if named else ROOT.parent / "shared" / "contracts"
    if not folder.is_dir():
        pytest.skip(f"the gateways' published schemas are not in {folder}")
    return folder


def assert_traffic_is_as_published(kind: str, *, sandbox_url: str, record: Path) -> None:
    """Have all that a sandbox was asked of one kind judged; ``record`` is where it is kept."""
    contracts = find_contracts()
    answer = requests.get(f"{sandbox_url}/__sandbox/traffic", params={"kind": kind}, timeout=60)
    assert answer.text, f"no {kind} traffic to judge"
    record.write_text(answer.text)

    (program, *arguments), schema = JUDGES[kind]
    verdict = subprocess.run(
        [sys.executable, contracts / program, *arguments, "--spec", contracts / schema, record],
        capture_output=True,
        text=True,
        check=False,
    )

    said = verdict.stdout + verdict.stderr
    assert verdict.stdout.splitlines()[-1:] == ["0 bad record(s)"], said[-SHOWN_CHARACTERS:]
