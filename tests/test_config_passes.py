"""Settings of passes: all of one kind or none, readable, and fitting together."""

import json

import pytest

from tests.pass_certificates import (
    CLIENT_EMAIL,
    ISSUER_ID,
    PASS_TYPE,
    TEAM,
    Authority,
    pem_of_certificate,
    pem_of_key,
)
from webapp.config_passes import APPLE, GOOGLE, PassSettings, pass_faults, read_pass_settings

AUTHORITY = Authority()
APPLE_SET = {
    "APPLE_PASS_TYPE_IDENTIFIER": PASS_TYPE,
    "APPLE_PASS_TEAM_IDENTIFIER": TEAM,
    "APPLE_PASS_CERTIFICATE": pem_of_certificate(AUTHORITY.pass_certificate()),
    "APPLE_PASS_KEY": pem_of_key("pass"),
    "APPLE_PASS_WWDR_CERTIFICATE": pem_of_certificate(AUTHORITY.certificate),
}
GOOGLE_SET = {
    "GOOGLE_WALLET_ISSUER_ID": ISSUER_ID,
    "GOOGLE_WALLET_SERVICE_ACCOUNT": json.dumps(
        {"client_email": CLIENT_EMAIL, "private_key": pem_of_key("google")}
    ),
}


def faults_of(values) -> list[str]:
    return pass_faults(values, is_production=True)


def test_nothing_set_means_no_passes_and_no_fault():
    assert faults_of({}) == []
    assert read_pass_settings({}) == PassSettings()


def test_whole_settings_are_read():
    values = APPLE_SET | GOOGLE_SET

    settings = read_pass_settings(values)

    assert faults_of(values) == []
    assert settings.apple is not None
    assert settings.apple.pass_type_identifier == PASS_TYPE
    assert settings.google is not None
    assert settings.google.client_email == CLIENT_EMAIL
    assert settings.apple_push_url == "https://api.push.apple.com"


def test_files_serve_as_well_as_texts(tmp_path):
    values = dict(APPLE_SET | GOOGLE_SET)
    for name in ("APPLE_PASS_CERTIFICATE", "APPLE_PASS_KEY", "GOOGLE_WALLET_SERVICE_ACCOUNT"):
        path = tmp_path / name
        path.write_text(values[name])
        values[name] = str(path)

    assert faults_of(values) == []
    assert read_pass_settings(values).apple is not None


def test_text_in_one_line_is_read():
    folded = APPLE_SET["APPLE_PASS_KEY"].replace("\n", "\\n")

    assert faults_of(APPLE_SET | {"APPLE_PASS_KEY": folded}) == []


@pytest.mark.parametrize("missing", [*APPLE, *GOOGLE])
def test_half_set_names_what_is_missing(missing):
    values = {name: text for name, text in (APPLE_SET | GOOGLE_SET).items() if name != missing}

    faults = faults_of(values)

    assert len(faults) == 1
    assert faults[0].startswith(f"Set {missing}: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APPLE_PASS_CERTIFICATE", "/nowhere/pass.pem"),
        ("APPLE_PASS_CERTIFICATE", "-----BEGIN CERTIFICATE-----\nrubbish"),
        ("APPLE_PASS_KEY", "-----BEGIN PRIVATE KEY-----\nrubbish"),
        ("APPLE_PASS_KEY", pem_of_key("stranger")),
        ("APPLE_PASS_WWDR_CERTIFICATE", pem_of_certificate(Authority("Another").certificate)),
        ("APPLE_PASS_TYPE_IDENTIFIER", "pass.org.example.other"),
        ("APPLE_PASS_TEAM_IDENTIFIER", "SOMEBODY12"),
        ("GOOGLE_WALLET_ISSUER_ID", "example"),
        ("GOOGLE_WALLET_SERVICE_ACCOUNT", "{}"),
        ("GOOGLE_WALLET_SERVICE_ACCOUNT", "{not json"),
    ],
)
def test_what_cannot_be_read_or_does_not_fit_is_named_and_not_repeated(name, value):
    faults = faults_of(APPLE_SET | GOOGLE_SET | {name: value})

    assert len(faults) == 1
    assert f"Set {name}" in faults[0]
    assert "rubbish" not in faults[0]


def test_key_with_a_password_needs_it():
    locked = APPLE_SET | {"APPLE_PASS_KEY": pem_of_key("pass", password="hunter22")}

    assert faults_of(locked | {"APPLE_PASS_KEY_PASSWORD": "hunter22"}) == []
    assert "APPLE_PASS_KEY_PASSWORD" in faults_of(locked)[0]
    assert "the password" in faults_of(locked | {"APPLE_PASS_KEY_PASSWORD": "wrong"})[0]


def test_production_pushes_to_apple_only():
    values = APPLE_SET | {"APPLE_PASS_PUSH_URL": "https://localhost:8443"}

    assert "Unset APPLE_PASS_PUSH_URL" in faults_of(values)[0]
    assert pass_faults(values, is_production=False) == []
    assert read_pass_settings(values).apple_push_url == "https://localhost:8443"


def test_keys_are_in_no_text_of_the_settings():
    assert "PRIVATE KEY" not in repr(read_pass_settings(APPLE_SET | GOOGLE_SET))
