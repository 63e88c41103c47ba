"""The search above the list of events, read from a query that anybody may have typed."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from webapp.domain.event_search import EventSearch

MAX_TEXT = 100
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)


def read_search(query: Mapping[str, str]) -> EventSearch:
    """What is looked for. A month that is none is left out: the list is never an error."""
    words = " ".join(query.get("q", "")[:MAX_TEXT].split())
    month = _MONTH.fullmatch(query.get("month", ""))
    return EventSearch(words, date(int(month[1]), int(month[2]), 1) if month else None)


def search_query(search: EventSearch) -> dict[str, Any]:
    """The same as the shortest query: what the address bar shows."""
    query = {"q": search.words, "month": f"{search.month:%Y-%m}" if search.month else ""}
    return {name: value for name, value in query.items() if value}
