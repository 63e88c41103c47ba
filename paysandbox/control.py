"""The control plane under /__sandbox/: what tests and demonstrations may do.

Never part of the gateway's API. Every call takes and answers JSON.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from werkzeug.wrappers import Request, Response

from paysandbox import checkout, disputes, refunds, sessions
from paysandbox.deliveries import describe_delivery
from paysandbox.delivery_policy import DeliveryPolicy
from paysandbox.errors import ApiError, invalid_parameter, missing_parameter
from paysandbox.events import get_event
from paysandbox.ledger import describe_ledger
from paysandbox.mail_notices import MailWebhook, set_mail_webhook
from paysandbox.mailbox import describe_mail, list_mails
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

PREFIX = "/__sandbox/"
RESET_WAIT_SECONDS = 2.0
IDLE_WAIT_SECONDS = 10.0
IDLE_LOOK_SECONDS = 0.01


class ControlPlane:
    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._calls: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("POST", "reset"): self._reset,
            ("GET", "clock"): lambda _request: {"now": box.now()},
            ("POST", "clock"): self._move_clock,
            ("POST", "pay"): self._pay,
            ("POST", "async"): self._settle_session,
            ("GET", "deliveries"): self._list_deliveries,
            ("POST", "deliveries"): self._set_deliveries,
            ("POST", "deliver"): self._deliver,
            ("POST", "idle"): self._wait_until_idle,
            ("GET", "faults"): lambda _request: box.faults.describe(),
            ("POST", "faults"): self._set_faults,
            ("POST", "refund"): self._refund,
            ("POST", "dispute"): self._dispute,
            ("GET", "ledger"): lambda _request: describe_ledger(box),
            ("GET", "mail"): self._list_mails,
            ("POST", "mail-webhook"): self._set_mail_webhook,
        }

    def respond(self, request: Request) -> Response:
        name = request.path.removeprefix(PREFIX).partition("/")[0]
        if (request.method, name) == ("GET", "traffic"):
            lines = self._box.traffic.lines(request.args.get("kind", "stripe"))
            return Response(lines, content_type="application/x-ndjson")
        call = self._calls.get((request.method, name))
        status = 200
        if call is None:
            call = _refuse_unknown
        try:
            answer = call(request)
        except ApiError as error:
            status, answer = error.status, error.envelope
        return Response(json.dumps(answer), status=status, content_type="application/json")

    def _reset(self, request: Request) -> Json:
        """Forget everything, faults, delivery policy and clock included.

        Registered webhook endpoints (mail's too) stay unless ``forget_endpoints``
        is true; the traffic log stays unless ``keep_traffic`` is false.
        """
        options = _body(request)
        box = self._box
        forgets_endpoints = options.get("forget_endpoints", False)
        box.deliveries.policy = DeliveryPolicy()
        box.faults.replace([])
        with box.store.transaction():
            for table in ("events", "deliveries", "attempts", "idempotent_answers", "mails"):
                box.store.execute(f"DELETE FROM {table}")  # noqa: S608 - fixed names
            box.store.execute("DELETE FROM mail_keys")
            kept = "" if forgets_endpoints else "webhook_endpoint"
            box.store.execute("DELETE FROM objects WHERE kind != ?", kept)
            if forgets_endpoints:
                set_mail_webhook(box, None)
            if not options.get("keep_traffic", True):
                box.traffic.clear()
            box.move_clock(-box.clock.offset_s)
        # A notice under way belongs to the past that was just forgotten.
        box.workers.wait_until_idle(RESET_WAIT_SECONDS)
        return {"reset": True}

    def _move_clock(self, request: Request) -> Json:
        self._box.move_clock(int(_body(request).get("advance_s", 0)))
        keep_time(self._box)
        return {"now": self._box.now()}

    def _pay(self, request: Request) -> Json:
        body = _body(request)
        three_ds = body.get("three_ds")
        if three_ds not in (None, "complete", "fail"):
            raise invalid_parameter("three_ds", "three_ds must be complete or fail")
        with self._box.store.transaction():
            session = sessions.get_session(self._box, _last_step(request))
            outcome = checkout.pay_session(
                self._box,
                session,
                instrument=str(body.get("card", "4242424242424242")),
                pages_url=request.host_url.rstrip("/"),
                wants_saving=bool(body.get("save_card")),
                email=body.get("email"),
                name=body.get("name"),
            )
            if outcome.status == "requires_action" and three_ds is not None:
                is_passed = three_ds == "complete"
                intent_id = session["payment_intent"]
                outcome = checkout.answer_challenge(self._box, intent_id, is_passed=is_passed)
        return outcome.as_json()

    def _settle_session(self, request: Request) -> Json:
        result = _body(request).get("result")
        if result not in ("succeeded", "failed"):
            raise invalid_parameter("result", "result must be succeeded or failed")
        with self._box.store.transaction():
            session = sessions.get_session(self._box, _last_step(request))
            return checkout.settle_session(self._box, session, is_paid=result == "succeeded")

    def _list_deliveries(self, _request: Request) -> Json:
        box = self._box
        events = []
        for row in box.store.rows("SELECT id, type, created FROM events ORDER BY seq"):
            seqs = box.store.rows(
                "SELECT seq FROM deliveries WHERE event_id = ? ORDER BY seq", row["id"]
            )
            found = [describe_delivery(box.store, delivery["seq"]) for delivery in seqs]
            events.append(dict(row) | {"deliveries": found})
        return {"policy": asdict(box.deliveries.policy), "events": events}

    def _set_deliveries(self, request: Request) -> Json:
        box = self._box
        box.deliveries.policy = DeliveryPolicy.from_json(_body(request))
        if box.deliveries.policy.mode == "auto":
            box.deliveries.release_held()
        return asdict(box.deliveries.policy)

    def _deliver(self, request: Request) -> Json:
        wanted = _required(_body(request), "event")
        event_id = None if wanted == "all" else get_event(self._box, wanted)["id"]
        delivered = self._box.deliveries.deliver_now(event_id)
        return {"deliveries": delivered}

    def _wait_until_idle(self, request: Request) -> Json:
        """Answer once no notice is under way or due, or after ``timeout_s`` (10 by default)."""
        deadline = time.monotonic() + float(_body(request).get("timeout_s", IDLE_WAIT_SECONDS))
        while (remaining := deadline - time.monotonic()) > 0:
            if self._box.workers.wait_until_idle(remaining) and (
                self._box.deliveries.count_waiting() == 0
            ):
                return {"idle": True}
            time.sleep(IDLE_LOOK_SECONDS)
        return {"idle": False}

    def _set_faults(self, request: Request) -> list[Json]:
        body = request.get_json(silent=True) or []
        self._box.faults.replace([body] if isinstance(body, dict) else body)
        return self._box.faults.describe()

    def _refund(self, request: Request) -> Json:
        """Refund as staff do in the gateway's dashboard; or settle ``refund`` by ``status``."""
        body = _body(request)
        with self._box.store.transaction():
            if "refund" in body:
                refund = self._box.store.get("refund", body["refund"])
                is_paid_out = body.get("status") == "succeeded"
                return refunds.settle_refund(self._box, refund, is_paid_out=is_paid_out)
            _required(body, "payment_intent")
            known: Json = {
                name: body[name] for name in ("payment_intent", "amount") if name in body
            }
            return refunds.create_refund(self._box, known)

    def _dispute(self, request: Request) -> Json:
        """Open a dispute; with ``outcome`` won or lost, decide the open one (or a new one)."""
        body = _body(request)
        box = self._box
        with box.store.transaction():
            payment_intent = _required(body, "payment_intent")
            dispute = disputes.find_open_dispute(box, payment_intent)
            if dispute is None:
                intent = box.store.get("payment_intent", payment_intent)
                if intent["status"] != "succeeded":
                    raise ApiError(400, "Only a payment that succeeded can be disputed.")
                charge = box.store.get("charge", intent["latest_charge"])
                dispute = disputes.open_dispute(box, charge)
            if body.get("outcome") is not None:
                if body["outcome"] not in ("won", "lost"):
                    raise invalid_parameter("outcome", "outcome must be won or lost")
                disputes.decide_dispute(box, dispute, is_won=body["outcome"] == "won")
            return dispute

    def _list_mails(self, request: Request) -> list[Json]:
        mails = list_mails(self._box, to=request.args.get("to"))
        return [describe_mail(mail) for mail in mails]

    def _set_mail_webhook(self, request: Request) -> Json:
        body = _body(request)
        webhook = MailWebhook(url=_required(body, "url"), secret=_required(body, "secret"))
        set_mail_webhook(self._box, webhook)
        return {"url": webhook.url}


def keep_time(box: Sandbox) -> None:
    """Do what is due by the sandbox's clock."""
    with box.store.transaction():
        sessions.expire_due_sessions(box)
        refunds.settle_due_refunds(box)


def _refuse_unknown(request: Request) -> Json:
    raise ApiError(404, f"No such control: {request.method} {request.path}")


def _body(request: Request) -> Json:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _required(body: Json, name: str) -> str:
    if not body.get(name):
        raise missing_parameter(name)
    return str(body[name])


def _last_step(request: Request) -> str:
    return request.path.rpartition("/")[2]
