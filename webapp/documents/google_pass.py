"""A link that saves a ticket to Google Wallet. Made here, opened by the buyer: we contact nobody.

Keys and their meaning are those of the "Google Wallet API JWT", EventTicketClass
and EventTicketObject references. The link is an address, so no name and no mail
address of anybody is in it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Shape:
    """How much is told. ``room`` is for each text; a sign that is not ASCII takes six places."""

    room: int = 500
    has_end: bool = False
    has_origins: bool = False
    has_place: bool = True


# The first that is short enough is taken. Origins matter only to Google's own button.
SHAPES: Final = (
    Shape(has_end=True, has_origins=True),
    Shape(has_origins=True),
    Shape(),
    Shape(room=48),
    Shape(room=48, has_place=False),
    Shape(room=24, has_place=False),
)
_ELLIPSIS = "…"


def google_pass_link(
    facts: PassFacts, *, keys: GoogleWalletKeys, origin: str, now: datetime
) -> str:
    """The address that offers to save the ticket. Needs a ticket that opens a door.

    Google makes a class and an object once and keeps them as they were, so each
    is named after what it says: a link that is made after a change makes new ones.
    """
    for shape in SHAPES:
        token = _sign(facts, shape, keys=keys, origin=origin, now=now)
        if len(token) <= LONGEST_JWT:
            break
    return SAVE_URL + token


def _sign(
    facts: PassFacts, shape: Shape, *, keys: GoogleWalletKeys, origin: str, now: datetime
) -> str:
    event = _class(facts, shape)
    digest = hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()[:8]
    class_id = f"{keys.issuer_id}.e{facts.event_id}-{digest}"
    name = f"t{facts.ticket_id}-{facts.holder_no}-{facts.revision}-{digest}"
    claims = {
        "iss": keys.client_email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
        **({"origins": [origin]} if shape.has_origins else {}),
        "payload": {
            "eventTicketClasses": [{"id": class_id, "reviewStatus": "UNDER_REVIEW", **event}],
            "eventTicketObjects": [
                {"id": f"{keys.issuer_id}.{name}", "classId": class_id, **_object(facts, shape)}
            ],
        },
    }
    return jwt.encode(claims, keys.key, algorithm="RS256")


def _object(facts: PassFacts, shape: Shape) -> Mapping[str, Any]:
    return {
        "state": "ACTIVE",
        "ticketNumber": facts.serial_number,
        "ticketType": _text(_clip(facts.tier, shape.room), facts.locale),
        "barcode": {
            "type": "QR_CODE",
            "value": facts.qr_text,
            "alternateText": group_code(facts.code),
        },
    }


def _class(facts: PassFacts, shape: Shape) -> Mapping[str, Any]:
    """The event; Google wants name and address of a place, or neither."""
    starts_at, ends_at = facts.moments[0][0], facts.moments[-1][1]
    moments = {"start": starts_at} | ({"end": ends_at} if shape.has_end else {})
    place = {"name": facts.venue_name, "address": facts.venue_address}
    venue = {name: _text(_clip(text, shape.room), facts.locale) for name, text in place.items()}
    return {
        "issuerName": _clip(facts.organizer, shape.room),
        "eventName": _text(_clip(facts.title, shape.room), facts.locale),
        "dateTime": {name: _stamp(at, facts.time_zone) for name, at in moments.items()},
        **({"venue": venue} if shape.has_place else {}),
    }


def _text(value: str, locale: str) -> Mapping[str, Any]:
    return {"defaultValue": {"language": locale, "value": value}}


def _stamp(moment: datetime, time_zone: str) -> str:
    return moment.astimezone(ZoneInfo(time_zone)).isoformat(timespec="seconds")


def _clip(text: str, room: int) -> str:
    """The beginning of ``text`` that fits into ``room`` places, as JSON writes it."""
    kept = text
    while kept and len(json.dumps(kept)) > room:
        kept = kept[:-1]
    return text if kept == text else kept[:-1].rstrip() + _ELLIPSIS
