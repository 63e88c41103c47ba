"""Resend, the only importer of ``resend``: one mail at a time, once per key."""

import base64
import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NoReturn, cast

import requests
import resend
from resend.exceptions import ResendError
from resend.http_client import HTTPClient

from webapp.ports import Attachment, MailMessage, MailRefused, MailUnavailable

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10
LONGEST_PAUSE = timedelta(hours=1)
# Tag names and values are limited to these signs.
_NOT_IN_TAGS = re.compile(r"[^A-Za-z0-9_-]")
# The key was taken before with another body: composed again, a mail carries a
# fresh link. The buyer has the first one.
_SENT_BEFORE = "invalid_idempotent_request"
_IN_FLIGHT = "concurrent_idempotent_requests"


class _KeptClient(HTTPClient):
    """The SDK's way out, on a connection that stays open; its own client makes one a mail."""

    def __init__(self, *, timeout: int) -> None:
        self._session = requests.Session()
        self._timeout = timeout

    def request(  # noqa: PLR0917 - the SDK's own signature
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        json: dict[str, object] | list[object] | None = None,
        files: dict[str, Any] | None = None,
        data: dict[str, str] | None = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Body, status and headers of the answer. Raises ``RuntimeError`` for none, as agreed."""
        try:
            answer = self._session.request(
                method,
                url,
                headers=headers,
                json=json,
                files=files,
                data=data,
                timeout=self._timeout,
            )
        except requests.RequestException as error:
            raise RuntimeError(type(error).__name__) from error
        return answer.content, answer.status_code, answer.headers


class ResendMailer:
    """One Resend account. Implements :class:`webapp.ports.Mailer`.

    The SDK keeps its settings in globals, so there is one account a process.
    """

    def __init__(
        self,
        *,
        api_key: str,
        sender: str,
        api_url: str | None = None,
        timeout_seconds: int = TIMEOUT_SECONDS,
    ) -> None:
        self._sender = sender
        resend.api_key = api_key
        if api_url:
            resend.api_url = api_url
        resend.default_http_client = _KeptClient(timeout=timeout_seconds)

    def send(self, message: MailMessage) -> str:
        """Hand the message over and return the provider's id, empty if it had the key before.

        Raises :class:`MailUnavailable`, with the pause that the provider asked
        for if it named one, or :class:`MailRefused`.
        """
        params: dict[str, Any] = {
            "from": self._sender,
            "to": [message.to],
            "subject": message.subject,
            "html": message.html,
            "text": message.text,
        }
        if message.attachments:
            params["attachments"] = [_attachment(file) for file in message.attachments]
        if message.tags:
            params["tags"] = [
                {"name": _NOT_IN_TAGS.sub("_", name), "value": _NOT_IN_TAGS.sub("_", value)}
                for name, value in message.tags.items()
            ]
        try:
            answer = resend.Emails.send(
                cast("resend.Emails.SendParams", params),
                {"idempotency_key": message.idempotency_key},
            )
        except ResendError as error:
            if error.error_type == _SENT_BEFORE:
                log.info("mail was sent before")
                return ""
            _translate(error)
        return str(answer["id"])


def _attachment(file: Attachment) -> dict[str, str]:
    return {
        "filename": file.filename,
        "content": base64.b64encode(file.content).decode(),
        "content_type": file.content_type,
    }


def _translate(error: ResendError) -> NoReturn:
    """Raise our own kind of failure. The SDK's texts may repeat the address: they are dropped."""
    status = int(error.code) if str(error.code).isdigit() else 0
    facts = {"gateway_status": status, "gateway_code": error.error_type}
    # A wrong key (401, 403) is put right by the operator, and the mail then goes.
    may_pass = status in {0, 401, 403, 429} or status >= 500  # noqa: PLR2004 - HTTP
    if may_pass or error.error_type == _IN_FLIGHT:
        log.warning("mail provider unavailable", extra=facts)
        raise MailUnavailable(error.error_type, retry_after=_pause(error)) from None
    log.error("mail provider refused", extra=facts)
    raise MailRefused(error.error_type) from None


def _pause(error: ResendError) -> timedelta | None:
    headers = {name.lower(): value for name, value in error.headers.items()}
    seconds = headers.get("retry-after", "").strip()
    if not seconds.isdigit():
        return None
    return min(timedelta(seconds=int(seconds)), LONGEST_PAUSE)
