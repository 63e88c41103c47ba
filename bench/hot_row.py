"""How often one hot row can change in a second on this database, whatever asks for it."""

import multiprocessing
import time
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

import psycopg

START_SECONDS = 60.0
PREPARE = """
CREATE TABLE IF NOT EXISTS bench_pools (
    id bigint PRIMARY KEY, capacity bigint NOT NULL, held bigint NOT NULL,
    CHECK (held <= capacity)
) WITH (fillfactor = 20);
CREATE TABLE IF NOT EXISTS bench_holds (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pool_id bigint NOT NULL,
    quantity bigint NOT NULL, expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS bench_holds_pool_idx ON bench_holds (pool_id, expires_at);
TRUNCATE bench_pools, bench_holds;
INSERT INTO bench_pools VALUES (1, 100000000, 0);
"""
TAKE = "UPDATE bench_pools SET held = held + 1 WHERE id = 1 AND held + 1 <= capacity"
INSERT = (
    "INSERT INTO bench_holds (pool_id, quantity, expires_at) "
    "VALUES (1, 1, now() + interval '15 minutes')"
)


def measure_hot_row(database_url: str, *, connections: int, seconds: float) -> float:
    """Transactions per second, of a guarded update and an insert, each committed."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(PREPARE)
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(connections)
    counts: Queue[tuple[int, float]] = context.Queue()
    takers = [
        context.Process(target=take_turns, args=(database_url, barrier, counts, seconds))
        for _ in range(connections)
    ]
    for taker in takers:
        taker.start()
    done = [counts.get(timeout=START_SECONDS + seconds) for _ in takers]
    for taker in takers:
        taker.join()
    return sum(count / elapsed for count, elapsed in done)


def take_turns(
    database_url: str, barrier: Barrier, counts: "Queue[tuple[int, float]]", seconds: float
) -> None:
    """One connection's share, begun when all are there."""
    with psycopg.connect(database_url) as connection:
        barrier.wait(START_SECONDS)
        begun_at = time.perf_counter()
        count = 0
        while time.perf_counter() - begun_at < seconds:
            connection.execute(TAKE)
            connection.execute(INSERT)
            connection.commit()
            count += 1
        counts.put((count, time.perf_counter() - begun_at))
