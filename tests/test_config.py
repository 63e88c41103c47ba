"""Settings: checked at start, each fault a sentence that says what to set."""

import pytest

from webapp.config import SettingsError, read_settings
from webapp.embedded.settings import record_environment

PRODUCTION = {
    "APP_ENV": "production",
    "SITE_URL": "https://tickets.example.org",
    "SECRET_KEY": "5f2b7c1e9a4d8036bb17c2d4e6f8091a",
    "TICKET_SIGNING_KEY": "c04d9b7a61e8f2350b9a7cd1e4f68271",
    "DATABASE_URL": "postgresql+psycopg://yardpass:secret@db.example.org/yardpass",
    "REDIS_URL": "rediss://:secret@redis.example.org:6379/0",
    "STRIPE_SECRET_KEY": "sk_live_example",
    "STRIPE_WEBHOOK_SECRET": "whsec_example",
    "RESEND_API_KEY": "re_example",
    "MAIL_FROM": "Box office <tickets@example.org>",
}


def faults_of(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        read_settings(environ)
    return refusal.value.faults


def test_whole_production_environment_is_accepted():
    settings = read_settings(PRODUCTION)

    assert settings.is_production
    assert settings.livemode
    assert settings.gateway_page_origin == "https://checkout.stripe.com"


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"APP_ENV"}))
def test_production_names_each_setting_that_is_missing(name):
    environ = {key: value for key, value in PRODUCTION.items() if key != name}

    assert [fault for fault in faults_of(environ) if fault.startswith(f"Set {name}")]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"STRIPE_API_BASE": "http://127.0.0.1:8001"}, "Unset STRIPE_API_BASE"),
        ({"RESEND_API_URL": "http://127.0.0.1:8001"}, "Unset RESEND_API_URL"),
        ({"SITE_URL": "tickets.example.org"}, "Set SITE_URL to an absolute address"),
        ({"SITE_URL": "/shop"}, "Set SITE_URL to an absolute address"),
        ({"SITE_URL": "http://tickets.example.org"}, "starts with https://"),
        ({"SITE_URL": "https://example.org/tickets"}, "Set SITE_URL without a path"),
        ({"SECRET_KEY": "short"}, "Set SECRET_KEY to a random text"),
        ({"SECRET_KEY": "a" * 40}, "Set SECRET_KEY to a random text"),
        ({"TICKET_SIGNING_KEY": "short"}, "Set TICKET_SIGNING_KEY to a random text"),
        ({"TICKET_SIGNING_KEY": "a" * 40}, "Set TICKET_SIGNING_KEY to a random text"),
        ({"TICKET_SIGNING_KEY": PRODUCTION["SECRET_KEY"]}, "another text than SECRET_KEY"),
        ({"STRIPE_WEBHOOK_SECRET": " , "}, "Set STRIPE_WEBHOOK_SECRET to a secret"),
        ({"DATABASE_URL": "sqlite:///shop.db"}, "Set DATABASE_URL to a PostgreSQL server"),
    ],
)
def test_production_refuses_what_is_unsafe(change, sentence):
    assert any(sentence in fault for fault in faults_of(PRODUCTION | change))


@pytest.mark.parametrize("word", ["prod", "Production", "test", "staging"])
def test_unknown_kind_of_environment_is_refused_instead_of_taken_for_development(word):
    assert faults_of(PRODUCTION | {"APP_ENV": word}) == [
        f"Set APP_ENV to development or production; it is {word!r}."
    ]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("MAIL_PER_SECOND", "abc", "a number of at least 0.1"),
        ("MAIL_PER_SECOND", "nan", "a number of at least 0.1"),
        ("MAIL_PER_SECOND", "inf", "a number of at least 0.1"),
        ("MAIL_PER_SECOND", "0", "a number of at least 0.1"),
        ("STRIPE_SESSIONS_PER_SECOND", "2.5", "a whole number of at least 1"),
        ("OPEN_CHECKOUTS_PER_CLIENT", "-1", "a whole number of at least 0"),
        ("HELD_PERCENT_PER_CLIENT", "x", "a whole number of at least 0"),
        ("TRUSTED_PROXIES", "x", "a whole number of at least 0"),
        ("WEB_CONCURRENCY", "0", "a whole number of at least 1"),
        ("WEB_THREADS", "many", "a whole number of at least 1"),
    ],
)
def test_number_that_is_none_or_too_small_is_refused_with_a_sentence(name, text, sentence):
    assert faults_of(PRODUCTION | {name: text}) == [f"Set {name} to {sentence}; it is {text!r}."]


