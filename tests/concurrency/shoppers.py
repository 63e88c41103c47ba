"""One process of a crowd: it does everything that may be done to baskets, in a random order."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier
from types import SimpleNamespace
from typing import Protocol, cast

from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import DBAPIError

from tests.concurrency.crowd import build_crowd
from tests.factories import NOW
from tests.fakes import RecordingDoorbell
from webapp.domain import (
    checkout_closing,
    checkouts,
    orders,
    payment_locks,
    payments,
    refunds,
    tickets,
)
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS
from webapp.errors import Refusal
from webapp.models import OrderStatus
from webapp.ports import PaymentSighting, Ports, RefundSighting
from webapp.transaction import transaction

# A shopper's clock moves on so far with each errand, however fast the machine is: holds of a
# minute lapse after fifteen of them.
STEP = timedelta(seconds=4)


class Answers(Protocol):
    """Where a process puts its report."""

    def put(self, report: Counter[str]) -> None: ...


@dataclass(frozen=True)
class Errand:
    """What every process of the crowd is told."""

    database_url: str
    slug: str
    tier_ids: tuple[int, ...]
    code_ids: tuple[int, ...]
    rounds: int


class Shopper:
    """Does errands and remembers its own baskets only, as a browser does."""

    def __init__(self, errand: Errand, seed: int) -> None:
        self.errand = errand
        self.random = random.Random(seed)  # noqa: S311 - a story, not a secret
        self.seed = seed
        self.references: list[str] = []
        self.report: Counter[str] = Counter()
        self.clock = NOW

    def now(self) -> datetime:
        return self.clock

    def act(self) -> None:
        """One transaction of a random kind; what went wrong is counted by its name."""
        self.clock += STEP
        action = self.random.choices(
            [self.hold, self.change, self.extend, self.cancel, self.sweep, self.buy],
            weights=[6, 4, 1, 1, 1, 3],
        )[0]
        if not self.references:
            action = self.hold
        try:
            action()
            self.report[action.__name__] += 1
        except Refusal as refusal:
            self.report[type(refusal).__name__] += 1
        except DBAPIError as fault:
            is_deadlock = isinstance(fault.orig, DeadlockDetected)
            self.report["deadlock" if is_deadlock else f"fault {type(fault.orig).__name__}"] += 1
        except Exception as fault:  # noqa: BLE001 - the test wants to know, whatever it is
            self.report[f"fault {type(fault).__name__}"] += 1

    def hold(self) -> None:
        with transaction():
            reference = checkouts.open_checkout(
                event_slug=self.errand.slug,
                lines=self.basket(),
                contact=Contact(email="guest@example.com"),
                origin=Origin(client_key="crowd", trace_id="t"),
                caps=NO_CAPS,
                now=self.now(),
                code_id=self.code(),
            ).reference
        self.references.append(reference)

    def change(self) -> None:
        with transaction():
            checkouts.change_choice(
                reference=self.own(), lines=self.basket(), code_id=self.code(), now=self.now()
            )

    def extend(self) -> None:
        with transaction():
            checkouts.extend_hold(reference=self.own(), now=self.now())

    def cancel(self) -> None:
        with transaction():
            checkout_closing.cancel_checkout(
                reference=self.own(), actor="buyer", now=self.now(), trace_id="t"
            )

    def sweep(self) -> None:
        with transaction():
            checkout_closing.expire_lapsed(now=self.now(), limit=20)

    def buy(self) -> None:
        """Go to pay, and pay, let it lapse, or both; then look, several times."""
        reference = self.own()
        with transaction():
            checkout = checkouts.lock_checkout(reference=reference)
            if not checkout.is_open(now=self.now()) or checkout.paying_until is not None:
                return
            order = orders.lock_order_of_checkout(checkout_id=checkout.id)
            order = orders.place_order(checkout=checkout, order=order, trace_id="t", now=self.now())
            if order.status is not OrderStatus.PENDING:
                return
            payment = payments.open_attempt(
                order=order, checkout=checkout, provider="stripe", now=self.now()
            )
            order_id, amount = order.id, payment.amount_cents
        with transaction():
            session = f"cs_{payment.id}"
            opened = sighting(session, amount, status="open", url="https://gateway.test")
            payments.note_session(payment_id=payment.id, sighting=opened, now=self.now())
        paid = sighting(session, amount, status="complete", payment_status="paid")
        expired = sighting(session, amount, status="expired")
        for seen in self.random.choice([[paid], [paid, paid], [expired], [expired, paid]]):
            self.look(order_id, seen)
        self.issue(order_id)
        if self.random.random() < 0.2:
            self.refund(order_id, session, amount)

    def look(self, order_id: int, seen: PaymentSighting) -> None:
        with transaction():
            payments.sync_payment(
                order_id=order_id, sightings=[seen], livemode=False, now=self.now()
            )

    def issue(self, order_id: int) -> None:
        with transaction():
            tickets.issue_tickets(order_id=order_id, now=self.now(), trace_id="t")

    def refund(self, order_id: int, session: str, amount: int) -> None:
        with transaction():
            payment_locks.lock_checkout_and_order(order_id=order_id)
            given_back = RefundSighting(f"re_{session}", "succeeded", amount, f"pi_{session}")
            refunds.apply_refunds(order_id=order_id, sightings=[given_back], now=self.now())

    def basket(self) -> list[BasketLine]:
        """One to three kinds, named in any order."""
        count = self.random.randint(1, 3)
        chosen = self.random.sample(self.errand.tier_ids, count)
        return [BasketLine(tier_id, self.random.randint(1, 3)) for tier_id in chosen]

    def code(self) -> int | None:
        """A third of the baskets names one of a few scarce codes."""
        codes = self.errand.code_ids
        return self.random.choice([*codes, *[None] * 2 * len(codes)])

    def own(self) -> str:
        return self.random.choice(self.references[-8:])


def sighting(session: str, amount: int, *, status: str, **facts: str) -> PaymentSighting:
    return PaymentSighting(
        session_id=session,
        status=status,
        payment_status=facts.get("payment_status", "unpaid"),
        amount_cents=amount,
        currency="USD",
        livemode=False,
        payment_id=f"pi_{session}" if status == "complete" else None,
        url=facts.get("url"),
    )


def shop(errand: Errand, seed: int, start: Barrier, answers: Answers) -> None:
    """The body of one process."""
    nobody_to_ring = SimpleNamespace(doorbell=RecordingDoorbell())
    app = build_crowd(errand.database_url, cast("Ports", nobody_to_ring), connections=1)
    shopper = Shopper(errand, seed)
    with app.app_context():
        shopper.sweep()
    start.wait()
    for _ in range(errand.rounds):
        with app.app_context():
            shopper.act()
    answers.put(shopper.report)
