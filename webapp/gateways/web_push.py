"""Push services of browsers: encrypted for one browser, signed by us (RFC 8291, RFC 8292).

The only importer of ``pywebpush`` and ``py_vapid``. A page gives us the address
to call, so only hosts of known push services are, and none may send us elsewhere.
"""

import base64
import time
from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import WebPusher as Encryption

from webapp.push_ports import PushGone, PushNotice, PushRefused, PushUnavailable

# Chrome and most of Android, Firefox, Safari, Edge. A dot in front: any host below it.
HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)
MOST_CHARACTERS = 2000
# Push services take a day at most, and clocks differ.
CLAIM_SECONDS = 12 * 3600
TIMEOUTS_SECONDS = (3.05, 5)
LONGEST_PAUSE = timedelta(hours=1)
# The order of the curve P-256: private keys are the numbers below it.
CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class WebPusher:
    """Sends to push services with a key that is derived from the installation's secret.

    Nothing to store and nothing to make: the same secret is the same key. With
    another secret browsers have to subscribe again, which their next look at the
    wallet does. ``test_origin`` is one more place that is called, for tests.
    """

    def __init__(self, *, secret_key: str, contact: str, test_origin: str = "") -> None:
        self._key = _derive_key(secret_key)
        self._contact = f"mailto:{parseaddr(contact)[1]}"
        self._test_origin = test_origin
        self._session = requests.Session()
        self.public_key = _base64url(
            self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        )

    def accepts(self, endpoint: str) -> bool:
        """Whether the address is at a known push service, over TLS and on its usual port."""
        if len(endpoint) > MOST_CHARACTERS or not endpoint.isascii() or not endpoint.isprintable():
            return False
        try:
            parts = urlsplit(endpoint)
            port = parts.port
        except ValueError:
            return False
        if self._test_origin and f"{parts.scheme}://{parts.netloc}" == self._test_origin:
            return True
        host = parts.hostname or ""
        is_plain = port is None and parts.username is None and parts.password is None
        is_known = any(
            host.endswith(each) if each.startswith(".") else host == each for each in HOSTS
        )
        return parts.scheme == "https" and is_plain and is_known and "\\" not in endpoint

    def send(self, notice: PushNotice) -> None:
        """Encrypt and hand over. Raises PushGone, PushRefused or PushUnavailable."""
        if not self.accepts(notice.endpoint):
            raise PushRefused
        keys = {"p256dh": notice.p256dh, "auth": notice.auth}
        encrypted = Encryption({"endpoint": notice.endpoint, "keys": keys}).encode(
            notice.payload.encode(), content_encoding="aes128gcm"
        )
        try:
            answer = self._session.post(
                notice.endpoint,
                data=encrypted["body"],
                headers=self._headers(notice),
                timeout=TIMEOUTS_SECONDS,
                # It would take us wherever somebody likes.
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            raise PushUnavailable from error
        # What it says in words is never read.
        answer.close()
        _judge(answer)

    def _headers(self, notice: PushNotice) -> dict[str, str]:
        parts = urlsplit(notice.endpoint)
        claims = {
            "sub": self._contact,
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time.time()) + CLAIM_SECONDS,
        }
        # Not strict: any address that takes mail is a contact, a short host's too.
        signer = Vapid02(private_key=self._key, conf={"no-strict": True})
        signed: dict[str, str] = signer.sign(claims)
        return signed | {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(max(0, notice.ttl_seconds)),
            "Urgency": notice.urgency,
            "Topic": notice.topic,
        }


def _judge(answer: requests.Response) -> None:
    status = answer.status_code
    if status in {200, 201, 202, 204}:
        return
    # 401 and 403: subscribed with another key than ours of today.
    if status in {401, 403, 404, 410}:
        raise PushGone
    if status == requests.codes.too_many_requests or status >= requests.codes.server_error:
        raise PushUnavailable(_pause(answer.headers.get("Retry-After", "")))
    raise PushRefused


def _pause(retry_after: str) -> timedelta | None:
    if not retry_after.isascii() or not retry_after.isdecimal():
        return None
    return min(LONGEST_PAUSE, timedelta(seconds=min(int(retry_after[:6]), 86_400)))


def _derive_key(secret_key: str) -> ec.EllipticCurvePrivateKey:
    # 16 bytes more than the order has: the remainder is as good as evenly spread.
    derived = HKDF(SHA256(), length=48, salt=None, info=b"yardpass web push").derive(
        secret_key.encode()
    )
    number = int.from_bytes(derived, "big") % (CURVE_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
