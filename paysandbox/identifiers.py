"""Ids that look like the gateway's: a prefix that says what, then something unguessable."""

import secrets

_RANDOM_BYTES = 12


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(_RANDOM_BYTES)}"
