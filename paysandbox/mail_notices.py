"""What became of a mail, told to one webhook in Resend's form, signed by Svix's scheme.

Addresses decide: ``bounced@...`` bounces, ``complained@...`` complains, all others
are delivered (https://resend.com/docs/dashboard/emails/send-test-emails).
"""

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial

from paysandbox import postbox
from paysandbox.identifiers import new_id
from paysandbox.sandbox import Sandbox
from paysandbox.signatures import svix_signature
from paysandbox.store import Json

_SETTING = "mail_webhook"
RETRY_SECONDS = (1, 2, 4, 8)
_SPECIAL = ("bounced", "complained", "suppressed")


@dataclass(frozen=True, slots=True)
class MailWebhook:
    """Where notices go, and what they are signed with: ``whsec_`` and base64.

    As at Resend a webhook chooses: it may want none about mails that arrived.
    """

    url: str
    secret: str
    wants_delivered: bool = True


def set_mail_webhook(box: Sandbox, webhook: MailWebhook | None) -> None:
    """From now on, and after a restart, it is told what becomes of mails; None: nobody is."""
    box.store.set_setting(_SETTING, asdict(webhook) if webhook else None)


def announce_mail(box: Sandbox, mail: Json) -> None:
    """Decide what becomes of the mail and tell the configured webhook, if there is one."""
    local_parts = [_local_part(address) for address in mail["to"]]
    mail["last_event"] = next((kind for kind in _SPECIAL if kind in local_parts), "delivered")
    kept = box.store.setting(_SETTING)
    if kept is None:
        return
    webhook = MailWebhook(**kept)
    if mail["last_event"] == "delivered" and not webhook.wants_delivered:
        return
    notice = json.dumps(_notice(mail))
    box.workers.run_soon(partial(_send, box, webhook, new_id("msg"), notice, 0))


def _local_part(address: str) -> str:
    return address.rpartition("<")[2].partition("@")[0].partition("+")[0].lower()


def _notice(mail: Json) -> Json:
    created = datetime.fromtimestamp(mail["created_at"], UTC).isoformat()
    data: Json = {
        "email_id": mail["id"],
        "created_at": created,
        "from": mail["from"],
        "to": mail["to"],
        "subject": mail["subject"],
        "tags": {tag["name"]: tag["value"] for tag in mail["tags"]},
    }
    if mail["last_event"] == "bounced":
        data["bounce"] = {
            "type": "Permanent",
            "subType": "General",
            "message": "The recipient's mail server refused the message.",
        }
    return {"type": f"email.{mail['last_event']}", "created_at": created, "data": data}


def _send(box: Sandbox, webhook: MailWebhook, message_id: str, notice: str, attempt: int) -> None:
    signed_at = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "svix-id": message_id,
        "svix-timestamp": str(signed_at),
        "svix-signature": svix_signature(notice, webhook.secret, message_id, signed_at),
    }
    answer = postbox.post(webhook.url, notice, headers)
    if not answer.is_accepted and attempt < len(RETRY_SECONDS):
        again = partial(_send, box, webhook, message_id, notice, attempt + 1)
        box.timetable.call_in(RETRY_SECONDS[attempt], partial(box.workers.run_soon, again))
