"""The measurements of the product itself."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bench.buyers import Purchases, Until, buy_tickets, hold_scarce, hold_tickets, read_pages
from bench.cells import Cell, measure_cell
from bench.driver import Script
from bench.installation import CannotMeasure, Installation
from bench.ledger import Ledger
from bench.notices import send_notices
from bench.options import Options
from bench.seed import SCARCE_PLACES, Goods
from bench.tally import Tally
from bench.wallet import measure_openings

WARM_UP_SECONDS = 2.0
WARM_UP_CLIENTS = 8
QUIET_SECONDS = 120.0
SCARCE_BUYERS = 600
SCARCE_CLIENTS = 64
# Notices under load come beside so many clients that hold tickets.
LOAD_CLIENTS = 32
LOADED_SENDERS = 4
NOTICE_PAUSE_SECONDS = 0.05
CREATED = 201
CONFLICT = 409

MakeScripts = Callable[[Tally, Until, int], Iterable[Script]]


class Suite:
    """Everything that is measured on one installation, each kind on its own."""

    def __init__(
        self,
        installation: Installation,
        options: Options,
        ledger: Ledger,
        goods: tuple[Goods, list[Goods]],
    ) -> None:
        self._installation = installation
        self._options = options
        self._ledger = ledger
        self._hot, self._scarce = goods

    def measure(self, work: str) -> Iterator[Cell]:
        """The cells of one kind of work."""
        kinds: dict[str, Callable[[], Iterator[Cell]]] = {
            "holds": self._measure_holds,
            "pages": self._measure_pages,
            "orders": self._measure_orders,
            "notices": self._measure_notices,
            "oversell": self._measure_oversell,
            "wallet": self._measure_wallet,
        }
        yield from kinds[work]()

    def _measure_holds(self) -> Iterator[Cell]:
        app = self._installation.app
        yield from self._measure_steady(
            "holds",
            lambda tally, until, clients: [
                hold_tickets(app, self._hot, tally, until) for _ in range(clients)
            ],
        )

    def _measure_pages(self) -> Iterator[Cell]:
        app = self._installation.app
        yield from self._measure_steady(
            "pages",
            lambda tally, until, clients: [
                read_pages(app, f"/e/{self._hot.event}", tally, until) for _ in range(clients)
            ],
        )

    def _measure_steady(self, work: str, make_scripts: MakeScripts) -> Iterator[Cell]:
        self._run(work, make_scripts, clients=WARM_UP_CLIENTS, seconds=WARM_UP_SECONDS)
        for clients in self._options.clients:
            yield self._run(work, make_scripts, clients=clients, seconds=self._options.seconds)

    def _run(self, work: str, make_scripts: MakeScripts, *, clients: int, seconds: float) -> Cell:
        self._ledger.wait_for_quiet(limit_seconds=QUIET_SECONDS)
        tally = Tally()
        until = Until(time.perf_counter() + seconds)
        return self._cell(work, tally, make_scripts(tally, until, clients))

    def _cell(self, work: str, tally: Tally, scripts: Iterable[Script]) -> Cell:
        return measure_cell(
            work,
            tally,
            scripts,
            roots=[self._installation.pid],
            seconds=self._options.seconds,
        )

    def _measure_orders(self) -> Iterator[Cell]:
        self._buy(clients=WARM_UP_CLIENTS, seconds=WARM_UP_SECONDS)
        for clients in self._options.clients:
            yield self._buy(clients=clients, seconds=self._options.seconds)[0]

    def _buy(self, *, clients: int, seconds: float) -> tuple[Cell, Purchases]:
        """Buyers who wait for their tickets before they buy again; times are click to ticket."""
        self._ledger.wait_for_quiet(limit_seconds=QUIET_SECONDS)
        installation, purchases = self._installation, Purchases()
        until = Until(time.perf_counter() + seconds)
        scripts = [
            buy_tickets(installation.app, installation.sandbox, self._hot, purchases, until)
            for _ in range(clients)
        ]
        cell = measure_cell(
            "orders",
            purchases.tally,
            scripts,
            roots=[installation.pid],
            seconds=seconds,
            durations=purchases.click_to_ticket,
            ended_at=lambda: purchases.last_at,
            watch=self._ledger.new_tickets,
        )
        return replace(cell, note=f"{self._ledger.open_work()} jobs left"), purchases

    def _measure_notices(self) -> Iterator[Cell]:
        """Answers to notices about one complete purchase, alone and beside other work."""
        _, purchases = self._buy(clients=1, seconds=WARM_UP_SECONDS)
        if not purchases.session_ids:
            raise CannotMeasure(f"nothing could be bought: {purchases.tally.surprises}")
        for load_clients in (0, LOAD_CLIENTS):
            self._ledger.wait_for_quiet(limit_seconds=QUIET_SECONDS)
            yield self._send_notices(purchases.session_ids[0], load_clients=load_clients)

    def _send_notices(self, session_id: str, *, load_clients: int) -> Cell:
        installation = self._installation
        tally, load = Tally(), Tally()
        until = Until(time.perf_counter() + self._options.seconds)
        senders = [
            send_notices(
                installation.app,
                installation.notice_secret,
                session_id,
                tally,
                until,
                pause_seconds=NOTICE_PAUSE_SECONDS,
            )
            for _ in range(LOADED_SENDERS if load_clients else 1)
        ]
        holders = [
            hold_tickets(installation.app, self._hot, load, until) for _ in range(load_clients)
        ]
        work = "notices, loaded" if load_clients else "notices"
        cell = self._cell(work, tally, senders + holders)
        return replace(
            cell,
            server_errors=tally.server_errors + load.server_errors,
            lost=tally.lost + load.lost,
            is_mixed=bool(load_clients),
            note=f"beside {len(load.durations) / cell.seconds:.0f} holds/s" if load_clients else "",
        )

    def _measure_oversell(self) -> Iterator[Cell]:
        for goods in self._scarce[: self._options.oversell_runs]:
            tally = Tally()
            queue = iter(range(SCARCE_BUYERS))
            scripts = [
                hold_scarce(self._installation.app, goods, tally, queue)
                for _ in range(SCARCE_CLIENTS)
            ]
            cell = self._cell("oversell", tally, scripts)
            yield replace(cell, note=describe_sale(tally, self._ledger.places_taken(goods.pool_id)))

    def _measure_wallet(self) -> Iterator[Cell]:
        """Last, and alone: a browser needs both cores."""
        self._ledger.wait_for_quiet(limit_seconds=QUIET_SECONDS)
        yield measure_openings(f"http://{self._installation.app.host}", self._hot.event)


def describe_sale(tally: Tally, taken: int) -> str:
    """Begins with "exact" only if every place went to one buyer and everybody else was told."""
    held, refused = tally.statuses[CREATED], tally.statuses[CONFLICT]
    is_exact = held == taken == SCARCE_PLACES and held + refused == tally.requests == SCARCE_BUYERS
    return f"{'exact' if is_exact else 'WRONG'}: {held} held, {refused} refused, {taken} taken"
