"""What a mail may hold when it is handed in, and the refusal of what it may not."""

import base64
import mimetypes
import re
from typing import Any

from paysandbox.errors import ApiError
from paysandbox.store import Json

MAX_RECIPIENTS = 50
_FIELDS = {
    "from",
    "to",
    "subject",
    "bcc",
    "cc",
    "reply_to",
    "html",
    "text",
    "template",
    "headers",
    "scheduled_at",
    "attachments",
    "tags",
    "topic_id",
}
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")


class MailRefusal(ApiError):
    """Resend's error shape: ``{"statusCode", "name", "message"}``."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(status, message)
        self.envelope = {"statusCode": status, "name": name, "message": message}


def check_fields(wanted: Any) -> None:
    if not isinstance(wanted, dict):
        raise MailRefusal(422, "validation_error", "Every email must be an object")
    unknown = set(wanted) - _FIELDS
    if unknown:
        raise MailRefusal(422, "validation_error", f"Unknown field: {', '.join(sorted(unknown))}")
    for name in ("from", "to", "subject"):
        if not wanted.get(name):
            raise MailRefusal(422, "missing_required_field", f"Missing `{name}` field.")
    if not (wanted.get("html") or wanted.get("text")):
        raise MailRefusal(422, "validation_error", "Missing `html` or `text` field.")
    for address in (wanted["from"], *parse_addresses(wanted["to"])):
        if "@" not in address or "\n" in address:
            raise MailRefusal(422, "validation_error", f"Invalid address: {address}")
    _check_tags(wanted.get("tags") or [])
    if len(parse_addresses(wanted["to"])) > MAX_RECIPIENTS:
        raise MailRefusal(422, "validation_error", f"At most {MAX_RECIPIENTS} recipients")


def _check_tags(tags: list[Json]) -> None:
    for tag in tags:
        if not all(_TAG.fullmatch(str(tag.get(part, ""))) for part in ("name", "value")):
            raise MailRefusal(
                422,
                "validation_error",
                "Tags should only contain ASCII letters, numbers, underscores, or dashes.",
            )


def parse_addresses(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(address) for address in value]


def _decode(content: str) -> bytes:
    return base64.b64decode("".join(content.split()), validate=True)


def parse_attachment(item: Json) -> Json:
    """Content comes as base64 or as a list of bytes; a remote ``path`` is not fetched."""
    content = item.get("content") or ""
    try:
        data = bytes(content) if isinstance(content, list) else _decode(content)
    except ValueError as error:
        raise MailRefusal(422, "invalid_attachment", "Attachment content is broken") from error
    filename = str(item.get("filename") or "attachment")
    guessed = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    return {
        "filename": filename,
        "content_type": item.get("content_type") or guessed,
        "size": len(data),
        "content": base64.b64encode(data).decode(),
    }
