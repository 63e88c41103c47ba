"""``expand[]``: objects in the place of their ids (https://docs.stripe.com/api/expanding_objects)."""

from typing import Any

from paysandbox.errors import ApiError
from paysandbox.sandbox import Sandbox
from paysandbox.sessions import KIND as SESSION
from paysandbox.sessions import line_items_of
from paysandbox.store import Json

_KINDS = {
    "balance_transaction": "balance_transaction",
    "charge": "charge",
    "customer": "customer",
    "latest_charge": "charge",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
    "setup_intent": "setup_intent",
}
MAX_DEPTH = 4


def expand(box: Sandbox, answer: Json, paths: list[str]) -> Json:
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_DEPTH:
            raise ApiError(400, f"You cannot expand more than {MAX_DEPTH} levels: {path}")
        _expand_step(box, answer, steps, path)
    return answer


def _expand_step(box: Sandbox, node: Any, steps: list[str], path: str) -> None:
    if isinstance(node, list):
        for item in node:
            _expand_step(box, item, steps, path)
        return
    if not steps or node is None:
        return
    name = steps[0]
    if node.get("object") == "list" and name == "data":
        _expand_step(box, node["data"], steps[1:], path)
        return
    node[name] = _expanded(box, node, name, path)
    _expand_step(box, node[name], steps[1:], path)


def _expanded(box: Sandbox, node: Json, name: str, path: str) -> Any:
    if name == "line_items" and node.get("object") == SESSION:
        url = f"/v1/checkout/sessions/{node['id']}/line_items"
        return {
            "object": "list",
            "data": line_items_of(box, node),
            "has_more": False,
            "url": url,
        }
    if name == "refunds" and node.get("object") == "charge":
        found = box.store.select("refund", {"charge": node["id"]})
        url = f"/v1/charges/{node['id']}/refunds"
        return {"object": "list", "data": found, "has_more": False, "url": url}
    if name not in _KINDS or name not in node:
        raise ApiError(400, f"This property cannot be expanded ({path}).", param="expand")
    value = node[name]
    return box.store.get(_KINDS[name], value) if isinstance(value, str) else value
