"""Lists and their pages, newest first (https://docs.stripe.com/api/pagination)."""

from collections.abc import Mapping
from typing import Any

from paysandbox.errors import invalid_parameter, no_such_object
from paysandbox.parameters import Kind, integer, list_of, text
from paysandbox.store import Json, Store

DEFAULT_PAGE_SIZE = 10
MAX_PAGE_SIZE = 100

PAGE_PARAMETERS: dict[str, Kind] = {
    "limit": integer,
    "starting_after": text(),
    "ending_before": text(),
    "expand": list_of(text()),
}


def page_size(params: Json) -> int:
    limit = int(params.get("limit", DEFAULT_PAGE_SIZE))
    if not 1 <= limit <= MAX_PAGE_SIZE:
        raise invalid_parameter("limit", f"limit must be between 1 and {MAX_PAGE_SIZE}.")
    return limit


def list_objects(
    store: Store, kind: str, url: str, params: Json, filters: Mapping[str, Any] | None = None
) -> Json:
    """One page of the objects of a kind, as asked for by the page parameters."""
    before, after = params.get("ending_before"), params.get("starting_after")
    for name, cursor in (("ending_before", before), ("starting_after", after)):
        if cursor is not None and store.find(kind, cursor) is None:
            raise no_such_object(kind, cursor, param=name)
    limit = page_size(params)
    wanted = {column: value for column, value in (filters or {}).items() if value is not None}
    found = store.select(
        kind, wanted, created=params.get("created"), before=before, after=after, limit=limit + 1
    )
    has_more = len(found) > limit
    page = found[-limit:] if before else found[:limit]
    return {"object": "list", "data": page, "has_more": has_more, "url": url}


def as_list(found: list[Json], url: str, *, before: str | None, has_more: bool) -> Json:
    data = found[::-1] if before else found
    return {"object": "list", "data": data, "has_more": has_more, "url": url}
