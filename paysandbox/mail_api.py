"""The Resend side: takes mails over HTTP, keeps them, sends none.

Source: https://resend.com/docs/api-reference. A batch loses its attachments
without a word, as it does there.
"""

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from paysandbox.credentials import bearer_token
from paysandbox.faults import Fault, hang_up
from paysandbox.mail_fields import (
    MailRefusal,
    check_fields,
    parse_addresses,
    parse_attachment,
)
from paysandbox.mail_notices import announce_mail
from paysandbox.mailbox import find_mail, keep_mail
from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

KEY_MAX_CHARS = 256
KEPT_SECONDS = 24 * 3600
MAX_BATCH = 100

_FAULT_NAMES = {
    409: "concurrent_idempotent_requests",
    429: "rate_limit_exceeded",
    500: "internal_server_error",
    503: "service_unavailable",
}


class MailApi:
    def __init__(self, box: Sandbox) -> None:
        self._box = box

    def respond(self, request: Request) -> Response:
        fault = self._box.faults.draw(request.method, request.path)
        if fault is not None and fault.effect == "slow":
            self._box.faults.hold(fault.seconds)
            fault = None
        status, answer = self._answer(request, fault)
        self._record(request, status, answer, fault)
        if status is None and fault is not None:
            if fault.effect == "timeout":
                self._box.faults.hold(fault.seconds)
            hang_up(request.environ, is_reset=fault.effect == "reset")
        headers = {"retry-after": "1"} if status == 429 else {}  # noqa: PLR2004 - too many
        body = json.dumps(answer)
        return Response(body, status=status, headers=headers, content_type="application/json")

    def _answer(self, request: Request, fault: Fault | None) -> tuple[int | None, Json | None]:
        answer: Json
        try:
            if fault is not None and fault.when == "before":
                return _broken(fault)
            with self._box.store.transaction():
                answer = self._run(request)
        except MailRefusal as refusal:
            return refusal.status, refusal.envelope
        return (200, answer) if fault is None else _broken(fault)

    def _run(self, request: Request) -> Json:
        key = bearer_token(request)
        if not key:
            raise MailRefusal(401, "missing_api_key", "Missing API key in the header")
        if not key.startswith("re_"):
            raise MailRefusal(403, "invalid_api_key", "API key is invalid")
        if request.method == "GET":
            return self._retrieve(request.path.removeprefix("/emails/"))
        is_batch = request.path == "/emails/batch"
        if request.method != "POST" or not (is_batch or request.path == "/emails"):
            raise MailRefusal(404, "not_found", "The requested endpoint does not exist")
        body = request.get_json(silent=True)
        if not isinstance(body, list if is_batch else dict):
            raise MailRefusal(422, "validation_error", "The body has the wrong shape")
        return self._once(request, body)

    def _once(self, request: Request, body: Any) -> Json:
        """Take the mails, or answer as before if this key was used for the same body."""
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return self._take(body, None)
        if not 1 <= len(key) <= KEY_MAX_CHARS:
            raise MailRefusal(
                400, "invalid_idempotency_key", "The key must be between 1-256 characters"
            )
        canonical = json.dumps([request.path, body], sort_keys=True)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        found = self._box.store.rows(
            "SELECT request_hash, answer FROM mail_keys WHERE key = ? AND created > ?",
            key,
            self._box.now() - KEPT_SECONDS,
        )
        if found and found[0]["request_hash"] != digest:
            raise MailRefusal(
                409,
                "invalid_idempotent_request",
                "This idempotency key has been used with a different request payload",
            )
        if found:
            stored: Json = json.loads(found[0]["answer"])
            return stored
        answer = self._take(body, key)
        self._box.store.execute(
            "INSERT OR REPLACE INTO mail_keys (key, request_hash, answer, created)"
            " VALUES (?, ?, ?, ?)",
            key,
            digest,
            json.dumps(answer),
            self._box.now(),
        )
        return answer

    def _take(self, body: Any, key: str | None) -> Json:
        if isinstance(body, dict):
            return {"id": self._keep(body, key)}
        if not 1 <= len(body) <= MAX_BATCH:
            raise MailRefusal(422, "validation_error", f"A batch has 1 to {MAX_BATCH} emails")
        without_attachments = [mail | {"attachments": []} for mail in body]
        return {"data": [{"id": self._keep(mail, key)} for mail in without_attachments]}

    def _keep(self, wanted: Json, key: str | None) -> str:
        check_fields(wanted)
        mail = {
            "id": str(uuid.uuid4()),
            "from": wanted["from"],
            "to": parse_addresses(wanted["to"]),
            "cc": parse_addresses(wanted.get("cc")),
            "bcc": parse_addresses(wanted.get("bcc")),
            "reply_to": parse_addresses(wanted.get("reply_to")),
            "subject": wanted["subject"],
            "html": wanted.get("html"),
            "text": wanted.get("text"),
            "attachments": [parse_attachment(item) for item in wanted.get("attachments") or []],
            "headers": wanted.get("headers") or {},
            "tags": wanted.get("tags") or [],
            "idempotency_key": key,
            "created_at": self._box.now(),
            "last_event": "delivered",
        }
        announce_mail(self._box, mail)
        keep_mail(self._box, mail)
        return str(mail["id"])

    def _retrieve(self, mail_id: str) -> Json:
        mail = find_mail(self._box, mail_id)
        if mail is None:
            raise MailRefusal(404, "not_found", "Email not found")
        copied = ("id", "from", "to", "cc", "bcc", "reply_to", "subject", "last_event")
        created = datetime.fromtimestamp(mail["created_at"], UTC)
        return {name: mail[name] for name in copied} | {
            "object": "email",
            "created_at": created.isoformat(),
            "html": mail["html"] or "",
            "text": mail["text"] or "",
        }

    def _record(
        self, request: Request, status: int | None, answer: Json | None, fault: Fault | None
    ) -> None:
        outcome: Json = {"status": status}
        # Resend documents successful answers only, so only these can be judged.
        outcome["response" if status == 200 else "refusal"] = answer  # noqa: PLR2004 - OK
        if fault is not None:
            outcome["fault"] = f"{fault.when} {fault.effect}"
        self._box.traffic.record(
            "mail",
            method=request.method,
            path=request.path,
            body=request.get_data(as_text=True),
            headers=dict(request.headers),
            now=self._box.now(),
            answer=outcome,
        )


def _broken(fault: Fault) -> tuple[int | None, Json | None]:
    if fault.status is None:
        return None, None
    refusal = MailRefusal(fault.status, _FAULT_NAMES[fault.status], "Broken on purpose")
    return refusal.status, refusal.envelope
