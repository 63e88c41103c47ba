"""What the Stripe side refuses, as the error envelope that the SDK turns into exceptions.

Source of the shapes: https://docs.stripe.com/api/errors.
"""

from typing import Any


class ApiError(Exception):
    """A refusal of one API call.

    ``keeps_changes``: what the call did before it was refused stays (a declined
    charge is a row). ``is_stored``: the answer is remembered under the call's
    idempotency key; refusals of parameters are not, outcomes are
    (https://docs.stripe.com/api/idempotent_requests).
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keeps_changes: bool = False,
        is_stored: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps_changes = keeps_changes
        self.is_stored = is_stored
        known = {"type": kind, "message": message, "code": code, "param": param}
        filled = {key: value for key, value in (known | more).items() if value is not None}
        self.envelope: dict[str, Any] = {"error": filled}


def invalid_parameter(param: str, message: str, *, code: str = "parameter_invalid") -> ApiError:
    return ApiError(400, message, code=code, param=param)


def missing_parameter(param: str) -> ApiError:
    return ApiError(400, f"Missing required param: {param}.", code="parameter_missing", param=param)


def no_such_object(kind: str, object_id: str, *, param: str = "id") -> ApiError:
    noun = kind.rpartition(".")[2]
    return ApiError(404, f"No such {noun}: '{object_id}'", code="resource_missing", param=param)


def wrong_state(message: str, *, code: str | None = None, **more: Any) -> ApiError:
    """The parameters are fine, the object is not in a state that allows the call."""
    return ApiError(400, message, code=code, is_stored=True, **more)
