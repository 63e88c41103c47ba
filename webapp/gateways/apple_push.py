"""Apple's push service: an empty push that makes a phone ask us what changed."""

import logging
import ssl
import tempfile
from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import httpx
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from webapp.pass_ports import ApplePassKeys, PassPhoneGone, PassPushUnavailable

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
# Apple's words for a token that will never work again, besides the status 410.
GONE_REASONS = frozenset({"BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered"})


class ApplePusher:
    """Implements :class:`webapp.pass_ports.PassPusher` over HTTP/2, with the pass's certificate.

    ``trust`` makes the TLS context that is believed in; the system's own
    authorities by default. Opens no connection before the first push.
    """

    def __init__(
        self,
        keys: ApplePassKeys,
        *,
        base_url: str,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._keys = keys
        self._base_url = base_url
        self._trust = trust

    def push(self, push_token: str) -> None:
        """Wake one phone: an empty JSON object, as Wallet wants it."""
        try:
            answer = self._client.post(
                f"/3/device/{quote(push_token, safe='')}",
                json={},
                headers={
                    "apns-topic": self._keys.pass_type_identifier,
                    "apns-push-type": "background",
                    "apns-priority": "5",
                },
            )
        except (httpx.HTTPError, ssl.SSLError) as fault:
            log.warning("push failed", extra={"error_class": type(fault).__name__})
            raise PassPushUnavailable from None
        if answer.status_code == HTTPStatus.OK:
            return
        reason = _reason_of(answer)
        if answer.status_code == HTTPStatus.GONE or reason in GONE_REASONS:
            raise PassPhoneGone
        log.warning(
            "push refused", extra={"gateway_status": answer.status_code, "gateway_code": reason}
        )
        raise PassPushUnavailable

    def close(self) -> None:
        """Leave the service; the next push comes back."""
        self._client.close()
        del self._client

    @cached_property
    def _client(self) -> httpx.Client:
        context = self._trust()
        load_identity(context, self._keys)
        return httpx.Client(
            base_url=self._base_url, http2=True, verify=context, timeout=TIMEOUT_SECONDS
        )


def load_identity(context: ssl.SSLContext, keys: ApplePassKeys) -> None:
    """Let ``context`` show the pass's certificate.

    Python's TLS reads keys from files only: this one is our own alone and gone at once.
    """
    pem = keys.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for certificate in (keys.certificate, keys.intermediate):
        pem += certificate.public_bytes(Encoding.PEM)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "identity.pem"
        path.touch(mode=0o600)
        path.write_bytes(pem)
        context.load_cert_chain(path)


def _reason_of(answer: httpx.Response) -> str:
    """Apple's word for what is wrong, empty when it gave none."""
    try:
        said = answer.json()
    except ValueError:
        return ""
    reason = said.get("reason") if isinstance(said, dict) else None
    return reason[:40] if isinstance(reason, str) else ""
