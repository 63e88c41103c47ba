"""Customers and their payment methods: addresses and parameters."""

from paysandbox import customers, payment_methods
from paysandbox.endpoint import EXPAND, METADATA_ONLY, Call, Endpoint
from paysandbox.errors import missing_parameter, no_such_object
from paysandbox.listing import PAGE_PARAMETERS, list_objects
from paysandbox.parameters import (
    Kind,
    accepted,
    integer,
    list_of,
    nested,
    one_of,
    text,
    time_range,
)
from paysandbox.payment_parameters import BILLING, CARD_METHOD, REDISPLAY
from paysandbox.store import Json

_CUSTOMER: dict[str, Kind] = {
    **METADATA_ONLY,
    "address": accepted,
    "description": text(),
    "email": text(512),
    "invoice_settings": nested({"default_payment_method": text()}),
    "name": text(256),
    "phone": text(20),
    "preferred_locales": list_of(text()),
    "shipping": accepted,
    "tax_exempt": one_of("exempt", "none", "reverse", ""),
}
_METHOD_LIST: dict[str, Kind] = {
    **PAGE_PARAMETERS,
    "allow_redisplay": REDISPLAY,
    "customer": text(),
    "type": text(),
}


def _customer(call: Call) -> Json:
    return call.store.get("customer", call.id)


def _living_customer(call: Call) -> Json:
    customer = _customer(call)
    if customer.get("deleted"):
        raise no_such_object("customer", call.id)
    return customer


def _list_customers(call: Call) -> Json:
    filters = {"email": call.params.get("email")}
    answer = list_objects(call.store, "customer", "/v1/customers", call.params, filters)
    answer["data"] = [customer for customer in answer["data"] if not customer.get("deleted")]
    return answer


def _list_methods_of(call: Call, customer_id: str | None, url: str) -> Json:
    if customer_id is None:
        raise missing_parameter("customer")
    call.store.get("customer", customer_id)
    filters = {"customer": customer_id}
    answer = list_objects(call.store, "payment_method", url, call.params, filters)
    for name in ("type", "allow_redisplay"):
        if name in call.params:
            wanted = call.params[name]
            answer["data"] = [method for method in answer["data"] if method[name] == wanted]
    return answer


def _list_customer_methods(call: Call) -> Json:
    return _list_methods_of(call, call.id, f"/v1/customers/{call.id}/payment_methods")


def _list_methods(call: Call) -> Json:
    return _list_methods_of(call, call.params.get("customer"), "/v1/payment_methods")


def _customer_method(call: Call) -> Json:
    customer_id, method_id = call.ids
    method = call.store.get("payment_method", method_id)
    if method["customer"] != customer_id:
        raise no_such_object("payment_method", method_id)
    return method


def _method(call: Call) -> Json:
    return call.store.get("payment_method", call.id)


def _attach(call: Call) -> Json:
    method = payment_methods.resolve_method(call.box, call.id)
    return payment_methods.attach_method(call.box, method, call.params["customer"])


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/customers",
        lambda call: customers.create_customer(call.box, call.params),
        {**_CUSTOMER, "payment_method": text()},
    ),
    Endpoint(
        "GET",
        "/v1/customers",
        _list_customers,
        {**PAGE_PARAMETERS, "created": time_range, "email": text(512)},
    ),
    Endpoint("GET", "/v1/customers/{customer}", _customer, EXPAND),
    Endpoint(
        "POST",
        "/v1/customers/{customer}",
        lambda call: customers.update_customer(call.box, _living_customer(call), call.params),
        _CUSTOMER,
    ),
    Endpoint(
        "DELETE",
        "/v1/customers/{customer}",
        lambda call: customers.delete_customer(call.box, _living_customer(call)),
    ),
    Endpoint(
        "GET",
        "/v1/customers/{customer}/payment_methods",
        _list_customer_methods,
        {name: kind for name, kind in _METHOD_LIST.items() if name != "customer"},
    ),
    Endpoint(
        "GET",
        "/v1/customers/{customer}/payment_methods/{payment_method}",
        _customer_method,
        EXPAND,
    ),
    Endpoint(
        "POST",
        "/v1/payment_methods",
        lambda call: payment_methods.create_method(call.box, call.params),
        {
            **METADATA_ONLY,
            **CARD_METHOD,
        },
    ),
    Endpoint("GET", "/v1/payment_methods", _list_methods, _METHOD_LIST),
    Endpoint("GET", "/v1/payment_methods/{payment_method}", _method, EXPAND),
    Endpoint(
        "POST",
        "/v1/payment_methods/{payment_method}",
        lambda call: payment_methods.update_method(call.box, _method(call), call.params),
        {
            **METADATA_ONLY,
            "allow_redisplay": REDISPLAY,
            "billing_details": BILLING,
            "card": nested({"exp_month": integer, "exp_year": integer}),
        },
    ),
    Endpoint(
        "POST",
        "/v1/payment_methods/{payment_method}/attach",
        _attach,
        {**EXPAND, "customer": text()},
        ("customer",),
    ),
    Endpoint(
        "POST",
        "/v1/payment_methods/{payment_method}/detach",
        lambda call: payment_methods.detach_method(call.box, _method(call)),
        EXPAND,
    ),
)
