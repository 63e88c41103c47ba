"""The sandbox's own SQLite file: objects as JSON rows, written under one lock.

Every call runs as one transaction that holds the lock, so the gateway's state
changes one call at a time and no rule needs a second look at a race. Durability
is not wanted (``synchronous=off``): the sandbox is a stand-in, speed is.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from paysandbox.errors import no_such_object

Json = dict[str, Any]

_SCHEMA = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
_INDEXED = ("customer", "payment_intent", "charge", "status", "expires_at", "email")
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class Store:
    def __init__(self, path: str) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._announced: list[int] = []
        self.on_commit: Callable[[list[int]], None] | None = None
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one at a time; nested use joins the outer one."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._announced.clear()
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")
                announced, self._announced = self._announced, []
                if announced and self.on_commit is not None:
                    self.on_commit(announced)

    def announce(self, delivery_seq: int) -> None:
        """Hand a delivery to ``on_commit`` once it is committed, never if it is rolled back."""
        self._announced.append(delivery_seq)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        with self._lock:
            return self._connection.execute(sql, values)

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def put(self, obj: Json, *, hidden: Json | None = None) -> Json:
        """Insert or replace an API object. ``hidden`` is what the API never shows of it."""
        indexed = [_indexable(obj.get(name)) for name in _INDEXED]
        self.execute(
            "INSERT INTO objects (id, kind, created, body, hidden, customer, payment_intent,"
            " charge, status, expires_at, email) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body,"
            " hidden = coalesce(excluded.hidden, hidden), customer = excluded.customer,"
            " payment_intent = excluded.payment_intent, charge = excluded.charge,"
            " status = excluded.status, expires_at = excluded.expires_at, email = excluded.email",
            obj["id"],
            obj["object"],
            obj.get("created", 0),
            json.dumps(obj, separators=(",", ":")),
            None if hidden is None else json.dumps(hidden, separators=(",", ":")),
            *indexed,
        )
        return obj

    def find(self, kind: str, object_id: str) -> Json | None:
        found = self.rows("SELECT body FROM objects WHERE id = ? AND kind = ?", object_id, kind)
        return json.loads(found[0]["body"]) if found else None

    def get(self, kind: str, object_id: str, *, param: str = "id") -> Json:
        """The object; raises the gateway's ``resource_missing`` if there is none."""
        obj = self.find(kind, object_id)
        if obj is None:
            raise no_such_object(kind, object_id, param=param)
        return obj

    def hidden(self, object_id: str) -> Json:
        found = self.rows("SELECT hidden FROM objects WHERE id = ?", object_id)
        return json.loads(found[0]["hidden"] or "{}") if found else {}

    def delete(self, object_id: str) -> None:
        self.execute("DELETE FROM objects WHERE id = ?", object_id)

    def select(
        self,
        kind: str,
        filters: Mapping[str, Any] | None = None,
        *,
        created: Mapping[str, int] | None = None,
        before: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Json]:
        """Newest first. ``before``/``after`` are ids: after a row means older than it."""
        clauses, values = ["kind = ?"], [kind]
        for column, value in (filters or {}).items():
            clauses.append(f"{column} = ?")
            values.append(value)
        for name, seconds in (created or {}).items():
            clauses.append(f"created {_COMPARISONS[name]} ?")
            values.append(str(seconds))
        for sign, cursor in (("<", after), (">", before)):
            if cursor is not None:
                clauses.append(f"seq {sign} (SELECT seq FROM objects WHERE id = ?)")  # noqa: S608 - a fixed sign
                values.append(cursor)
        # A page "ending before" a row is the one next to it, not the newest one.
        direction = "ASC" if before else "DESC"
        sql = f"SELECT body FROM objects WHERE {' AND '.join(clauses)} ORDER BY seq {direction}"  # noqa: S608 - column names come from this package
        if limit is not None:
            sql += f" LIMIT {limit:d}"
        found = [json.loads(row["body"]) for row in self.rows(sql, *values)]
        return found[::-1] if before else found

    def setting(self, name: str, default: Any = None) -> Any:
        found = self.rows("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(found[0]["value"]) if found else default

    def set_setting(self, name: str, value: Any) -> None:
        self.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            json.dumps(value),
        )


def _indexable(value: Any) -> Any:
    return value if isinstance(value, str | int) else None
