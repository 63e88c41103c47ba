"""The settings of Apple Wallet and Google Wallet passes: all of one kind, or none.

What is half-set, unreadable or does not fit together stops the start: a pass
that a phone refuses without a word is found out by nobody but the buyer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, NameOID, ObjectIdentifier, load_pem_x509_certificate

from webapp.pass_ports import ApplePassKeys, GoogleWalletKeys

APPLE_PUSH_URL: Final = "https://api.push.apple.com"
APPLE: Mapping[str, str] = {
    "APPLE_PASS_TYPE_IDENTIFIER": "the pass type, such as pass.org.example.tickets",
    "APPLE_PASS_TEAM_IDENTIFIER": "the ten characters of your team at Apple",
    "APPLE_PASS_CERTIFICATE": "the certificate of the pass type, PEM text or a file",
    "APPLE_PASS_KEY": "the private key of that certificate, PEM text or a file",
    "APPLE_PASS_WWDR_CERTIFICATE": "Apple's intermediate certificate, PEM text or a file",
}
GOOGLE: Mapping[str, str] = {
    "GOOGLE_WALLET_ISSUER_ID": "the issuer id of your Google Wallet account",
    "GOOGLE_WALLET_SERVICE_ACCOUNT": "the service account's key, JSON text or a file",
}


class _Unreadable(Exception):
    """The text says what is wrong with one setting, without repeating its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassSettings:
    """What the environment says of passes. ``apple_push_url`` is another host in tests."""

    apple: ApplePassKeys | None = None
    google: GoogleWalletKeys | None = None
    apple_push_url: str = APPLE_PUSH_URL


def read_pass_settings(values: Mapping[str, str]) -> PassSettings:
    """The settings as far as they can be read; :func:`pass_faults` says what is wrong."""
    try:
        apple = _read_apple(values) if _is_complete(values, APPLE) else None
        google = _read_google(values) if _is_complete(values, GOOGLE) else None
    except _Unreadable:
        return PassSettings()
    push_url = values.get("APPLE_PASS_PUSH_URL") or APPLE_PUSH_URL
    return PassSettings(apple=apple, google=google, apple_push_url=push_url.rstrip("/"))


def pass_faults(values: Mapping[str, str], *, is_production: bool) -> list[str]:
    """What is half-set, unreadable, or refused in production."""
    faults = _missing(values, APPLE) + _missing(values, GOOGLE)
    if values.get("APPLE_PASS_PUSH_URL"):
        if is_production:
            faults.append("Unset APPLE_PASS_PUSH_URL: production talks to Apple's own host only.")
        elif urlsplit(values["APPLE_PASS_PUSH_URL"]).scheme != "https":
            faults.append("Set APPLE_PASS_PUSH_URL to an address that starts with https://.")
    for names, read in ((APPLE, _read_apple), (GOOGLE, _read_google)):
        if _is_complete(values, names):
            try:
                read(values)
            except _Unreadable as fault:
                faults.append(str(fault))
    return faults


def _is_complete(values: Mapping[str, str], names: Mapping[str, str]) -> bool:
    return all(values.get(name) for name in names)


