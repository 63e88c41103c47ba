"""One sandbox: its rows, its clock, its deliveries and what tests have bent."""

from paysandbox.clock import Clock
from paysandbox.deliveries import Deliveries
from paysandbox.faults import FaultPlan
from paysandbox.store import Store
from paysandbox.timetable import Timetable
from paysandbox.traffic import TrafficLog
from paysandbox.workers import Workers


class Sandbox:
    """``site_url`` is the shop's own address, for links back from the sandbox's pages."""

    def __init__(self, data_path: str, *, site_url: str | None = None) -> None:
        self.site_url = site_url
        self.store = Store(data_path)
        self.clock = Clock(self.store.setting("clock_offset_s", 0))
        self.timetable = Timetable()
        self.faults = FaultPlan()
        self.traffic = TrafficLog(self.store)
        self.workers = Workers()
        self.deliveries = Deliveries(self.store, self.timetable, self.workers)

    def now(self) -> int:
        return self.clock.now()

    def move_clock(self, seconds: int) -> None:
        self.clock.advance(seconds)
        self.store.set_setting("clock_offset_s", self.clock.offset_s)

    def close(self) -> None:
        """Let go of held connections and stop the threads."""
        self.faults.replace([])
        self.timetable.close()
        self.workers.close()
        self.store.close()
