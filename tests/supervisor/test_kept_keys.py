"""The keys that a home makes up for itself, once."""

import json
import stat

from webapp.supervisor.environment import KEYS_FILE, kept_keys

NAMES = {
    "SECRET_KEY",
    "TICKET_SIGNING_KEY",
    "STRIPE_SECRET_KEY",
    "RESEND_API_KEY",
    "RESEND_WEBHOOK_SECRET",
}


def test_keys_are_made_once_and_are_nobody_elses_to_read(tmp_path):
    first = kept_keys(tmp_path)

    assert first.keys() == NAMES
    assert len(set(first.values())) == len(NAMES)
    assert kept_keys(tmp_path) == first
    assert stat.S_IMODE((tmp_path / KEYS_FILE).stat().st_mode) == 0o600


def test_home_from_before_a_key_was_needed_keeps_the_others(tmp_path):
    older = {"SECRET_KEY": "s", "STRIPE_SECRET_KEY": "p", "RESEND_API_KEY": "r"}
    (tmp_path / KEYS_FILE).write_text(json.dumps(older))

    keys = kept_keys(tmp_path)

    assert keys.keys() == NAMES
    assert keys.items() > older.items()
    assert kept_keys(tmp_path) == keys
