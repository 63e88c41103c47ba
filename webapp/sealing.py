"""Secrets at rest: encrypted with a key that only the environment knows."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
KEY_BYTES = 32
_PURPOSE = b"yardpass signing-key seed 1"


class WrongSeal(Exception):
    """What was sealed cannot be opened: another secret, another place, or altered."""


@dataclass(frozen=True, slots=True)
class KeySeal:
    """Seals the seeds of signing keys with AES-256-GCM; ``secret`` is TICKET_SIGNING_KEY."""

    secret: str = field(repr=False)

    def seal(self, seed: bytes, *, key_no: int) -> bytes:
        """``seed`` encrypted for the row ``key_no``: nonce, then ciphertext with its tag."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, seed, _place(key_no))

    def unseal(self, sealed: bytes, *, key_no: int) -> bytes:
        """The seed again. Raises :class:`WrongSeal`."""
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher().decrypt(nonce, ciphertext, _place(key_no))
        except (InvalidTag, ValueError) as error:
            raise WrongSeal(f"the seed of signing key {key_no} cannot be opened") from error

    def _cipher(self) -> AESGCM:
        derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_PURPOSE)
        return AESGCM(derivation.derive(self.secret.encode()))


def _place(key_no: int) -> bytes:
    """Bound to its row: a seed that is moved to another number does not open."""
    return f"signing-key/{key_no}".encode()
