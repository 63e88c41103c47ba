"""The commands for the keys that sign tickets: ``flask --app webapp keys COMMAND``."""

from datetime import datetime

import click
from flask.cli import with_appcontext

from webapp.domain import signing_keys
from webapp.domain.signing_keys import Keyring, NoKeyNumberLeft, OnlyKey, UnknownKey
from webapp.extensions import key_seal
from webapp.models import SigningKey
from webapp.ports import ports
from webapp.sealing import WrongSeal
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

WRONG_SEAL = (
    "Signing key {key_no} does not open with this TICKET_SIGNING_KEY. Set the text that it was"
    " made with. If that is lost: `flask keys rotate`, then `flask keys retire {key_no}`; printed"
    " tickets of that key stop working, and those on phones follow by themselves."
)


def prepare_keys() -> None:
    """Make the first key if there is none, and let it sign the tickets from before.

    Raises :class:`click.ClickException` when the current key does not open.
    """
    with transaction():
        key = signing_keys.get_current_key(
            seal=key_seal(), now=ports().utc_now(), trace_id=current_trace_id()
        )
        signing_keys.adopt_older_tickets(key_no=_oldest_live().key_no)
    if not _opens(key):
        raise click.ClickException(WRONG_SEAL.format(key_no=key.key_no))


@click.group("keys")
def keys() -> None:
    """The keys that tickets are signed with."""


@keys.command("list")
@with_appcontext
def list_keys() -> None:
    """Show every key: when it was made, what it does, how many tickets name it."""
    ring = signing_keys.read_keyring()
    counts = signing_keys.count_tickets()
    for key in ring.keys:
        made, count = _moment(key.created_at), counts.get(key.key_no, 0)
        print(f"{key.key_no:>3}  made {made}  {_state(key, ring)}  {count} ticket(s)")
    if not ring.keys:
        print("No key can sign: run `flask keys make`.")


@keys.command("make")
@with_appcontext
def make_key() -> None:
    """Make the first key. Safe to repeat: an installation that has one keeps it."""
    prepare_keys()
    key = signing_keys.read_keyring().current
    print(f"Key {key.key_no} signs new tickets.")


@keys.command("rotate")
@with_appcontext
def rotate_keys() -> None:
    """Make another key that signs from now on; tickets of the others stay valid."""
    try:
        with transaction():
            key = signing_keys.make_next_key(
                seal=key_seal(), now=ports().utc_now(), trace_id=current_trace_id()
            )
    except NoKeyNumberLeft:
        raise click.ClickException("All 255 key numbers were given out.") from None
    print(f"Key {key.key_no} signs new tickets. Tickets of the other keys stay valid.")


@keys.command("retire")
@click.argument("key_no", type=int)
@with_appcontext
def retire_key(key_no: int) -> None:
    """Let no code that the key KEY_NO has signed open a door any more."""
    try:
        with transaction():
            is_retired = signing_keys.retire_key(
                key_no=key_no, now=ports().utc_now(), trace_id=current_trace_id()
            )
    except UnknownKey:
        raise click.ClickException(f"There is no key {key_no}. See `flask keys list`.") from None
    except OnlyKey:
        raise click.ClickException(
            f"Key {key_no} is the only one left. Run `flask keys rotate` first."
        ) from None
    if not is_retired:
        print(f"Key {key_no} was retired before.")
        return
    count = signing_keys.count_tickets().get(key_no, 0)
    current = signing_keys.read_keyring().current.key_no
    print(
        f"Key {key_no} is retired. {count} ticket(s) name it: they stay valid, and their pages,"
        f" PDFs and wallets now show codes of key {current}. Prints and screenshots from before"
        " open no door once it has fetched the keys again: tell those who have them."
    )


def _oldest_live() -> SigningKey:
    return signing_keys.read_keyring().signer_of(None)


def _opens(key: SigningKey) -> bool:
    try:
        signing_keys.private_key_of(key, seal=key_seal())
    except WrongSeal:
        return False
    return True


def _state(key: SigningKey, ring: Keyring) -> str:
    if key.retired_at is not None:
        return f"retired {_moment(key.retired_at)}"
    if not _opens(key):
        return "DOES NOT OPEN with this TICKET_SIGNING_KEY"
    return "signs new tickets" if key is ring.current else "valid"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
