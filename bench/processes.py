"""Where the processor's time goes: read from /proc, so on Linux only."""

import os
import resource
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
CORES: Final = os.cpu_count() or 1

# Forks of the crew, told by the name that they gave themselves.
CREW: Final = ("orders", "mail", "scheduler")
# Others are told by the command line: the first that fits names the part.
PARTS: Final = (
    ("gunicorn", "web"),
    ("paysandbox", "sandbox"),
    ("redis", "redis"),
    ("postgres", "database"),
    ("bench.responder", "responder"),
)


@dataclass(frozen=True, slots=True)
class CpuReading:
    """Seconds of processor time used up to now, by part; ``machine`` is everything."""

    parts: Mapping[str, float]
    machine: float


def read_cpu(roots: list[int]) -> CpuReading:
    """The parts below these processes, this process as ``driver``, and the machine."""
    children = _children()
    parts: dict[str, float] = defaultdict(float)
    pending = [pid for root in roots for pid in (root, *children.get(root, ()))]
    seen: set[int] = set()
    while pending:
        pid = pending.pop()
        if pid in seen:
            continue
        seen.add(pid)
        pending += children.get(pid, ())
        parts[_part_of(pid)] += _seconds_of(pid)
    own = resource.getrusage(resource.RUSAGE_SELF)
    parts["driver"] = own.ru_utime + own.ru_stime
    return CpuReading(parts, _machine_seconds())


def shares(before: CpuReading, after: CpuReading, *, seconds: float) -> dict[str, float]:
    """Percent of all cores that each part took, largest first; ``others`` is not ours."""
    whole = seconds * CORES
    used = {name: after.parts[name] - before.parts.get(name, 0.0) for name in after.parts}
    others = after.machine - before.machine - sum(used.values())
    found = {name: 100 * value / whole for name, value in used.items()}
    found["others"] = max(0.0, 100 * others / whole)
    found["idle"] = max(0.0, 100 - sum(found.values()))
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def own_percent(cpu: Mapping[str, float]) -> float:
    """What the product and the driver took, of all that :func:`shares` told apart."""
    return sum(percent for part, percent in cpu.items() if part not in {"others", "idle"})


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and (fields := _stat(int(folder.name))) is not None:
            found[int(fields[1])].append(int(folder.name))
    return found


def _stat(pid: int) -> list[str] | None:
    """The fields after the name; None for a process that is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def _part_of(pid: int) -> str:
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return "supervisor"
    if name in CREW:
        return name
    return next((part for mark, part in PARTS if mark in command), "supervisor")


def _seconds_of(pid: int) -> float:
    """Of the process, and of its children that have ended."""
    fields = _stat(pid)
    return 0.0 if fields is None else sum(int(f) for f in fields[11:15]) / TICKS_PER_SECOND


def _machine_seconds() -> float:
    first = Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    user, nice, system, _idle, _waiting, irq, softirq, steal = (int(f) for f in first[:8])
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND
