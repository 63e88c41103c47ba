"""Lighthouse on one page: where the program comes from, and what it says."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext

from e2e.chromium import whole_chromium
from tests.box_office import ROOT

FOLDER: Final = ROOT / "e2e" / "lighthouse"
PROGRAM: Final = FOLDER / "node_modules" / ".bin" / "lighthouse"
WANTED: Final = {"performance": 0.95, "accessibility": 1.0, "best-practices": 1.0, "seo": 0.95}
# A phone on a slow network, worked out from what a fast one did.
PROFILE: Final = ("--form-factor=mobile", "--throttling-method=simulate")
BROWSER_FLAGS: Final = "--headless=new --no-sandbox --disable-dev-shm-usage"
METRICS: Final = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest paint",
    "total-blocking-time": "blocked",
    "cumulative-layout-shift": "shift",
}
# What one buyer sees is kept out of search engines on purpose; Lighthouse takes that for a fault.
NOT_OF_PRIVATE_PAGES: Final = ("is-crawlable",)
RUN_SECONDS = 180


class CannotFetch(Exception):
    """The program is not there and cannot be had."""


@dataclass(frozen=True)
class Verdict:
    """What was said of one page: scores from 0 to 1, what cost points, times as read by people."""

    scores: dict[str, float]
    faults: list[str]
    times: str


def fetch_lighthouse() -> Path:
    """The program, fetched by its lock file the first time. Raises :class:`CannotFetch`."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise CannotFetch("Node.js and npm are not installed")
    if not PROGRAM.exists():
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CannotFetch(f"npm could not fetch Lighthouse: {done.stderr[-300:]}")
    return PROGRAM


def cookies_of(context: BrowserContext) -> str:
    """What a browser sends, so that another sees the same buyer's pages."""
    return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in context.cookies())


def judge(
    url: str,
    *,
    report: Path,
    categories: Iterable[str] = WANTED,
    skipped: Sequence[str] = (),
    cookies: str = "",
) -> Verdict:
    """Let Lighthouse look at a page; its whole report is left in the file ``report``."""
    headers = report.with_suffix(".headers.json")
    # In a file, because everybody on the machine sees the arguments of a program.
    headers.write_text(json.dumps({"Cookie": cookies} if cookies else {}))
    command = [
        str(PROGRAM),
        url,
        "--quiet",
        "--output=json",
        f"--output-path={report}",
        f"--only-categories={','.join(categories)}",
        f"--extra-headers={headers}",
        f"--chrome-flags={BROWSER_FLAGS}",
        *PROFILE,
    ]
    if skipped:
        command.append(f"--skip-audits={','.join(skipped)}")
    try:
        subprocess.run(
            command,
            env=os.environ | {"CHROME_PATH": whole_chromium()},
            check=True,
            capture_output=True,
            timeout=RUN_SECONDS,
        )
    finally:
        headers.unlink()
    return _read(report)


def _read(report: Path) -> Verdict:
    found = json.loads(report.read_text())
    # A page that sends the buyer elsewhere would be praised for a page that nobody asked about.
    assert found["finalDisplayedUrl"] == found["requestedUrl"]
    audits = found["audits"]
    weighed = {
        reference["id"]
        for category in found["categories"].values()
        for reference in category["auditRefs"]
        if reference["weight"]
    }
    return Verdict(
        scores={name: category["score"] for name, category in found["categories"].items()},
        faults=[
            f"{name} {audits[name]['score']}"
            for name in sorted(weighed - set(METRICS))
            if audits[name]["score"] not in {None, 1}
        ],
        times=", ".join(
            f"{word} {audits[name]['displayValue']}"
            for name, word in METRICS.items()
            if name in audits
        ),
    )