def test_numbers_that_are_unset_or_empty_have_defaults():
    settings = read_settings(PRODUCTION | {"TRUSTED_PROXIES": "", "MAIL_PER_SECOND": ""})

    assert (settings.trusted_proxies, settings.mail_per_second) == (0, 2.0)


def test_every_fault_is_told_at_once():
    faults = faults_of(
        PRODUCTION | {"REDIS_URL": "", "TRUSTED_PROXIES": "x", "MAIL_PER_SECOND": "abc"}
    )

    assert [fault.split()[1].rstrip(":") for fault in faults] == [
        "REDIS_URL",
        "MAIL_PER_SECOND",
        "TRUSTED_PROXIES",
    ]


@pytest.mark.parametrize("key", ["sk_live_example", "rk_live_example"])
def test_live_key_never_goes_to_another_host(key):
    environ = PRODUCTION | {
        "APP_ENV": "development",
        "STRIPE_SECRET_KEY": key,
        "STRIPE_API_BASE": "http://127.0.0.1:8001",
    }

    assert any("a live key never goes to another host" in fault for fault in faults_of(environ))


def test_command_in_another_shell_finds_the_servers_of_a_running_supervisor(tmp_path):
    recorded = {key: value for key, value in PRODUCTION.items() if key != "APP_ENV"}
    record_environment(tmp_path, recorded)

    settings = read_settings({"YARDPASS_HOME": str(tmp_path), "MAIL_FROM": "Me <me@example.org>"})

    assert settings.database_url == PRODUCTION["DATABASE_URL"]
    assert settings.mail_from == "Me <me@example.org>"


def test_production_never_takes_the_record_of_a_supervisor(tmp_path):
    record_environment(tmp_path, PRODUCTION)

    assert faults_of({"APP_ENV": "production", "YARDPASS_HOME": str(tmp_path)})


def test_development_without_servers_says_how_to_start_them(tmp_path):
    assert "make run" in faults_of({"YARDPASS_HOME": str(tmp_path)})[0]


def test_organisation_that_is_not_named_is_yardpass():
    for unset in ({}, {"ORGANISATION_NAME": "  "}):
        assert read_settings(PRODUCTION | unset).organisation_name == "Yardpass"


def test_people_who_need_help_write_to_the_sender_of_mail_unless_told_otherwise():
    sender = {"MAIL_FROM": "Box office <tickets@example.com>"}

    assert read_settings(PRODUCTION | sender).support_email == "tickets@example.com"
    named = PRODUCTION | sender | {"SUPPORT_EMAIL": " help@example.com "}
    assert read_settings(named).support_email == "help@example.com"


@pytest.mark.parametrize("address", ["help", "Help <help@example.com>", "a@b.example, c@d.example"])
def test_support_is_one_address_alone(address):
    (fault,) = faults_of(PRODUCTION | {"SUPPORT_EMAIL": address})

    assert fault.startswith("Set SUPPORT_EMAIL to one address alone")


@pytest.mark.parametrize("name", ["Two\nlines", "Harbour\x07", "H" * 81])
def test_organisation_that_fits_on_no_receipt_is_refused(name):
    (fault,) = faults_of(PRODUCTION | {"ORGANISATION_NAME": name})

    assert fault.startswith("Set ORGANISATION_NAME to one line of at most 80 characters")


@pytest.mark.parametrize(
    ("mail_from", "sender"),
    [
        ("tickets@example.org", '"Möwe \\"Süd\\" <e.V.>" <tickets@example.org>'),
        ("<tickets@example.org>", '"Möwe \\"Süd\\" <e.V.>" <tickets@example.org>'),
        ("Box office <tickets@example.org>", "Box office <tickets@example.org>"),
    ],
)
def test_mail_without_a_senders_name_comes_from_the_organisation(mail_from, sender):
    environ = {"MAIL_FROM": mail_from, "ORGANISATION_NAME": 'Möwe "Süd" <e.V.>'}

    assert read_settings(PRODUCTION | environ).mail_sender == sender


def test_two_webhook_secrets_stand_beside_each_other_while_one_is_replaced():
    settings = read_settings(PRODUCTION | {"STRIPE_WEBHOOK_SECRET": "whsec_new, whsec_old"})

    assert settings.stripe_webhook_secrets == ("whsec_new", "whsec_old")
