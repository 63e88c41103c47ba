"""Passes for both wallets: signed so that others can check it, and saying what is so."""

import hashlib
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from PIL import Image

from tests.factories import NOW
from tests.pass_certificates import (
    CLIENT_EMAIL,
    ISSUER_ID,
    PASS_TYPE,
    TEAM,
    Authority,
    apple_keys,
    google_keys,
    pem_of_certificate,
)
from webapp.documents.apple_pass import apple_pass_content
from webapp.documents.google_pass import LONGEST_JWT, SAVE_URL, google_pass_link
from webapp.documents.pass_facts import PassFacts
from webapp.documents.pass_package import package_pass
from webapp.documents.pass_pictures import pass_pictures

STARTS_AT = NOW + timedelta(days=30)
FACTS = PassFacts(
    ticket_id=7,
    holder_no=1,
    revision=3,
    why_void="",
    qr_text="0123456789" * 20,
    code="ABCDEFGH12345678",
    tier="Full festival",
    holder="Ada Example",
    serial_number="ALB007",
    order_number="ALB-20270301-0001",
    event_id=4,
    title="A lo Cubano",
    venue_name="The Hall",
    venue_address="1 Example Street, Boulder",
    venue_note="Ring twice",
    time_zone="America/Denver",
    colour="#c2412d",
    moments=[
        (STARTS_AT, STARTS_AT + timedelta(hours=5)),
        (STARTS_AT + timedelta(days=1), STARTS_AT + timedelta(days=1, hours=5)),
    ],
    locale="en",
    organizer="Box office",
    event_url="https://tickets.example.org/e/cubano",
)


def content_of(facts: PassFacts) -> dict:
    return dict(
        apple_pass_content(
            facts,
            serial="7-1",
            token="t" * 64,
            service_url="https://tickets.example.org/passes",
            keys=apple_keys(),
        )
    )


