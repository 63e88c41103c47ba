"""What the SDK raises, in the kinds that :mod:`webapp.ports` knows."""

import logging
from http import HTTPStatus

import stripe

from webapp.ports import (
    GatewayFailed,
    GatewayKeyRefused,
    GatewayRefused,
    GatewayUnavailable,
    GatewayUnknown,
)

log = logging.getLogger(__name__)


def put_in_words(call: str, error: stripe.StripeError) -> Exception:
    """The error in the application's words, logged.

    The SDK's texts may repeat what was sent, an email among it: only codes and
    the gateway's request id are kept.
    """
    code = (error.error.code if error.error is not None else None) or error.code or ""
    facts = {
        "call": call,
        "error_class": type(error).__name__,
        "gateway_status": error.http_status,
        "gateway_code": code,
        "gateway_request_id": error.request_id,
    }
    if _may_pass(error):
        log.warning("gateway unavailable", extra=facts)
        reason = f"{call}: {type(error).__name__}"
        if (error.http_status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return GatewayFailed(reason)
        return GatewayUnavailable(reason)
    log.error("gateway refused", extra=facts)
    return _kind_of_refusal(error, code)(f"{call}: {code or type(error).__name__}")


def _kind_of_refusal(error: stripe.StripeError, code: str) -> type[GatewayRefused]:
    if error.http_status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return GatewayKeyRefused
    # Not every 404: an address that is none, or a proxy's answer, says nothing of the object.
    return GatewayUnknown if code == "resource_missing" else GatewayRefused


def _may_pass(error: stripe.StripeError) -> bool:
    """Whether another try may help: no answer, a full house, or the gateway's own fault."""
    status = error.http_status
    return status is None or status in {409, 429} or status >= 500  # noqa: PLR2004 - HTTP
