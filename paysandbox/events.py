"""Events: what happened, snapshot and all, and for whom it waits to be delivered."""

import json
from contextvars import ContextVar
from typing import Any

from paysandbox import listing
from paysandbox.errors import no_such_object
from paysandbox.identifiers import new_id
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

API_VERSION = "2026-10-28.endive"
_NO_REQUEST: Json = {"id": None, "idempotency_key": None}

# The API call that causes the events of this thread; none for what a buyer does.
current_request: ContextVar[Json | None] = ContextVar("current_request", default=None)


def emit(box: Sandbox, event_type: str, obj: Json, *, previous: Json | None = None) -> None:
    """Record an event and address it to every endpoint that listens to its type."""
    data: Json = {"object": obj}
    if previous is not None:
        data["previous_attributes"] = previous
    event = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": box.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": current_request.get() or _NO_REQUEST,
        "type": event_type,
    }
    box.store.execute(
        "INSERT INTO events (id, type, created, body) VALUES (?, ?, ?, ?)",
        event["id"],
        event_type,
        event["created"],
        json.dumps(event, separators=(",", ":")),
    )
    state = box.deliveries.initial_state(event_type)
    for endpoint in reversed(box.store.select("webhook_endpoint", {"status": "enabled"})):
        if {"*", event_type} & set(endpoint["enabled_events"]):
            cursor = box.store.execute(
                "INSERT INTO deliveries (event_id, endpoint_id, state) VALUES (?, ?, ?)",
                event["id"],
                endpoint["id"],
                state,
            )
            if state == "waiting" and cursor.lastrowid is not None:
                box.store.announce(cursor.lastrowid)


_PENDING = (
    "(SELECT count(*) FROM deliveries d WHERE d.event_id = events.id AND d.state != 'delivered')"
)


def get_event(box: Sandbox, event_id: str) -> Json:
    found = box.store.rows(
        f"SELECT body, {_PENDING} AS pending FROM events WHERE id = ?",  # noqa: S608 - a constant
        event_id,
    )
    if not found:
        raise no_such_object("event", event_id)
    event: Json = json.loads(found[0]["body"])
    return event | {"pending_webhooks": found[0]["pending"]}


def list_events(box: Sandbox, params: Json) -> Json:
    clauses, values = _filters(params)
    before, after = params.get("ending_before"), params.get("starting_after")
    for sign, cursor in (("<", after), (">", before)):
        if cursor is not None:
            get_event(box, cursor)
            clauses.append(f"seq {sign} (SELECT seq FROM events WHERE id = ?)")  # noqa: S608 - a fixed sign
            values.append(cursor)
    limit = listing.page_size(params)
    direction = "ASC" if before else "DESC"
    rows = box.store.rows(
        f"SELECT body, {_PENDING} AS pending FROM events WHERE {' AND '.join(clauses)}"  # noqa: S608 - fixed clauses
        f" ORDER BY seq {direction} LIMIT {limit + 1:d}",
        *values,
    )
    found = [json.loads(row["body"]) | {"pending_webhooks": row["pending"]} for row in rows]
    return listing.as_list(found[:limit], "/v1/events", before=before, has_more=len(found) > limit)


def _filters(params: Json) -> tuple[list[str], list[Any]]:
    clauses: list[str] = ["1 = 1"]
    values: list[Any] = []
    wanted = [params["type"]] if "type" in params else params.get("types", [])
    if wanted:
        clauses.append("(" + " OR ".join(["type GLOB ?"] * len(wanted)) + ")")
        values.extend(wanted)
    for name, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
        if name in params.get("created", {}):
            clauses.append(f"created {sign} ?")
            values.append(params["created"][name])
    if "delivery_success" in params:
        clauses.append(f"{_PENDING} {'= 0' if params['delivery_success'] else '> 0'}")
    return clauses, values
