"""What visitors do, as scripts: look at a page, hold a ticket, buy it."""

import itertools
import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bench.driver import Await, Call, Script
from bench.seed import Goods
from bench.tally import Tally
from bench.wire import Server, make_request

CREATED = 201
OK = 200
CONFLICT = 409
# A bound for a client that is never refused and never waits.
MOST_ROUNDS = 1_000_000
CARD = "4242424242424242"
SESSION_ID: Final = re.compile(r"cs_\w+")

# Unlike those of any run before: the application keeps the answers to keys for a day.
_run = secrets.token_hex(8)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Until:
    """When a client begins no further round, by :func:`time.perf_counter`."""

    ends_at: float

    def rounds(self) -> Iterator[int]:
        for number in range(MOST_ROUNDS):
            if time.perf_counter() >= self.ends_at:
                return
            yield number


@dataclass(slots=True)
class Purchases:
    """Whole purchases: every request, and the seconds from the click on "pay" to the tickets."""

    tally: Tally = field(default_factory=Tally)
    click_to_ticket: list[float] = field(default_factory=list)
    # When the last of them was complete, by time.perf_counter.
    last_at: float = 0.0
    session_ids: list[str] = field(default_factory=list)


def hold_request(app: Server, goods: Goods) -> bytes:
    """A basket of one ticket, with a key of its own."""
    body = {"event": goods.event, "items": [{"tier_id": goods.tier_id, "quantity": 1}]}
    return make_request(
        app,
        "POST",
        "/api/v1/checkouts",
        body=json.dumps(body).encode(),
        headers={"Idempotency-Key": f"{_run}-{next(_numbers)}"},
    )


def read_pages(app: Server, path: str, tally: Tally, until: Until) -> Script:
    call = Call(app, make_request(app, "GET", path))
    for _ in until.rounds():
        tally.note((yield call), OK)


def hold_tickets(app: Server, goods: Goods, tally: Tally, until: Until) -> Script:
    for _ in until.rounds():
        tally.note((yield Call(app, hold_request(app, goods))), CREATED)


def hold_scarce(app: Server, goods: Goods, tally: Tally, queue: Iterator[int]) -> Script:
    """One place for each buyer in the queue that all clients share."""
    for _ in queue:
        tally.note((yield Call(app, hold_request(app, goods))), CREATED, CONFLICT)


def buy_tickets(
    app: Server, sandbox: Server, goods: Goods, purchases: Purchases, until: Until
) -> Script:
    """Hold, say who buys, go to the payment page, pay, and wait until the tickets are there."""
    tally = purchases.tally
    for _ in until.rounds():
        held = yield Call(app, hold_request(app, goods))
        if not tally.note(held, CREATED):
            continue
        checkout = json.loads(held.body)
        reference = str(checkout["checkout_id"])
        path = f"/api/v1/checkouts/{reference}"
        bearer = {"Authorization": f"Bearer {checkout['checkout_token']}"}

        contact = json.dumps({"email": "ada@example.org", "name": "Ada Example"}).encode()
        wire = make_request(app, "PUT", f"{path}/contact", body=contact, headers=bearer)
        if not tally.count_only((yield Call(app, wire)), OK):
            continue
        provider = json.dumps({"provider": "stripe"}).encode()
        wire = make_request(app, "POST", f"{path}/payment", body=provider, headers=bearer)
        started = yield Call(app, wire)
        if not tally.count_only(started, CREATED):
            continue
        found = SESSION_ID.search(json.loads(started.body)["url"])
        if found is None:
            continue
        clicked_at = time.perf_counter()
        card = json.dumps({"card": CARD}).encode()
        wire = make_request(sandbox, "POST", f"/__sandbox/pay/{found[0]}", body=card)
        if not tally.count_only((yield Call(sandbox, wire)), OK):
            continue
        yield Await(reference)
        purchases.last_at = time.perf_counter()
        purchases.click_to_ticket.append(purchases.last_at - clicked_at)
        purchases.session_ids.append(found[0])
