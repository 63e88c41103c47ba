"""What Lighthouse says of the public pages: scores that are no times.

Its score of performance is one of time, and so for ``bench`` and not for a test.
"""

import json
import os
import shutil
import subprocess

import pytest

from tests.box_office import FESTIVAL, ROOT

FOLDER = ROOT / "e2e" / "lighthouse"
PROGRAM = FOLDER / "node_modules" / ".bin" / "lighthouse"
LEAST = {"accessibility": 1.0, "best-practices": 1.0, "seo": 0.95}
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage"


@pytest.fixture(scope="session")
def lighthouse() -> str:
    """The program, fetched by its lock file the first time."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node.js and npm are not installed")
    if not PROGRAM.exists():
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"npm could not fetch Lighthouse: {done.stderr[-300:]}")
    return str(PROGRAM)


@pytest.mark.parametrize("path", ["/", f"/e/{FESTIVAL}"], ids=["list", "event"])
def test_public_page_scores(lighthouse, box_office, tmp_path, path):
    report = tmp_path / "report.json"
    subprocess.run(
        [
            lighthouse,
            f"{box_office.site_url}{path}",
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--only-categories={','.join(LEAST)}",
            f"--chrome-flags={FLAGS}",
        ],
        env=os.environ | {"CHROME_PATH": os.environ.get("YARDPASS_CHROMIUM", "/usr/bin/chromium")},
        check=True,
        capture_output=True,
        timeout=180,
    )

    found = json.loads(report.read_text())

    failed = [name for name, audit in found["audits"].items() if audit["score"] == 0]
    scores = {name: found["categories"][name]["score"] for name in LEAST}
    assert {name: scores[name] for name in LEAST if scores[name] < LEAST[name]} == {}, failed
