"""What a Checkout Session sells: lines with a price each, all in one currency."""

from paysandbox.errors import invalid_parameter, missing_parameter
from paysandbox.identifiers import new_id
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json


def build_line_items(box: Sandbox, wanted: list[Json]) -> list[Json]:
    """Line items as the API shows them. Only prices given in place (``price_data``) exist here."""
    items = [_build(box, line, f"line_items[{index}]") for index, line in enumerate(wanted)]
    currencies = {item["currency"] for item in items}
    if len(currencies) > 1:
        raise invalid_parameter(
            "line_items", f"All line items must have the same currency: {sorted(currencies)}"
        )
    return items


def _build(box: Sandbox, line: Json, param: str) -> Json:
    if "price" in line:
        raise invalid_parameter(
            f"{param}[price]", f"No such price: '{line['price']}'", code="resource_missing"
        )
    if "price_data" not in line:
        raise missing_parameter(f"{param}[price_data]")
    data = line["price_data"]
    if "unit_amount" not in data:
        raise missing_parameter(f"{param}[price_data][unit_amount]")
    if data["unit_amount"] < 0:
        raise invalid_parameter(f"{param}[price_data][unit_amount]", "Invalid non-negative integer")
    if "product_data" not in data:
        raise missing_parameter(f"{param}[price_data][product_data]")
    quantity = line.get("quantity", 1)
    if quantity < 1:
        raise invalid_parameter(f"{param}[quantity]", "Invalid positive integer")
    total = data["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": data["currency"],
        "description": data["product_data"]["name"],
        "metadata": line.get("metadata") or {},
        "price": _price(box, data),
        "quantity": quantity,
    }


def _price(box: Sandbox, data: Json) -> Json:
    return {
        "id": new_id("price"),
        "object": "price",
        "active": False,  # a price made in place cannot be used again
        "billing_scheme": "per_unit",
        "created": box.now(),
        "currency": data["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("prod"),
        "recurring": None,
        "tax_behavior": data.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": data["unit_amount"],
        "unit_amount_decimal": str(data["unit_amount"]),
    }
