"""``python -m bench``: starts everything, measures it, and throws it away."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence

from bench.cells import Cell
from bench.installation import CannotMeasure, Installation
from bench.ledger import Ledger
from bench.limits import measure_limits
from bench.options import Options, read_options
from bench.report import heading, line_of, verdicts, write_json
from bench.suite import Suite


def main(arguments: Sequence[str]) -> int:
    """0 if nothing was sold twice and nothing was left behind, else 1; 2 without figures."""
    options = read_options(arguments)
    # What was started has to be stopped, however we are asked to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    cells: list[Cell] = []
    try:
        for cell in measure_all(options):
            if not cells:
                print(heading())
            print(line_of(cell, cells), flush=True)
            cells.append(cell)
    except CannotMeasure as error:
        print(error, file=sys.stderr)
        return 2
    print()
    for line in verdicts(cells):
        print(line)
    if options.json_path is not None:
        write_json(options.json_path, cells, options)
    is_whole = not any(cell.unfinished or cell.note.startswith("WRONG") for cell in cells)
    return 0 if is_whole else 1


def measure_all(options: Options) -> Iterator[Cell]:
    """Limits first, on the machine that also has the idle product on it."""
    with Installation() as installation, Ledger(installation.database_url) as ledger:
        print(f"load average before: {os.getloadavg()[0]:.2f}")
        goods = installation.seed(options.oversell_runs)
        if "limits" in options.works:
            yield from measure_limits(installation.database_url, options)
        suite = Suite(installation, options, ledger, goods)
        for work in options.works:
            if work != "limits":
                yield from suite.measure(work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
