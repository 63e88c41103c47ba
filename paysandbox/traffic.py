"""Everything that was asked and answered, one JSON line a call, for an independent judge."""

import json
from collections.abc import Mapping
from typing import Any

from paysandbox.store import Json, Store

# Lets the sandbox's own tests send what no application may send.
SKIP_HEADER = "X-Sandbox-Judge"
_PRIVATE_HEADERS = {"authorization", "cookie"}


class TrafficLog:
    """Kept from the start of the process on; a reset of the sandbox leaves it alone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.clear()

    def clear(self) -> None:
        self._store.execute("DELETE FROM traffic")

    def record(
        self,
        kind: str,
        *,
        method: str,
        path: str,
        body: str,
        headers: Mapping[str, str],
        now: int,
        answer: Json,
    ) -> None:
        """``answer`` holds status and response, or says that there was none."""
        shown = {k: v for k, v in headers.items() if k.lower() not in _PRIVATE_HEADERS}
        if shown.get(SKIP_HEADER, "").lower() == "skip":
            return
        line: dict[str, Any] = {
            "method": method,
            "path": path,
            "body": body,
            "headers": shown,
            "now": now,
        }
        self._store.execute(
            "INSERT INTO traffic (kind, line) VALUES (?, ?)", kind, json.dumps(line | answer)
        )

    def lines(self, kind: str) -> str:
        rows = self._store.rows("SELECT line FROM traffic WHERE kind = ? ORDER BY seq", kind)
        return "".join(f"{row['line']}\n" for row in rows)