def files_of(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def claims_of(link: str) -> dict:
    token = link.removeprefix(SAVE_URL)
    return jwt.decode(
        token, google_keys().key.public_key(), algorithms=["RS256"], audience="google"
    )


def link_to(facts: PassFacts) -> str:
    # PyJWT knows what time it is, so the frozen clock will not do.
    return google_pass_link(
        facts,
        keys=google_keys(),
        origin="https://tickets.example.org",
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_manifest_names_the_digest_of_every_file(app):
    files = files_of(package_pass(content_of(FACTS), pictures=pass_pictures(), keys=apple_keys()))

    manifest = json.loads(files["manifest.json"])

    assert {"pass.json", "icon.png", "icon@2x.png", "icon@3x.png"} == set(manifest)
    assert set(files) == {*manifest, "manifest.json", "signature"}
    assert {
        name: hashlib.sha1(files[name], usedforsecurity=False).hexdigest() for name in manifest
    } == manifest


@pytest.fixture
def verify(tmp_path):
    """What ``openssl`` says of a signature, with the self-made authority as the trusted one."""

    def run(manifest: bytes, signature: bytes) -> subprocess.CompletedProcess[bytes]:
        for name, data in (
            ("manifest.json", manifest),
            ("signature", signature),
            ("authority.pem", pem_of_certificate(Authority().certificate).encode()),
        ):
            (tmp_path / name).write_bytes(data)
        return subprocess.run(
            [
                *("openssl", "smime", "-verify", "-binary", "-inform", "der", "-in", "signature"),
                *("-content", "manifest.json", "-CAfile", "authority.pem", "-purpose", "any"),
                *("-attime", str(int(NOW.timestamp()))),
            ],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )

    return run


def test_signature_is_good_for_the_manifest_and_for_no_other(app, verify):
    files = files_of(package_pass({"formatVersion": 1}, pictures={}, keys=apple_keys()))

    good = verify(files["manifest.json"], files["signature"])
    other = verify(files["manifest.json"] + b" ", files["signature"])

    assert good.returncode == 0, good.stderr
    assert good.stdout == files["manifest.json"]
    assert other.returncode != 0


def test_signature_is_detached_and_brings_the_intermediate_along(app):
    files = files_of(package_pass({"formatVersion": 1}, pictures={}, keys=apple_keys()))

    assert files["manifest.json"] not in files["signature"]
    assert b"Example Intermediate" in files["signature"]
    # The object identifier of the moment of signing, which Apple asks for.
    assert bytes.fromhex("06092a864886f70d010905") in files["signature"]


def test_pass_names_its_type_its_team_and_where_to_ask(app):
    content = content_of(FACTS)

    assert content["formatVersion"] == 1
    assert (content["passTypeIdentifier"], content["teamIdentifier"]) == (PASS_TYPE, TEAM)
    assert content["serialNumber"] == "7-1"
    assert content["webServiceURL"] == "https://tickets.example.org/passes"
    assert len(content["authenticationToken"]) >= 16
    assert content["sharingProhibited"] is True
    assert content["voided"] is False


def test_barcode_is_the_tickets_own_text_with_the_code_to_read_aloud(app):
    assert content_of(FACTS)["barcodes"] == [
        {
            "format": "PKBarcodeFormatQR",
            "message": FACTS.qr_text,
            "messageEncoding": "iso-8859-1",
            "altText": "ABCD EFGH 1234 5678",
        }
    ]


def test_times_are_the_events_own_and_the_pass_ends_with_its_last_day(app):
    content = content_of(FACTS)

    assert content["relevantDate"] == "2027-03-31T12:00:00-06:00"
    assert [each["startDate"] for each in content["relevantDates"]] == [
        "2027-03-31T12:00:00-06:00",
        "2027-04-01T12:00:00-06:00",
    ]
    assert content["expirationDate"] == "2027-04-01T17:00:00-06:00"


@pytest.mark.parametrize(
    ("why_void", "word"),
    [
        ("void", "No longer valid"),
        ("given", "Passed on"),
        ("replaced", "Replaced"),
        ("cancelled", "Event cancelled"),
    ],
)
def test_pass_that_opens_no_door_says_why_and_has_no_code(app, why_void, word):
    content = content_of(replace(FACTS, why_void=why_void, qr_text="", code="", holder=""))

    assert content["voided"] is True
    assert "barcodes" not in content
    assert content["eventTicket"]["headerFields"][0]["value"] == word
    assert "Ada" not in json.dumps(content)


def test_a_moved_event_is_told_on_the_lock_screen(app):
    starts, venue = content_of(FACTS)["eventTicket"]["secondaryFields"]

    assert "%@" in starts["changeMessage"]
    assert "%@" in venue["changeMessage"]
    assert starts["ignoresTimeZone"] is True


def test_keys_of_fields_are_each_used_once(app):
    fields = content_of(FACTS)["eventTicket"]
    keys = [field["key"] for group in fields.values() for field in group]

    assert len(keys) == len(set(keys))


def test_icons_have_the_sides_that_screens_want():
    sides = {name: Image.open(io.BytesIO(data)).size for name, data in pass_pictures().items()}

    assert sides == {"icon.png": (29, 29), "icon@2x.png": (58, 58), "icon@3x.png": (87, 87)}


def test_google_link_is_signed_by_the_service_account_for_google():
    claims = claims_of(link_to(FACTS))

    assert claims["iss"] == CLIENT_EMAIL
    assert claims["typ"] == "savetowallet"
    ticket = claims["payload"]["eventTicketObjects"][0]
    event = claims["payload"]["eventTicketClasses"][0]
    assert ticket["classId"] == event["id"]
    assert ticket["id"].startswith(f"{ISSUER_ID}.t7-1-3-")
    assert ticket["state"] == "ACTIVE"
    assert event["reviewStatus"] == "UNDER_REVIEW"


def test_google_barcode_is_the_tickets_own_text():
    ticket = claims_of(link_to(FACTS))["payload"]["eventTicketObjects"][0]

    assert ticket["barcode"] == {
        "type": "QR_CODE",
        "value": FACTS.qr_text,
        "alternateText": "ABCD EFGH 1234 5678",
    }


def test_google_link_names_nobody():
    assert "Ada" not in json.dumps(claims_of(link_to(FACTS)))


def test_google_link_after_a_change_makes_a_new_ticket_there():
    before = claims_of(link_to(FACTS))["payload"]
    moved = [(start + timedelta(hours=1), end) for start, end in FACTS.moments]
    after = claims_of(link_to(replace(FACTS, moments=moved)))["payload"]

    assert before["eventTicketClasses"][0]["id"] != after["eventTicketClasses"][0]["id"]
    assert before["eventTicketObjects"][0]["id"] != after["eventTicketObjects"][0]["id"]


@pytest.mark.parametrize("sign", ["a", "ü", "票"])
def test_google_link_is_never_longer_than_browsers_take(sign):
    wordy = replace(
        FACTS,
        title=sign * 300,
        venue_name=sign * 300,
        venue_address=sign * 300,
        tier=sign * 300,
        organizer=sign * 300,
    )

    link = link_to(wordy)

    assert len(link.removeprefix(SAVE_URL)) <= LONGEST_JWT
    payload = claims_of(link)["payload"]
    assert payload["eventTicketObjects"][0]["barcode"]["value"] == FACTS.qr_text
    assert payload["eventTicketClasses"][0]["eventName"]["defaultValue"]["value"][-1] == "…"


def test_google_link_of_an_ordinary_event_tells_everything_in_full():
    event = claims_of(link_to(FACTS))["payload"]["eventTicketClasses"][0]

    assert len(link_to(FACTS).removeprefix(SAVE_URL)) <= LONGEST_JWT
    assert event["eventName"]["defaultValue"] == {"language": "en", "value": "A lo Cubano"}
    assert event["venue"]["address"]["defaultValue"]["value"] == "1 Example Street, Boulder"
    assert claims_of(link_to(FACTS))["origins"] == ["https://tickets.example.org"]
    assert event["dateTime"]["start"] == "2027-03-31T12:00:00-06:00"
