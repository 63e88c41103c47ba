"""Notices of the mail provider, signed by the Svix scheme."""

import json
from collections.abc import Mapping

import resend

from webapp.gateways.notices import storable
from webapp.ports import InvalidNotice, Notice


class ResendNotices:
    """Verifies with the endpoint's signing secret. Implements :class:`webapp.ports.MailNotices`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def read_notice(self, *, body: bytes, headers: Mapping[str, str]) -> Notice:
        """Verify a notice on its raw body; keep ids and reasons, no addresses.

        Raises :class:`InvalidNotice` when it is unsigned, too old, signed with
        another secret, or malformed.
        """
        notice_id = headers.get("svix-id", "")
        try:
            resend.Webhooks.verify(
                {
                    "payload": body.decode(),
                    "headers": {
                        "id": notice_id,
                        "timestamp": headers.get("svix-timestamp", ""),
                        "signature": headers.get("svix-signature", ""),
                    },
                    "webhook_secret": self._secret,
                }
            )
            event = json.loads(body)
            data = event["data"]
            kept = {name: data[name] for name in ("email_id", "tags") if name in data}
            if "bounce" in data:
                kept["bounce"] = _kind_of(data["bounce"])
            return storable(
                Notice(
                    event_id=notice_id,
                    type=str(event["type"]),
                    livemode=None,
                    object_id=str(data.get("email_id", "")),
                    payload={"type": event["type"], "data": kept},
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidNotice("not a signed notice") from error


def _kind_of(bounce: object) -> dict[str, str]:
    """What kind of bounce it was; what the refusing server wrote may repeat the address."""
    told = bounce if isinstance(bounce, dict) else {}
    return {name: told[name] for name in ("type", "subType") if isinstance(told.get(name), str)}
