"""JSON in, JSON out: read once, checked once, written once."""

import json
from collections.abc import Sequence
from json import JSONDecodeError
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from webapp.errors import FieldFault, InvalidRequest
from webapp.wording import n_

Body = TypeVar("Body", bound=BaseModel)

_SENTENCES = {
    "missing": n_("This field is required."),
    "extra_forbidden": n_("There is no such field."),
    "int_type": n_("Send a whole number, not a text."),
    "string_type": n_("Send a text."),
    "list_type": n_("Send a list."),
    "model_type": n_("Send an object."),
    "literal_error": n_("Choose one of the documented values."),
    "greater_than_equal": n_("The number is too small."),
    "less_than_equal": n_("The number is too large."),
    "too_short": n_("Send at least one entry."),
    "too_long": n_("Send fewer entries."),
    "string_too_short": n_("This field must not be empty."),
    "string_too_long": n_("The text is too long."),
}
_OTHERWISE = n_("This value is not allowed here.")


class _RepeatedName(ValueError):
    """An object names one member twice: readers would disagree on which one counts."""


def read_body(body_type: type[Body]) -> Body:
    """The request's JSON as ``body_type``.

    Raises 415 for another media type, 400 for what is not strict JSON (also
    when an object names a member twice), and :class:`InvalidRequest` naming
    each faulty field.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        sent = json.loads(
            request.get_data(cache=False),
            object_pairs_hook=_unique_members,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    return check(body_type, sent)


def check(body_type: type[Body], sent: object) -> Body:
    """``sent`` as ``body_type``. Raises :class:`InvalidRequest` naming each faulty field."""
    try:
        return body_type.model_validate(sent)
    except ValidationError as error:
        # Without the values: what was sent may be personal, and is not echoed.
        details = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidRequest(_faults(details)) from None


def answer(document: BaseModel, status: int = 200, *, without_nulls: bool = False) -> Response:
    """``document`` as JSON."""
    return Response(
        document.model_dump_json(exclude_none=without_nulls), status, mimetype="application/json"
    )


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _RepeatedName
    return members


def _refuse_constant(name: str) -> None:
    raise JSONDecodeError("not JSON", name, 0)


def _faults(details: Sequence[ErrorDetails]) -> list[FieldFault]:
    return [
        FieldFault(
            ".".join(str(part) for part in detail["loc"]) or "body",
            _SENTENCES.get(detail["type"], _OTHERWISE),
        )
        for detail in details
    ]
