"""How an endpoint declares the parameters it accepts, and how raw strings become values.

A schema maps a name to a kind; a kind is a function of the raw value and the
parameter's full name. Whatever is not declared is refused with
``parameter_unknown``, as the gateway does: an old or misspelt name must fail
here and not first in production.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from paysandbox.errors import ApiError, invalid_parameter, missing_parameter

Kind = Callable[[Any, str], Any]
Schema = Mapping[str, Kind]

# https://docs.stripe.com/metadata
METADATA_MAX_KEYS = 50
METADATA_KEY_MAX_CHARS = 40
METADATA_VALUE_MAX_CHARS = 500

_REMOVED_IN_ENDIVE = {
    "payment_method_types": (
        "payment_method_types_no_longer_supported",
        (
            "The `payment_method_types` parameter is no longer supported. Use dynamic payment"
            " methods, `allowed_payment_method_types` or `excluded_payment_method_types`."
        ),
    )
}


def parse_parameters(
    raw: Mapping[str, Any], schema: Schema, *, required: tuple[str, ...] = (), prefix: str = ""
) -> dict[str, Any]:
    values = {}
    for name, raw_value in raw.items():
        param = f"{prefix}[{name}]" if prefix else name
        kind = schema.get(name)
        if kind is None:
            raise _unknown_parameter(name, param)
        values[name] = kind(raw_value, param)
    for name in required:
        if values.get(name) in (None, ""):
            raise missing_parameter(f"{prefix}[{name}]" if prefix else name)
    return values


def _unknown_parameter(name: str, param: str) -> ApiError:
    if name in _REMOVED_IN_ENDIVE:
        code, message = _REMOVED_IN_ENDIVE[name]
        return ApiError(400, message, code=code, param=param)
    return ApiError(
        400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param
    )


def text(max_chars: int = 5000) -> Kind:
    def parse(raw: Any, param: str) -> str:
        if not isinstance(raw, str):
            raise invalid_parameter(param, f"Invalid string: {param}")
        if len(raw) > max_chars:
            raise invalid_parameter(
                param, f"{param} must be at most {max_chars} characters.", code="string_too_long"
            )
        return raw

    return parse


def integer(raw: Any, param: str) -> int:
    if not isinstance(raw, str) or re.fullmatch(r"-?\d{1,15}", raw) is None:
        raise invalid_parameter(param, f"Invalid integer: {raw}", code="parameter_invalid_integer")
    return int(raw)


def boolean(raw: Any, param: str) -> bool:
    if raw not in ("true", "false"):
        raise invalid_parameter(param, f"Invalid boolean: {raw}")
    return bool(raw == "true")


def one_of(*choices: str) -> Kind:
    def parse(raw: Any, param: str) -> str:
        if not isinstance(raw, str) or raw not in choices:
            listed = ", ".join(choice or "''" for choice in choices)
            raise invalid_parameter(param, f"Invalid {param}: must be one of {listed}")
        return raw

    return parse


def currency(raw: Any, param: str) -> str:
    if not isinstance(raw, str) or re.fullmatch(r"[a-z]{3}", raw) is None:
        raise invalid_parameter(
            param, f"Invalid currency: {raw}. Use the three-letter code in lower case."
        )
    return raw


def url(raw: Any, param: str) -> str:
    if not isinstance(raw, str) or re.match(r"https?://[^\s/]+", raw) is None:
        raise invalid_parameter(param, "Not a valid URL", code="url_invalid")
    return raw


def metadata(raw: Any, param: str) -> dict[str, str] | str:
    """Key-value pairs; the empty string clears all, an empty value clears one."""
    if raw == "":
        return ""
    if not isinstance(raw, dict):
        raise invalid_parameter(param, f"Invalid hash: {param}")
    if len(raw) > METADATA_MAX_KEYS:
        raise invalid_parameter(param, f"You can have at most {METADATA_MAX_KEYS} metadata keys.")
    for key, value in raw.items():
        if len(key) > METADATA_KEY_MAX_CHARS:
            raise invalid_parameter(
                param, f"Metadata keys have at most {METADATA_KEY_MAX_CHARS} characters: {key}"
            )
        if not isinstance(value, str) or len(value) > METADATA_VALUE_MAX_CHARS:
            raise invalid_parameter(
                f"{param}[{key}]",
                f"Metadata values are strings of at most {METADATA_VALUE_MAX_CHARS} characters.",
            )
    return raw


def nested(schema: Schema, *, required: tuple[str, ...] = ()) -> Kind:
    def parse(raw: Any, param: str) -> dict[str, Any]:
        if raw == "":
            return {}  # the empty string clears
        if not isinstance(raw, dict):
            raise invalid_parameter(param, f"Invalid object: {param}")
        return parse_parameters(raw, schema, required=required, prefix=param)

    return parse


def list_of(kind: Kind, max_items: int = 100) -> Kind:
    def parse(raw: Any, param: str) -> list[Any]:
        if raw == "":
            return []
        if not isinstance(raw, list):
            raise invalid_parameter(param, f"Invalid array: {param}")
        if len(raw) > max_items:
            raise invalid_parameter(param, f"{param} has more than {max_items} items.")
        return [kind(item, f"{param}[{index}]") for index, item in enumerate(raw)]

    return parse


def accepted(raw: Any, param: str) -> Any:
    """A parameter the gateway knows and the sandbox takes without acting on it."""
    del param
    return raw


def time_range(raw: Any, param: str) -> dict[str, int]:
    """``created=1700000000`` or ``created[gte]=...``, as comparison to seconds."""
    if isinstance(raw, str):
        exact = integer(raw, param)
        return {"gte": exact, "lte": exact}
    parsed: dict[str, int] = nested(dict.fromkeys(("gt", "gte", "lt", "lte"), integer))(raw, param)
    return parsed


def merge_metadata(current: dict[str, str] | None, change: dict[str, str] | str) -> dict[str, str]:
    if isinstance(change, str):
        return {}
    merged = (current or {}) | change
    return {key: value for key, value in merged.items() if value != ""}
