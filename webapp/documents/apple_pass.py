"""A ticket for Apple Wallet, in its order's language.

Keys and their meaning are those of Apple's "Wallet Passes" reference (pass.json,
style eventTicket). Nothing here opens anything but the door: no link to the
order, no address, no price.
"""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import force_locale, gettext

from webapp.documents.pass_facts import PassFacts
from webapp.documents.poster_colours import mix_inks
from webapp.documents.qr import group_code
from webapp.formats import span_text
from webapp.pass_ports import ApplePassKeys

Field = Mapping[str, object]


def apple_pass_content(
    facts: PassFacts, *, serial: str, token: str, service_url: str, keys: ApplePassKeys
) -> Mapping[str, object]:
    """The ``pass.json``. A pass that opens no door carries no code and says why."""
    with force_locale(facts.locale):
        return {
            "formatVersion": 1,
            "passTypeIdentifier": keys.pass_type_identifier,
            "teamIdentifier": keys.team_identifier,
            "serialNumber": serial,
            "authenticationToken": token,
            "webServiceURL": service_url,
            "organizationName": facts.organizer,
            "description": gettext("Ticket for %(event)s", event=facts.title),
            "logoText": facts.organizer,
            **_colours(facts.colour),
            **_moments(facts),
            # Tickets of one event lie together.
            "groupingIdentifier": f"event-{facts.event_id}",
            # Passing a ticket on is a transfer, which ends the former holder's.
            "sharingProhibited": True,
            "voided": bool(facts.why_void),
            **({} if facts.why_void else {"barcodes": [_barcode(facts)]}),
            "eventTicket": _fields(facts),
        }


def _barcode(facts: PassFacts) -> Field:
    return {
        "format": "PKBarcodeFormatQR",
        "message": facts.qr_text,
        "messageEncoding": "iso-8859-1",
        "altText": group_code(facts.code),
    }


def _fields(facts: PassFacts) -> Mapping[str, list[Field]]:
    starts_at = facts.moments[0][0]
    header = [_field("status", gettext("Ticket"), _void_word(facts.why_void))]
    return {
        "headerFields": header if facts.why_void else [],
        "primaryFields": [
            _field("event", gettext("Event"), facts.title, changed=gettext("Now called: %@"))
        ],
        "secondaryFields": [
            _moment_field("starts", gettext("Starts"), starts_at, facts.time_zone),
            _field("venue", gettext("Place"), facts.venue_name, changed=gettext("New place: %@")),
        ],
        "auxiliaryFields": _texts(
            ("tier", gettext("Ticket"), facts.tier),
            ("holder", gettext("Name"), facts.holder),
            ("serial", gettext("Ticket number"), facts.serial_number),
        ),
        "backFields": _texts(
            (
                "times",
                gettext("When"),
                span_text(
                    facts.moments[0][0],
                    facts.moments[-1][1],
                    time_zone=facts.time_zone,
                    locale=facts.locale,
                ),
            ),
            ("address", gettext("Address"), f"{facts.venue_name}\n{facts.venue_address}"),
            ("directions", gettext("Getting there"), facts.venue_note),
            ("order", gettext("Order"), facts.order_number),
            ("page", gettext("The event on the web"), facts.event_url),
        ),
    }


def _void_word(why_void: str) -> str:
    words: dict[str, str] = {
        "given": gettext("Passed on"),
        "replaced": gettext("Replaced"),
        "cancelled": gettext("Event cancelled"),
    }
    return words.get(why_void, str(gettext("No longer valid")))


def _texts(*facts: tuple[str, str, str]) -> list[Field]:
    """(key, label, text) of what there is."""
    return [_field(key, label, text) for key, label, text in facts if text]


def _field(key: str, label: str, value: str, *, changed: str = "") -> Field:
    """``changed`` is what the lock screen says when the value has changed."""
    return {"key": key, "label": label, "value": value} | (
        {"changeMessage": changed} if changed else {}
    )


def _moment_field(key: str, label: str, moment: datetime, time_zone: str) -> Field:
    """A moment as the clocks at the event show it, wherever the phone is."""
    return {
        "key": key,
        "label": label,
        "value": _stamp(moment, time_zone),
        "dateStyle": "PKDateStyleMedium",
        "timeStyle": "PKDateStyleShort",
        "ignoresTimeZone": True,
        "changeMessage": gettext("New start: %@"),
    }


def _moments(facts: PassFacts) -> Mapping[str, object]:
    """When the pass shows itself on the lock screen, and when it is over."""
    zone = facts.time_zone
    return {
        # One moment for older phones, spans for those that know several.
        "relevantDate": _stamp(facts.moments[0][0], zone),
        "relevantDates": [
            {"startDate": _stamp(starts_at, zone), "endDate": _stamp(ends_at, zone)}
            for starts_at, ends_at in facts.moments
        ],
        "expirationDate": _stamp(facts.moments[-1][1], zone),
    }


def _stamp(moment: datetime, time_zone: str) -> str:
    return moment.astimezone(ZoneInfo(time_zone)).isoformat(timespec="seconds")


def _colours(colour: str) -> Mapping[str, str]:
    """Dark ink of the event's colour under light ones: legible whatever the colour."""
    inks = mix_inks(colour, turn=0)
    return {
        "backgroundColor": _rgb(inks.deep),
        "foregroundColor": _rgb(inks.pale),
        "labelColor": _rgb(inks.glow),
    }


def _rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"
