"""Carries events to the registered endpoints: at least once, signed, retried.

Source: https://docs.stripe.com/webhooks. Back-off is shortened to seconds of
real time. Signatures carry the real time and not the sandbox's, because the
receiver checks their age against its own clock.
"""

import json
import time
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from paysandbox import postbox
from paysandbox.delivery_policy import DeliveryPolicy
from paysandbox.signatures import stripe_signature
from paysandbox.store import Json, Store
from paysandbox.thin_events import thin_notification
from paysandbox.timetable import Timetable
from paysandbox.workers import Workers

MAX_ATTEMPTS = 8
MAX_BACK_OFF_SECONDS = 30
OLD_TIMESTAMP_SECONDS = 3600


@dataclass(frozen=True)
class _Letter:
    url: str
    body: str
    secret: str
    state: str
    attempts: int


class Deliveries:
    def __init__(self, store: Store, timetable: Timetable, workers: Workers) -> None:
        self.policy = DeliveryPolicy()
        self._store = store
        self._timetable = timetable
        self._workers = workers
        store.on_commit = self._send_soon

    def initial_state(self, event_type: str) -> str:
        if event_type in self.policy.drop:
            return "dropped"
        return "held" if self.policy.mode == "manual" else "waiting"

    def deliver_now(self, event_id: str | None) -> list[Json]:
        """Deliver one event (again), or with None all that nobody accepted yet, in order.

        Returns once every receiver has answered.
        """
        if event_id is None:
            found = self._store.rows(
                "SELECT seq FROM deliveries WHERE state IN ('held', 'waiting', 'failed')"
                " ORDER BY seq"
            )
        else:
            found = self._store.rows("SELECT seq FROM deliveries WHERE event_id = ?", event_id)
        seqs = self.policy.arrange([row["seq"] for row in found])
        for seq in seqs:
            for _ in range(1 + self.policy.duplicate):
                self._attempt(seq)
        return [describe_delivery(self._store, seq) for seq in seqs]

    def count_waiting(self) -> int:
        """Notices that are to go out by themselves: queued, delayed or due for a retry."""
        found = self._store.rows("SELECT count(*) AS n FROM deliveries WHERE state = 'waiting'")
        return int(found[0]["n"])

    def resume(self) -> None:
        """Send what a process before this one still had to send."""
        found = self._store.rows("SELECT seq FROM deliveries WHERE state = 'waiting' ORDER BY seq")
        self._send_soon([row["seq"] for row in found])

    def release_held(self) -> None:
        """Send what manual mode kept back; called when the mode becomes automatic."""
        with self._store.transaction():
            found = self._store.rows("SELECT seq FROM deliveries WHERE state = 'held' ORDER BY seq")
            self._store.execute("UPDATE deliveries SET state = 'waiting' WHERE state = 'held'")
        self._send_soon([row["seq"] for row in found])

    def _send_soon(self, seqs: list[int]) -> None:
        """Queue one batch per endpoint, so that one call's events keep their order."""
        batches: list[list[int]]
        if len(seqs) == 1:
            batches = [seqs]
        else:
            marks = ", ".join("?" * len(seqs))
            rows = self._store.rows(
                f"SELECT seq, endpoint_id FROM deliveries WHERE seq IN ({marks})"  # noqa: S608 - only question marks
                " ORDER BY endpoint_id, seq",
                *seqs,
            )
            grouped = groupby(rows, key=lambda row: row["endpoint_id"])
            batches = [[row["seq"] for row in group] for _, group in grouped]
        for batch in batches:
            arranged = self.policy.arrange(batch)
            for _ in range(1 + self.policy.duplicate):
                self._queue_in(self.policy.delay_s, arranged)

    def _queue_in(self, seconds: float, batch: list[int]) -> None:
        carry = partial(self._workers.run_soon, partial(self._carry, batch))
        if seconds:
            self._timetable.call_in(seconds, carry)
        else:
            carry()

    def _carry(self, batch: list[int]) -> None:
        for seq in batch:
            letter = self._attempt(seq)
            if letter is not None and self.policy.mode == "auto":
                back_off = min(self.policy.retry_s * 2**letter.attempts, MAX_BACK_OFF_SECONDS)
                self._timetable.call_in(back_off, partial(self._retry, seq))

    def _retry(self, seq: int) -> None:
        letter = self._load(seq)
        if letter is not None and letter.state == "waiting":
            self._queue_in(0, [seq])

    def _attempt(self, seq: int) -> _Letter | None:
        """Send once and write down the answer. Returns the letter if it wants a retry."""
        letter = self._load(seq)
        if letter is None:
            return None  # the sandbox was reset meanwhile
        answer = postbox.post(letter.url, letter.body, self._headers(letter))
        with self._store.transaction():
            if not self._store.rows("SELECT 1 FROM deliveries WHERE seq = ?", seq):
                return None
            self._store.execute(
                "INSERT INTO attempts (delivery_seq, attempted_at, status, answer)"
                " VALUES (?, ?, ?, ?)",
                seq,
                time.time(),
                answer.status,
                answer.text,
            )
            outcome = self._outcome(letter, is_accepted=answer.is_accepted)
            self._store.execute(
                "UPDATE deliveries SET attempts = attempts + 1,"
                " state = CASE state WHEN 'delivered' THEN state ELSE ? END WHERE seq = ?",
                outcome,
                seq,
            )
        return letter if outcome == "waiting" else None

    def _outcome(self, letter: _Letter, *, is_accepted: bool) -> str:
        if is_accepted:
            return "delivered"
        if letter.attempts + 1 >= MAX_ATTEMPTS:
            return "failed"
        if letter.state == "waiting" and self.policy.mode == "manual":
            return "held"  # the mode changed meanwhile: nothing goes out by itself any more
        return letter.state

    def _headers(self, letter: _Letter) -> dict[str, str]:
        age = OLD_TIMESTAMP_SECONDS if self.policy.old_timestamp else 0
        secret = "whsec_wrong" if self.policy.corrupt_signature else letter.secret
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": stripe_signature(letter.body, secret, int(time.time()) - age),
        }

    def _load(self, seq: int) -> _Letter | None:
        found = self._store.rows(
            "SELECT d.state, d.attempts, e.body AS event, o.body AS endpoint, o.hidden"
            " FROM deliveries d JOIN events e ON e.id = d.event_id"
            " JOIN objects o ON o.id = d.endpoint_id WHERE d.seq = ?",
            seq,
        )
        if not found:
            return None
        row = found[0]
        endpoint = json.loads(row["endpoint"])
        event = json.loads(row["event"]) | {"pending_webhooks": 1}
        if endpoint["metadata"].get("payload_style") == "thin":
            event = thin_notification(event)
        return _Letter(
            url=endpoint["url"],
            body=json.dumps(event, indent=2),
            secret=json.loads(row["hidden"])["secret"],
            state=row["state"],
            attempts=row["attempts"],
        )


def describe_delivery(store: Store, seq: int) -> Json:
    row = store.rows("SELECT * FROM deliveries WHERE seq = ?", seq)[0]
    attempts = store.rows(
        "SELECT attempted_at, status, answer FROM attempts WHERE delivery_seq = ? ORDER BY seq", seq
    )
    return {
        "event": row["event_id"],
        "endpoint": row["endpoint_id"],
        "state": row["state"],
        "attempts": [dict(attempt) for attempt in attempts],
    }
