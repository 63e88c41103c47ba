"""What every signed notice has to be before it is kept."""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from typing import Any

from webapp.ports import Notice

log = logging.getLogger(__name__)


def storable(notice: Notice) -> Notice:
    """The notice itself. Raises ``ValueError`` when the database could not keep it.

    A signature says who sent it, not that its texts are texts: JSON can spell
    NUL characters, halves of characters, and numbers that are none. What is not
    kept of the notice may hold any of them.
    """
    for text in _texts(astuple(notice)):
        # Half of a surrogate pair: UnicodeEncodeError is a ValueError.
        if b"\0" in text.encode():
            raise ValueError("NUL in a text")
    json.dumps(notice.payload, allow_nan=False)
    return notice


def keep_storable(notices: Iterable[Notice]) -> list[Notice]:
    """Those that the database can keep: one that it cannot must not stop all after it."""
    kept = []
    for notice in notices:
        try:
            kept.append(storable(notice))
        except ValueError:
            log.warning("notice cannot be kept", extra={"notice_type": notice.type})
    return kept


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts([*value, *value.values()])
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
