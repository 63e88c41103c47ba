"""One cell of the table: some clients doing one kind of work for a while."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.driver import Driver, Script, Watch
from bench.processes import CORES, own_percent, read_cpu, shares
from bench.tally import Percentiles, Tally, percentiles

# What may still be under way when a cell's time is over.
DRAIN_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What was measured. ``cpu`` is percent of all cores by part."""

    work: str
    clients: int
    done: int
    seconds: float
    times: Percentiles | None
    statuses: Mapping[int, int]
    server_errors: int
    lost: int
    unfinished: int = 0
    cpu: Mapping[str, float] = field(default_factory=dict)
    driver_us_per_request: float = 0.0
    surprises: tuple[str, ...] = ()
    # Other work was driven at the same time, so the processor time is not this work's alone.
    is_mixed: bool = False
    note: str = ""

    @property
    def per_second(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def cpu_ms(self) -> float | None:
        """Milliseconds of processor time for one, driver included.

        Other people's load slows a run down, but hardly changes this; cores divided by it is the
        rate that the machine could reach.
        """
        if not self.cpu or not self.done or self.is_mixed:
            return None
        return 10 * own_percent(self.cpu) * CORES / self.per_second

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"per_second": self.per_second, "cpu_ms": self.cpu_ms}


def measure_cell(
    work: str,
    tally: Tally,
    scripts: Iterable[Script],
    *,
    roots: list[int],
    durations: list[float] | None = None,
    ended_at: Callable[[], float] = lambda: 0.0,
    seconds: float = 0.0,
    watch: Watch | None = None,
) -> Cell:
    """Run the scripts to their end and say what came of it.

    `durations` are counted instead of the tally's own; `ended_at` may know better when the last
    of them was done; after `seconds` the scripts begin nothing new. `roots` are the
    processes whose cost is told apart.
    """
    clients = list(scripts)
    counted = tally.durations if durations is None else durations
    before = read_cpu(roots)
    begun_at = time.perf_counter()
    unfinished = Driver(watch=watch).run(clients, limit_seconds=seconds + DRAIN_SECONDS)
    over_at = time.perf_counter()
    after = read_cpu(roots)
    driver_seconds = after.parts["driver"] - before.parts["driver"]
    return Cell(
        work=work,
        clients=len(clients),
        done=len(counted),
        seconds=(ended_at() or over_at) - begun_at,
        times=percentiles(counted),
        statuses=dict(tally.statuses),
        server_errors=tally.server_errors,
        lost=tally.lost,
        unfinished=unfinished,
        cpu=shares(before, after, seconds=over_at - begun_at),
        driver_us_per_request=1e6 * driver_seconds / max(tally.requests, 1),
        surprises=tuple(tally.surprises),
    )
