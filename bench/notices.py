"""What the gateway sends: notices signed with the installation's own secret."""

import hashlib
import hmac
import itertools
import json
import secrets
import time

from bench.buyers import Until
from bench.driver import Call, Pause, Script
from bench.tally import Tally
from bench.wire import Server, make_request

# Any of these says that the notice is durable.
TAKEN = (200, 202, 204)
_run = secrets.token_hex(8)
_numbers = itertools.count(1)


def sign(body: bytes, secret: str, *, signed_at: int) -> str:
    """The header that the gateway would send (https://docs.stripe.com/webhooks/signature)."""
    digest = hmac.new(secret.encode(), f"{signed_at}.".encode() + body, hashlib.sha256)
    return f"t={signed_at},v1={digest.hexdigest()}"


def notice_request(app: Server, secret: str, session_id: str) -> bytes:
    """One more notice about a purchase that is complete; no two have the same id."""
    now = int(time.time())
    event = {
        "id": f"evt_bench{_run}{next(_numbers)}",
        "object": "event",
        "type": "checkout.session.completed",
        "created": now,
        "livemode": False,
        "api_version": "2026-08-26.basil",
        "data": {
            "object": {
                "id": session_id,
                "object": "checkout.session",
                "status": "complete",
                "payment_status": "paid",
                "metadata": {},
            }
        },
    }
    body = json.dumps(event).encode()
    headers = {"Stripe-Signature": sign(body, secret, signed_at=now)}
    return make_request(app, "POST", "/webhooks/stripe", body=body, headers=headers)


def send_notices(
    app: Server, secret: str, session_id: str, tally: Tally, until: Until, *, pause_seconds: float
) -> Script:
    """A notice after each pause."""
    for _ in until.rounds():
        yield Pause(pause_seconds)
        tally.note((yield Call(app, notice_request(app, secret, session_id))), *TAKEN)
