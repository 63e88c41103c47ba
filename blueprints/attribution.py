"""Which campaign a visitor came by: carried along in addresses, never stored by a mere visit.

The first checkout of a visitor keeps what its address said; what follows it keeps the same.
"""

import re
from typing import Any

from flask import request

TAGS = ("source", "campaign")
_TAG = re.compile(r"[A-Za-z0-9_.:-]{1,60}")


def visitor_tag(name: str) -> str:
    """A campaign word from the address, when it looks like one."""
    value = request.values.get(name) or request.values.get(f"utm_{name}") or ""
    return value if _TAG.fullmatch(value) else ""


def visitor_tags() -> dict[str, Any]:
    """Those that there are, to be passed on in links."""
    return {name: tag for name in TAGS if (tag := visitor_tag(name))}