def _missing(values: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    """The settings that are wanted because others of their kind are set."""
    missing = [name for name in names if not values.get(name)]
    if len(missing) in {0, len(names)}:
        return []
    others = next(name for name in names if values.get(name))
    return [f"Set {name}: {names[name]}; or unset {others}." for name in missing]


def _read_apple(values: Mapping[str, str]) -> ApplePassKeys:
    certificate = _certificate(values, "APPLE_PASS_CERTIFICATE")
    intermediate = _certificate(values, "APPLE_PASS_WWDR_CERTIFICATE")
    key = _private_key(
        _text(values, "APPLE_PASS_KEY"),
        name="APPLE_PASS_KEY",
        password=values.get("APPLE_PASS_KEY_PASSWORD") or "",
    )
    keys = ApplePassKeys(
        pass_type_identifier=values["APPLE_PASS_TYPE_IDENTIFIER"],
        team_identifier=values["APPLE_PASS_TEAM_IDENTIFIER"],
        certificate=certificate,
        key=key,
        intermediate=intermediate,
    )
    _check_fit(keys)
    return keys


def _check_fit(keys: ApplePassKeys) -> None:
    """Raise for parts that belong to different passes: a phone would refuse the pass."""
    if keys.key.public_key() != keys.certificate.public_key():
        raise _Unreadable("Set APPLE_PASS_KEY to the key that APPLE_PASS_CERTIFICATE was made for.")
    try:
        keys.certificate.verify_directly_issued_by(keys.intermediate)
    except (ValueError, TypeError, InvalidSignature):
        raise _Unreadable(
            "Set APPLE_PASS_WWDR_CERTIFICATE to the certificate that issued "
            "APPLE_PASS_CERTIFICATE; its name stands there as the issuer."
        ) from None
    for name, oid, expected in (
        ("APPLE_PASS_TYPE_IDENTIFIER", NameOID.USER_ID, keys.pass_type_identifier),
        (
            "APPLE_PASS_TEAM_IDENTIFIER",
            NameOID.ORGANIZATIONAL_UNIT_NAME,
            keys.team_identifier,
        ),
    ):
        named = _named_in(keys.certificate, oid)
        if named and expected not in named:
            raise _Unreadable(f"Set {name} to {named[0]}: so it stands in APPLE_PASS_CERTIFICATE.")


def _named_in(certificate: Certificate, oid: ObjectIdentifier) -> list[str]:
    return [str(each.value) for each in certificate.subject.get_attributes_for_oid(oid)]


def _read_google(values: Mapping[str, str]) -> GoogleWalletKeys:
    name = "GOOGLE_WALLET_SERVICE_ACCOUNT"
    try:
        account = json.loads(_text(values, name))
        email, pem = account["client_email"], account["private_key"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _Unreadable(
            f"Set {name} to the JSON key of a service account, as Google's console saves it."
        ) from None
    key = _private_key(str(pem), name=name, password="")
    if not isinstance(key, RSAPrivateKey):
        raise _Unreadable(f"Set {name} to a service account with an RSA key.")
    issuer_id = values["GOOGLE_WALLET_ISSUER_ID"]
    if not issuer_id.isascii() or not issuer_id.isdigit():
        raise _Unreadable("Set GOOGLE_WALLET_ISSUER_ID to a number, as Google's console shows it.")
    return GoogleWalletKeys(issuer_id=issuer_id, client_email=str(email), key=key)


def _certificate(values: Mapping[str, str], name: str) -> Certificate:
    try:
        return load_pem_x509_certificate(_text(values, name).encode())
    except ValueError:
        raise _Unreadable(
            f"Set {name} to a certificate in PEM form: `openssl x509 -inform der -in FILE` makes "
            "one of a .cer file."
        ) from None


def _private_key(pem: str, *, name: str, password: str) -> RSAPrivateKey | EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password.encode() or None)
    except TypeError:
        raise _Unreadable(
            f"Set {name}_PASSWORD: exactly when the key is kept with a password."
        ) from None
    except ValueError:
        raise _Unreadable(
            f"Set {name} to a private key in PEM form, and the password if it has one."
        ) from None
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise _Unreadable(f"Set {name} to an RSA or EC key.")
    return key


def _text(values: Mapping[str, str], name: str) -> str:
    """The setting itself when it is the text, else what the file that it names holds."""
    value = values[name].strip()
    if value.startswith(("-----BEGIN", "{")):
        # A text in one line, as some hosts keep their settings.
        return value.replace("\\n", "\n") if value.startswith("-") else value
    try:
        return Path(value).read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise _Unreadable(
            f"Set {name} to a text that begins with -----BEGIN or {{, or to a file that this "
            "process may read."
        ) from None
