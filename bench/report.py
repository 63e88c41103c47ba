"""One table for people, one document for programs."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import anchors
from bench.cells import Cell
from bench.options import Options
from bench.processes import CORES

COLUMNS: Final = (
    ("work", 16),
    ("clients", 8),
    ("per s", 9),
    ("p50 ms", 8),
    ("p95 ms", 8),
    ("p99 ms", 8),
    ("cpu ms", 8),
    ("x pretix", 9),
    ("% triv", 7),
    ("% row", 7),
    ("5xx", 5),
    ("lost", 5),
)
# Parts that took less than this much of the machine are left out.
SMALL_PERCENT = 1.0
HOT_ROW_CONNECTIONS = 8


def heading() -> str:
    names = "".join(
        f"{name:<{width}}" if number == 0 else f"{name:>{width}}"
        for number, (name, width) in enumerate(COLUMNS)
    )
    return f"{names}  cpu, % of {CORES} cores"


def line_of(cell: Cell, measured: Sequence[Cell]) -> str:
    """A line of the table, held against the limits that were measured before it."""
    times = (
        (cell.times.p50, cell.times.p95, cell.times.p99)
        if cell.times is not None
        else (None, None, None)
    )
    figures = (
        str(cell.clients),
        f"{cell.per_second:.1f}",
        *("-" if value is None else f"{value:.1f}" for value in times),
        "-" if cell.cpu_ms is None else f"{cell.cpu_ms:.2f}",
        format_times(times_pretix(cell)),
        format_percent(share_of(cell, measured, "trivial route", cell.clients)),
        format_percent(
            share_of(cell, measured, "hot row", HOT_ROW_CONNECTIONS)
            if cell.work == "holds"
            else None
        ),
        str(cell.server_errors),
        str(cell.lost),
    )
    widths = [width for _, width in COLUMNS]
    text = f"{cell.work:<{widths[0]}}" + "".join(
        f"{figure:>{width}}" for figure, width in zip(figures, widths[1:], strict=True)
    )
    cpu = " ".join(
        f"{part} {percent:.0f}" for part, percent in cell.cpu.items() if percent >= SMALL_PERCENT
    )
    return f"{text}  {cpu}{_remarks(cell)}"


def _remarks(cell: Cell) -> str:
    remarks = [f"; {cell.note}"] if cell.note else []
    if cell.unfinished:
        remarks.append(f"; {cell.unfinished} UNFINISHED")
    remarks += [f"\n    unexpected: {surprise}" for surprise in cell.surprises]
    return "".join(remarks)


def times_pretix(cell: Cell) -> float | None:
    """How many times what pretix does with as many clients, or with its best number of them."""
    anchor = anchors.PRETIX.get(cell.work)
    if anchor is None:
        return None
    return cell.per_second / anchor.get(cell.clients, max(anchor.values()))


def share_of(cell: Cell, measured: Iterable[Cell], limit: str, clients: int) -> float | None:
    """The cell's rate as a share of a limit's; None if either is not of the kind."""
    if cell.work not in anchors.PRETIX:
        return None
    found = next((c for c in measured if c.work == limit and c.clients == clients), None)
    return cell.per_second / found.per_second if found and found.per_second else None


def format_times(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def format_percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f}"


def verdicts(cells: Sequence[Cell]) -> list[str]:
    """What must be reached, what is wanted, what was reached."""
    lines = []
    for work in anchors.PRETIX:
        rates = [cell.per_second for cell in cells if cell.work == work]
        if rates:
            best = anchors.best_of_pretix(work)
            required = anchors.REQUIRED_TIMES[work] * best
            wanted = anchors.WANTED_TIMES[work] * best
            lines.append(_verdict(f"{work} per second", max(rates), required, wanted))
    bounds = (
        ("holds", 64, anchors.HOLD_P95_MS),
        ("notices", None, anchors.NOTICE_P95_MS),
        ("notices, loaded", None, anchors.NOTICE_P95_LOADED_MS),
        ("wallet, cold", None, anchors.WALLET_P95_MS),
    )
    for work, clients, (most, wanted_ms) in bounds:
        lines += [
            _verdict(f"{work}, p95 ms", -cell.times.p95, -most, -wanted_ms)
            for cell in cells
            if cell.work == work and clients in {None, cell.clients} and cell.times
        ]
    errors = sum(cell.server_errors + cell.lost for cell in cells)
    lines.append(f"answers 5xx or lost: {errors} of {sum(map(count_answers, cells))}")
    return lines


def count_answers(cell: Cell) -> int:
    return sum(cell.statuses.values())


def _verdict(what: str, reached: float, required: float, wanted: float) -> str:
    """Figures of which less is better come with a minus."""
    word = "missed" if reached < required else "reached" if reached < wanted else "surpassed"
    asked = f"required {abs(required):.0f}, wanted {abs(wanted):.0f}"
    return f"{what}: {abs(reached):.1f}, {asked}: {word}"


def write_json(path: Path, cells: Sequence[Cell], options: Options) -> None:
    """Everything that was measured, for a program."""
    document = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": CORES,
        "load_average": os.getloadavg(),
        "python": platform.python_version(),
        "options": asdict(options),
        "anchors": anchors.PRETIX,
        "cells": [cell.as_json() for cell in cells],
        "verdicts": verdicts(cells),
    }
    path.write_text(json.dumps(document, indent=2, default=str) + "\n")
