"""A link that saves a ticket to Google Wallet. Made here, opened by the buyer: we contact nobody.

Keys and their meaning are those of the "Google Wallet API JWT", EventTicketClass
and EventTicketObject references. The link is an address, so no name and no mail
address of anybody is in it.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import jwt

from webapp.documents.pass_facts import PassFacts
from webapp.documents.qr import group_code
from webapp.pass_ports import GoogleWalletKeys

SAVE_URL: Final = "https://pay.google.com/gp/v/save/"
# Longer ones are cut off by some browsers, says Google's guide to links.
LONGEST_JWT = 1800
SHORTENED = 40
_ELLIPSIS = "…"


def google_pass_link(
    facts: PassFacts, *, keys: GoogleWalletKeys, origin: str, now: datetime
) -> str:
    """The address that offers to save the ticket. Needs a ticket that opens a door.

    Google makes a class and an object once and keeps them as they were, so each
    is named after what it says: a link that is made after a change makes new ones.
    """
    for shorten in (_as_it_is, _clipped, _without_place):
        token = _sign(shorten(facts), facts, keys=keys, origin=origin, now=now)
        if len(token) <= LONGEST_JWT:
            break
    return SAVE_URL + token


def _sign(
    said: Mapping[str, Any],
    facts: PassFacts,
    *,
    keys: GoogleWalletKeys,
    origin: str,
    now: datetime,
) -> str:
    about = json.dumps(said, sort_keys=True).encode()
    class_id = f"{keys.issuer_id}.event-{facts.event_id}-{hashlib.sha256(about).hexdigest()[:12]}"
    claims = {
        "iss": keys.client_email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
        "origins": [origin],
        "payload": {
            "eventTicketClasses": [{"id": class_id, "reviewStatus": "UNDER_REVIEW", **said}],
            "eventTicketObjects": [_object(facts, class_id=class_id, issuer_id=keys.issuer_id)],
        },
    }
    return jwt.encode(claims, keys.key, algorithm="RS256")


def _object(facts: PassFacts, *, class_id: str, issuer_id: str) -> Mapping[str, Any]:
    class_digest = class_id.rpartition("-")[2]
    name = f"{facts.ticket_id}-{facts.holder_no}-{facts.revision}-{class_digest}"
    return {
        "id": f"{issuer_id}.ticket-{name}",
        "classId": class_id,
        "state": "ACTIVE",
        "ticketNumber": facts.serial_number,
        "ticketType": _text(_clip(facts.tier), facts.locale),
        "barcode": {
            "type": "QR_CODE",
            "value": facts.qr_text,
            "alternateText": group_code(facts.code),
        },
    }


def _as_it_is(facts: PassFacts) -> dict[str, Any]:
    return _class(facts, title=facts.title, place=(facts.venue_name, facts.venue_address))


def _clipped(facts: PassFacts) -> dict[str, Any]:
    place = (_clip(facts.venue_name), _clip(facts.venue_address))
    return _class(facts, title=_clip(facts.title), place=place)


def _without_place(facts: PassFacts) -> dict[str, Any]:
    return _class(facts, title=_clip(facts.title), place=None)


def _class(facts: PassFacts, *, title: str, place: tuple[str, str] | None) -> dict[str, Any]:
    """The event; Google wants name and address of a place, or neither."""
    starts_at, ends_at = facts.moments[0][0], facts.moments[-1][1]
    venue = place and {
        "name": _text(place[0], facts.locale),
        "address": _text(place[1], facts.locale),
    }
    return {
        "issuerName": _clip(facts.organizer),
        "eventName": _text(title, facts.locale),
        "dateTime": {
            "start": _stamp(starts_at, facts.time_zone),
            "end": _stamp(ends_at, facts.time_zone),
        },
        **({"venue": venue} if venue else {}),
    }


def _text(value: str, locale: str) -> Mapping[str, Any]:
    return {"defaultValue": {"language": locale, "value": value}}


def _stamp(moment: datetime, time_zone: str) -> str:
    return moment.astimezone(ZoneInfo(time_zone)).isoformat(timespec="seconds")


def _clip(text: str) -> str:
    return text if len(text) <= SHORTENED else text[: SHORTENED - 1] + _ELLIPSIS
