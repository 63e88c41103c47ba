"""Processes that do everything at once to baskets that overlap: every count agrees in the end."""

import multiprocessing
import os
from collections import Counter

from sqlalchemy import text

from tests.concurrency.crowd import call_at_once
from tests.concurrency.invariants import broken_rules
from tests.concurrency.shoppers import Errand, Shopper, shop
from tests.concurrency.unlocked import without_row_locks
from tests.factories import NOW, make_code, make_event, make_pool, make_tier
from webapp.database import db
from webapp.domain import checkout_closing, code_uses, stock
from webapp.transaction import transaction

PROCESSES = 8
ROUNDS = 400 if os.environ.get("YARDPASS_PROPERTIES") == "nightly" else 70
DEADLINE_SECONDS = 120
# Rounds that the control is given for its callers to meet.
TRIES = 20


def send_the_crowd(errand: Errand) -> Counter[str]:
    """Let every process do its rounds, all from the same moment; what they met, added up."""
    processes = multiprocessing.get_context("spawn")
    start, answers = processes.Barrier(PROCESSES, timeout=DEADLINE_SECONDS), processes.Queue()
    crowd = [
        processes.Process(target=shop, args=(errand, seed, start, answers), daemon=True)
        for seed in range(PROCESSES)
    ]
    for shopper in crowd:
        shopper.start()
    met: Counter[str] = Counter()
    for _ in crowd:
        met.update(answers.get(timeout=DEADLINE_SECONDS))
    for shopper in crowd:
        shopper.join(DEADLINE_SECONDS)
    return met


def make_errand(database_url: str) -> Errand:
    """Scarce pools that baskets overlap in, holds that lapse soon, and a few scarce codes."""
    event = make_event(hold_seconds=60)
    pools = [make_pool(event, capacity=capacity) for capacity in (60, 42, 48, 30)]
    tiers = [make_tier(event, pools=[pool], sort_index=-n) for n, pool in enumerate(pools)]
    tiers += [make_tier(event, pools=pools[:3]), make_tier(event, pools=[pools[3], pools[0]])]
    return Errand(
        database_url=database_url,
        slug=event.slug,
        tier_ids=tuple(tier.id for tier in tiers),
        code_ids=tuple(make_code(event, max_uses=uses).id for uses in (4, 2, 8)),
        rounds=ROUNDS,
    )


def test_everything_at_once_leaves_every_count_right_and_nobody_deadlocked(app, database_url):
    errand = make_errand(database_url)

    db.session.remove()
    met = send_the_crowd(errand)

    assert [kind for kind in met if kind == "deadlock" or kind.startswith("fault")] == []
    # The run was about something: sold, sold out, lapsed, changed.
    assert min(met["hold"], met["buy"], met["change"], met["InsufficientInventory"]) >= 10
    assert met["CodeRefused"] > 0
    assert broken_rules() == []
    assert (stock.count_mismatches(), code_uses.count_mismatches()) == ([], [])
    sold = db.session.scalar(text("SELECT count(*) FROM tickets WHERE status = 'valid'"))
    assert sold > 0
    with transaction():
        checkout_closing.expire_lapsed(now=NOW.replace(year=NOW.year + 1), limit=10_000)
    live = text("SELECT count(*) FROM holds WHERE status = 'held'")
    assert db.session.scalar(live) == 0
    assert broken_rules() == []


def test_control_without_row_locks_the_counts_are_wrong_before_long(crowd, database_url):
    """The same errands by threads, which need no start-up, until callers have met."""
    errand = make_errand(database_url)
    shoppers = [Shopper(errand, seed) for seed in range(PROCESSES)]

    with without_row_locks(crowd):
        for _ in range(TRIES):
            call_at_once(crowd, [shopper.act for shopper in shoppers * 10], threads=PROCESSES)
            if broken_rules():
                break

    assert broken_rules() != []
