"""What is asked for on the command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WORKS: Final = ("limits", "holds", "pages", "orders", "notices", "oversell", "wallet")
CLIENTS: Final = (1, 8, 32, 64)
SECONDS = 10.0
QUICK_SECONDS = 3.0
QUICK_CLIENTS: Final = (8, 64)
OVERSELL_RUNS = 3
MOST_CLIENTS = 512


@dataclass(frozen=True, slots=True)
class Options:
    """``seconds`` is the length of one cell of the table."""

    seconds: float
    clients: tuple[int, ...]
    works: tuple[str, ...]
    oversell_runs: int
    json_path: Path | None


def read_options(arguments: Sequence[str]) -> Options:
    """Raises :class:`SystemExit` with the usage for what makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, help=f"for each cell; {SECONDS:g} unless given")
    parser.add_argument("--clients", help="such as 1,8,32,64")
    parser.add_argument("--only", help=f"some of {','.join(WORKS)}")
    parser.add_argument("--quick", action="store_true", help="a first impression")
    parser.add_argument("--json", type=Path, help="a file to write all figures to")
    given = parser.parse_args(arguments)

    works = tuple(given.only.split(",")) if given.only else WORKS
    if unknown := set(works) - set(WORKS):
        parser.error(f"--only does not know {', '.join(sorted(unknown))}")
    default_clients = QUICK_CLIENTS if given.quick else CLIENTS
    try:
        clients = (
            tuple(int(text) for text in given.clients.split(","))
            if given.clients
            else default_clients
        )
    except ValueError:
        parser.error("--clients wants numbers, separated by commas")
    if not all(0 < number <= MOST_CLIENTS for number in clients):
        parser.error(f"--clients wants numbers from 1 to {MOST_CLIENTS}")
    seconds = given.seconds or (QUICK_SECONDS if given.quick else SECONDS)
    return Options(
        seconds=seconds,
        clients=clients,
        works=works,
        oversell_runs=1 if given.quick else OVERSELL_RUNS,
        json_path=given.json,
    )
