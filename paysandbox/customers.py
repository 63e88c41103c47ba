"""Customers: who may have saved payment methods."""

from paysandbox.events import emit
from paysandbox.identifiers import new_id
from paysandbox.parameters import merge_metadata
from paysandbox.payment_methods import attach_method, resolve_method
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

_COPIED = ("address", "description", "email", "name", "phone", "shipping", "tax_exempt")


def create_customer(box: Sandbox, params: Json) -> Json:
    customer: Json = {
        "id": new_id("cus"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": box.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("inv")[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": params.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _copy(params, customer)
    box.store.put(customer)
    if "payment_method" in params:
        attach_method(box, resolve_method(box, params["payment_method"]), customer["id"])
    emit(box, "customer.created", customer)
    return customer


def update_customer(box: Sandbox, customer: Json, params: Json) -> Json:
    previous = {name: customer[name] for name in params if name in customer}
    if "metadata" in params:
        customer["metadata"] = merge_metadata(customer["metadata"], params["metadata"])
    if "preferred_locales" in params:
        customer["preferred_locales"] = params["preferred_locales"]
    default_method = params.get("invoice_settings", {}).get("default_payment_method")
    if default_method is not None:
        box.store.get("payment_method", default_method)
        customer["invoice_settings"]["default_payment_method"] = default_method
    _copy(params, customer)
    box.store.put(customer)
    emit(box, "customer.updated", customer, previous=previous)
    return customer


def delete_customer(box: Sandbox, customer: Json) -> Json:
    """Forget the customer; the saved payment methods cannot be used any more."""
    for method in box.store.select("payment_method", {"customer": customer["id"]}):
        box.store.put(method | {"customer": None})
    emit(box, "customer.deleted", customer)
    stub = {"id": customer["id"], "object": "customer", "deleted": True}
    return box.store.put(stub)


def _copy(params: Json, customer: Json) -> None:
    for name in _COPIED:
        if name in params:
            customer[name] = params[name] or None  # the empty string clears a field
