"""Idempotency keys: the first answer of a call is the answer of all its repeats.

Source: https://docs.stripe.com/api/idempotent_requests. Answers are kept for
24 hours of the sandbox's clock, 500s included.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from paysandbox.errors import ApiError
from paysandbox.store import Json, Store

KEY_MAX_CHARS = 255
KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class KeyedCall:
    key: str
    request_hash: str


class IdempotencyKeys:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._running: set[str] = set()

    def identify(self, key: str | None, method: str, path: str, body: str) -> KeyedCall | None:
        if not key or method != "POST":
            return None
        if len(key) > KEY_MAX_CHARS:
            raise ApiError(400, f"Idempotency keys have at most {KEY_MAX_CHARS} characters.")
        digest = hashlib.sha256(f"{path}\n{body}".encode()).hexdigest()
        return KeyedCall(key, digest)

    @contextmanager
    def running(self, call: KeyedCall | None) -> Iterator[None]:
        """Claim the key while the call runs; a concurrent call with it gets a 409."""
        if call is None:
            yield
            return
        with self._lock:
            if call.key in self._running:
                raise ApiError(
                    409,
                    "There is currently another in-progress request using this Idempotent Key: "
                    f"{call.key}",
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                )
            self._running.add(call.key)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(call.key)

    def recall(self, call: KeyedCall, *, now: int) -> tuple[int, Json] | None:
        """The stored answer. Raises if the key was first used for another request."""
        found = self._store.rows(
            "SELECT request_hash, status, body FROM idempotent_answers"
            " WHERE key = ? AND created > ?",
            call.key,
            now - KEPT_SECONDS,
        )
        if not found:
            return None
        if found[0]["request_hash"] != call.request_hash:
            raise ApiError(
                400,
                "Keys for idempotent requests can only be used with the same parameters they "
                f"were first used with. Try using a key other than '{call.key}'.",
                kind="idempotency_error",
            )
        return found[0]["status"], json.loads(found[0]["body"])

    def remember(self, call: KeyedCall, status: int, answer: Json, *, now: int) -> None:
        self._store.execute(
            "INSERT OR REPLACE INTO idempotent_answers (key, request_hash, status, body, created)"
            " VALUES (?, ?, ?, ?, ?)",
            call.key,
            call.request_hash,
            status,
            json.dumps(answer),
            now,
        )
