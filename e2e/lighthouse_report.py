"""All of Lighthouse's scores for the way to a ticket: ``python -m e2e.lighthouse_report FOLDER``.

Starts the product, places a hold, and looks at each page as a phone on a slow network would.
Performance is a score of time and differs from run to run: its median counts. The whole reports
are left in FOLDER.
"""

import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median_low

from bench.installation import CannotMeasure
from e2e.lighthouse_run import (
    NOT_OF_PRIVATE_PAGES,
    WANTED,
    CannotFetch,
    Verdict,
    cookies_of,
    fetch_lighthouse,
    judge,
)
from e2e.walk_in import open_shop
from tests.box_office import FESTIVAL

RUNS = 3


def main(arguments: Sequence[str]) -> int:
    """0 if every score is reached, 1 if one is missed, 2 without scores."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m e2e.lighthouse_report FOLDER\n")
        return 2
    folder = Path(arguments[0]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    # What was started has to be stopped, however we are asked to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    is_reached = True
    try:
        fetch_lighthouse()
        for page, verdicts in judge_all(folder):
            lines = [line_of(page, category, verdicts) for category in WANTED]
            is_reached &= not any(line.endswith("missed") for line in lines)
            sys.stdout.write("\n".join([*lines, *remarks(verdicts)]) + "\n\n")
            sys.stdout.flush()
    except (CannotFetch, CannotMeasure) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0 if is_reached else 1


def judge_all(folder: Path) -> Iterator[tuple[str, list[Verdict]]]:
    """Each page with what was said of it, run by run."""
    with open_shop() as shop:
        buyer = shop.new_buyer()
        for page, path in (("events", "/"), ("event", f"/e/{FESTIVAL}")):
            yield (
                page,
                [
                    judge(f"{shop.site_url}{path}", report=folder / f"{page}-{run}.json")
                    for run in range(1, RUNS + 1)
                ],
            )
        buyer.hold(FESTIVAL, "Full festival", 2)
        yield (
            "checkout",
            [
                judge(
                    buyer.page.url,
                    report=folder / f"checkout-{run}.json",
                    skipped=NOT_OF_PRIVATE_PAGES,
                    cookies=cookies_of(buyer.page.context),
                )
                for run in range(1, RUNS + 1)
            ],
        )


def line_of(page: str, category: str, verdicts: Sequence[Verdict]) -> str:
    """Reached, wanted, and whether that is enough; a score that is no time counts at its worst."""
    scores = sorted(verdict.scores[category] for verdict in verdicts)
    score = median_low(scores) if category == "performance" else scores[0]
    spread = f" ({scores[0]:.2f} to {scores[-1]:.2f})" if scores[0] < scores[-1] else ""
    word = "reached" if score >= WANTED[category] else "missed"
    return f"{page}, {category}: {score:.2f}{spread}, wanted {WANTED[category]:.2f}: {word}"


def remarks(verdicts: Sequence[Verdict]) -> list[str]:
    faults = sorted({fault for verdict in verdicts for fault in verdict.faults})
    return [
        *(f"    {verdict.times}" for verdict in verdicts),
        *(f"    lost points: {fault}" for fault in faults),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
