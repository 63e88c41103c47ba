"""The bracket notation of form bodies and queries: ``a[b][0][c]=v`` to nested values."""

import re
from typing import Any
from urllib.parse import parse_qsl

from paysandbox.errors import ApiError

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_STEP = re.compile(r"\[([^\[\]]*)\]")


def decode_form(encoded: str) -> dict[str, Any]:
    """Nested dicts and lists of strings. Raises :class:`ApiError` for a malformed key."""
    root: dict[str, Any] = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True):
        match = _KEY.fullmatch(key)
        if match is None:
            raise ApiError(400, f"Invalid parameter name: {key}", param=key)
        _insert(root, [match[1], *_STEP.findall(match[2])], key, value)
    return {name: _with_lists(child) for name, child in root.items()}


def _insert(root: dict[str, Any], steps: list[str], key: str, value: str) -> None:
    node = root
    for position, raw_step in enumerate(steps):
        step = raw_step or str(len(node))  # foo[]=x means the next free index
        if position == len(steps) - 1:
            node[step] = value
            return
        child = node.setdefault(step, {})
        if not isinstance(child, dict):
            raise ApiError(400, f"Invalid parameter: {key} is a value and a container", param=key)
        node = child


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    children = {name: _with_lists(child) for name, child in node.items()}
    if children and all(name.isdigit() for name in children):
        return [children[name] for name in sorted(children, key=int)]
    return children
