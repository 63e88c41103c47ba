"""Charges, refunds, disputes and the balance: addresses and parameters."""

from paysandbox import disputes, refunds
from paysandbox.endpoint import EXPAND, METADATA_ONLY, Call, Endpoint, get
from paysandbox.listing import PAGE_PARAMETERS, list_objects
from paysandbox.parameters import (
    Kind,
    boolean,
    currency,
    integer,
    nested,
    one_of,
    text,
    time_range,
)
from paysandbox.store import Json

_LIST: dict[str, Kind] = {**PAGE_PARAMETERS, "created": time_range}


def _list_charges(call: Call) -> Json:
    filters = {name: call.params.get(name) for name in ("customer", "payment_intent")}
    return list_objects(call.store, "charge", "/v1/charges", call.params, filters)


def _refund(call: Call) -> Json:
    return call.store.get("refund", call.id)


def _list_refunds(call: Call) -> Json:
    filters = {name: call.params.get(name) for name in ("charge", "payment_intent")}
    return list_objects(call.store, "refund", "/v1/refunds", call.params, filters)


def _dispute(call: Call) -> Json:
    return call.store.get("dispute", call.id)


def _list_disputes(call: Call) -> Json:
    filters = {name: call.params.get(name) for name in ("charge", "payment_intent")}
    return list_objects(call.store, "dispute", "/v1/disputes", call.params, filters)


def _list_balance_transactions(call: Call) -> Json:
    url = "/v1/balance_transactions"
    answer = list_objects(call.store, "balance_transaction", url, call.params)
    for name in ("type", "currency", "source"):
        if name in call.params:
            wanted = call.params[name]
            answer["data"] = [entry for entry in answer["data"] if entry[name] == wanted]
    return answer


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/charges",
        _list_charges,
        {**_LIST, "customer": text(), "payment_intent": text()},
    ),
    Endpoint("GET", "/v1/charges/{charge}", get("charge"), EXPAND),
    Endpoint(
        "POST",
        "/v1/refunds",
        lambda call: refunds.create_refund(call.box, call.params),
        {
            **METADATA_ONLY,
            "amount": integer,
            "charge": text(),
            "currency": currency,
            "instructions_email": text(),
            "payment_intent": text(),
            "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
        },
    ),
    Endpoint(
        "GET", "/v1/refunds", _list_refunds, {**_LIST, "charge": text(), "payment_intent": text()}
    ),
    Endpoint("GET", "/v1/refunds/{refund}", _refund, EXPAND),
    Endpoint(
        "POST",
        "/v1/refunds/{refund}",
        lambda call: refunds.update_refund(call.box, _refund(call), call.params),
        METADATA_ONLY,
    ),
    Endpoint(
        "POST",
        "/v1/refunds/{refund}/cancel",
        lambda call: refunds.cancel_refund(call.box, _refund(call)),
        EXPAND,
    ),
    Endpoint(
        "GET",
        "/v1/disputes",
        _list_disputes,
        {**_LIST, "charge": text(), "payment_intent": text()},
    ),
    Endpoint("GET", "/v1/disputes/{dispute}", _dispute, EXPAND),
    Endpoint(
        "POST",
        "/v1/disputes/{dispute}",
        lambda call: disputes.update_dispute(call.box, _dispute(call), call.params),
        {
            **METADATA_ONLY,
            "evidence": nested(dict.fromkeys(disputes.EVIDENCE, text(150000))),
            "submit": boolean,
        },
    ),
    Endpoint(
        "POST",
        "/v1/disputes/{dispute}/close",
        # Closing means accepting it: the merchant gives up.
        lambda call: disputes.decide_dispute(call.box, _dispute(call), is_won=False),
        EXPAND,
    ),
    Endpoint(
        "GET",
        "/v1/balance_transactions",
        _list_balance_transactions,
        {**_LIST, "currency": currency, "source": text(), "type": text()},
    ),
    Endpoint("GET", "/v1/balance_transactions/{id}", get("balance_transaction"), EXPAND),
)
