"""The mails that were caught, as rows and as JSON."""

import json
import re
from typing import Any

from paysandbox.sandbox import Sandbox
from paysandbox.store import Json

_LINK = re.compile(r"https?://[^\s<>\"')\]]+")


def list_mails(box: Sandbox, *, to: str | None = None, limit: int = -1) -> list[Json]:
    """Newest first, optionally only those to one address; a negative limit is none."""
    rows = box.store.rows("SELECT body FROM mails ORDER BY seq DESC LIMIT ?", limit)
    mails: list[Json] = [json.loads(row["body"]) for row in rows]
    if to is None:
        return mails
    wanted = to.lower()
    return [mail for mail in mails if any(wanted in address.lower() for address in mail["to"])]


def find_mail(box: Sandbox, mail_id: str) -> Json | None:
    rows = box.store.rows("SELECT body FROM mails WHERE id = ?", mail_id)
    return json.loads(rows[0]["body"]) if rows else None


def keep_mail(box: Sandbox, mail: Json) -> None:
    box.store.execute(
        "INSERT INTO mails (id, created, body) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        mail["id"],
        mail["created_at"],
        json.dumps(mail),
    )


def describe_mail(mail: Json) -> dict[str, Any]:
    """As the control plane shows it: attachments by size, and every link in the text."""
    text = mail["text"] or mail["html"] or ""
    return mail | {
        "attachments": [
            {name: attachment[name] for name in ("filename", "content_type", "size")}
            for attachment in mail["attachments"]
        ],
        "links": [link.rstrip(".,;:!?") for link in _LINK.findall(text)],
    }
