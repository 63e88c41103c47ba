"""What became of many requests."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.wire import Answer

LOST = 0
FIRST_SERVER_ERROR = 500


@dataclass(slots=True)
class Tally:
    """Statuses of all answers, durations (seconds) of those that were wanted."""

    statuses: Counter[int] = field(default_factory=Counter)
    durations: list[float] = field(default_factory=list)
    # Texts of answers that nobody wanted, the first few of them.
    surprises: list[str] = field(default_factory=list)

    def note(self, answer: Answer, *wanted: int) -> bool:
        """Count an answer; whether its status is one of those wanted."""
        self.statuses[answer.status] += 1
        is_wanted = answer.status in wanted
        if is_wanted:
            self.durations.append(answer.seconds)
        else:
            self._keep(answer)
        return is_wanted

    def count_only(self, answer: Answer, *wanted: int) -> bool:
        """Count a step on the way, whose duration is not of interest."""
        self.statuses[answer.status] += 1
        is_wanted = answer.status in wanted
        if not is_wanted:
            self._keep(answer)
        return is_wanted

    def _keep(self, answer: Answer) -> None:
        if len(self.surprises) < 3:  # noqa: PLR2004 - enough to see what is wrong
            self.surprises.append(f"{answer.status} {answer.body[:300].decode(errors='replace')}")

    @property
    def requests(self) -> int:
        return self.statuses.total()

    @property
    def server_errors(self) -> int:
        return sum(n for status, n in self.statuses.items() if status >= FIRST_SERVER_ERROR)

    @property
    def lost(self) -> int:
        return self.statuses[LOST]


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Milliseconds."""

    p50: float
    p95: float
    p99: float


def percentiles(seconds: Iterable[float]) -> Percentiles | None:
    """By nearest rank, so each is a duration that really happened; None for none."""
    ordered = sorted(seconds)
    if not ordered:
        return None
    return Percentiles(*(1000 * nearest_rank(ordered, share) for share in (50, 95, 99)))


def nearest_rank(ordered: list[float], percent: int) -> float:
    """The smallest value that at least `percent` of all do not exceed."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]
