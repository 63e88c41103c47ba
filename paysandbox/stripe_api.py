"""The Stripe side: checks a call, runs it, answers in the gateway's manner."""

import json
import re
from typing import Any

from werkzeug.wrappers import Request, Response

from paysandbox import customer_endpoints, money_endpoints, notice_endpoints, payment_endpoints
from paysandbox.credentials import bearer_token
from paysandbox.endpoint import Call, Endpoint
from paysandbox.errors import ApiError
from paysandbox.events import API_VERSION, current_request
from paysandbox.expansion import expand
from paysandbox.faults import Fault, hang_up
from paysandbox.form import decode_form
from paysandbox.idempotency import IdempotencyKeys, KeyedCall
from paysandbox.identifiers import new_id
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

_ENDPOINTS = (
    *payment_endpoints.ENDPOINTS,
    *customer_endpoints.ENDPOINTS,
    *money_endpoints.ENDPOINTS,
    *notice_endpoints.ENDPOINTS,
)
_LIVE_KEY_PREFIXES = ("sk_live_", "rk_live_")
_TEST_KEY_PREFIXES = ("sk_test_", "rk_test_")
_FAULT_ERRORS = {
    401: ("invalid_request_error", None, "Invalid API Key provided."),
    403: ("invalid_request_error", None, "The provided key may not do this."),
    409: ("idempotency_error", "idempotency_key_in_use", "Another request uses this key."),
    429: ("invalid_request_error", "rate_limit", "Request rate limit exceeded."),
    500: ("api_error", None, "An unknown error occurred."),
    503: ("api_error", None, "The gateway is unavailable."),
}


class StripeApi:
    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._keys = IdempotencyKeys(box.store)
        self._routes: dict[str, list[tuple[re.Pattern[str], Endpoint]]] = {}
        for endpoint in _ENDPOINTS:
            self._routes.setdefault(endpoint.method, []).append((endpoint.pattern, endpoint))

    def respond(self, request: Request) -> Response:
        body = request.get_data(as_text=True)
        fault = self._box.faults.draw(request.method, request.path)
        request_id = new_id("req")
        status, answer, headers = self._answer(request, body, fault, request_id)
        self._record(request, body, fault, status, answer)
        if fault is not None and status is None:
            if fault.effect == "timeout":
                self._box.faults.hold(fault.seconds)
            hang_up(request.environ, is_reset=fault.effect == "reset")
        return Response(
            json.dumps(answer),
            status=status,
            headers={"Request-Id": request_id, "Stripe-Version": API_VERSION} | headers,
            content_type="application/json",
        )

    def _answer(
        self, request: Request, body: str, fault: Fault | None, request_id: str
    ) -> tuple[int | None, Json | None, dict[str, str]]:
        """Status None: nobody will hear the answer, whether there was one or not."""
        if fault is not None and fault.when == "before" and fault.effect != "slow":
            return _broken(fault)
        headers: dict[str, str] = {}
        status: int | None
        answer: Json | None
        try:
            status, answer = self._run(request, body, fault, request_id, headers)
        except ApiError as error:
            status, answer = error.status, error.envelope
        if fault is not None and fault.when == "after" and fault.effect != "slow":
            return _broken(fault, answer)
        return status, answer, headers

    def _run(
        self,
        request: Request,
        body: str,
        fault: Fault | None,
        request_id: str,
        headers: dict[str, str],
    ) -> tuple[int, Json]:
        _check_credentials(request)
        key = request.headers.get("Idempotency-Key")
        keyed = self._keys.identify(key, request.method, request.path, body)
        with self._keys.running(keyed):
            if fault is not None and fault.effect == "slow":
                self._box.faults.hold(fault.seconds)
            if keyed is not None:
                stored = self._keys.recall(keyed, now=self._box.now())
                if stored is not None:
                    headers["Idempotent-Replayed"] = "true"
                    return stored
            current_request.set({"id": request_id, "idempotency_key": key})
            try:
                return self._execute(request, body, keyed, fault)
            except ApiError as error:
                if keyed is not None and error.is_stored:
                    now = self._box.now()
                    self._keys.remember(keyed, error.status, error.envelope, now=now)
                raise
            finally:
                current_request.set(None)

    def _execute(
        self, request: Request, body: str, keyed: KeyedCall | None, fault: Fault | None
    ) -> tuple[int, Json]:
        endpoint, ids = self._find_endpoint(request.method, request.path)
        encoded = body if request.method == "POST" else request.query_string.decode()
        params = endpoint.parse(decode_form(encoded))
        call = Call(self._box, params, ids, request.host_url.rstrip("/"))
        with self._box.store.transaction():
            try:
                status = 200
                answer = expand(self._box, endpoint.answer(call), params.get("expand", []))
            except ApiError as error:
                if not error.keeps_changes:
                    raise
                status, answer = error.status, error.envelope
            if fault is not None and (fault.when, fault.status) == ("after", 500):
                # It happened, then broke: that is the answer that repeats get.
                status, answer = 500, _fault_error(500)
            if keyed is not None:
                self._keys.remember(keyed, status, answer, now=self._box.now())
        return status, answer

    def _find_endpoint(self, method: str, path: str) -> tuple[Endpoint, tuple[str, ...]]:
        for pattern, endpoint in self._routes.get(method, []):
            match = pattern.fullmatch(path)
            if match is not None:
                return endpoint, match.groups()
        raise ApiError(404, f"Unrecognized request URL ({method}: {path}).")

    def _record(
        self, request: Request, body: str, fault: Fault | None, status: int | None, answer: Any
    ) -> None:
        outcome: Json = {"status": status, "response": answer}
        if fault is not None:
            outcome["fault"] = f"{fault.when} {fault.effect}"
        self._box.traffic.record(
            "stripe" if request.path.startswith("/v1/") else "stripe_v2",
            method=request.method,
            path=request.full_path.rstrip("?"),
            body=body,
            headers=dict(request.headers),
            now=self._box.now(),
            answer=outcome,
        )


def _broken(
    fault: Fault, answer: Json | None = None
) -> tuple[int | None, Json | None, dict[str, str]]:
    if fault.status is None:
        return None, answer, {}
    return fault.status, _fault_error(fault.status), {}


def _fault_error(status: int) -> Json:
    kind, code, message = _FAULT_ERRORS[status]
    return ApiError(status, message, kind=kind, code=code).envelope


def _check_credentials(request: Request) -> None:
    key = bearer_token(request)
    if not key:
        raise ApiError(401, "You did not provide an API key. Send it as a bearer token.")
    if key.startswith(_LIVE_KEY_PREFIXES):
        raise ApiError(401, "A live key was sent to the sandbox. Only sk_test_ keys work here.")
    if not key.startswith(_TEST_KEY_PREFIXES):
        raise ApiError(401, "Invalid API Key provided.")
    version = request.headers.get("Stripe-Version", API_VERSION)
    if version != API_VERSION:
        raise ApiError(
            400,
            f"Invalid Stripe API version: {version}. This sandbox speaks {API_VERSION}.",
            code="invalid_api_version",
        )
