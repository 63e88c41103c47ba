"""Links that a friend gets a ticket by: derived from a row's reference, stored nowhere."""

from sqlalchemy import select

from webapp.database import db
from webapp.errors import NotFound
from webapp.models import Transfer, TransferClaim
from webapp.signing import Signer

_TRANSFER = "transfer-link"
_CLAIM = "transfer-claim"


def seal_transfer_link(signer: Signer, transfer: Transfer) -> str:
    """The text that shows an offer to whoever has it; the same one every time."""
    return _seal(signer, _TRANSFER, transfer.reference)


def open_transfer_link(signer: Signer, sealed: str) -> Transfer:
    """The offer of a link text. Raises :class:`NotFound` when it was altered."""
    query = select(Transfer).where(Transfer.reference == _unseal(signer, _TRANSFER, sealed))
    transfer = db.session.scalars(query).one_or_none()
    if transfer is None:
        raise NotFound
    return transfer


def seal_claim_link(signer: Signer, claim: TransferClaim) -> str:
    """The text that proves the claim's mailbox: it is only ever mailed there."""
    return _seal(signer, _CLAIM, claim.reference)


def open_claim_link(signer: Signer, sealed: str) -> TransferClaim:
    """The claim of a link text. Raises :class:`NotFound` when it was altered."""
    query = select(TransferClaim).where(TransferClaim.reference == _unseal(signer, _CLAIM, sealed))
    claim = db.session.scalars(query).one_or_none()
    if claim is None:
        raise NotFound
    return claim


def _seal(signer: Signer, purpose: str, reference: str) -> str:
    return f"{reference}.{signer.digest(purpose, reference)}"


def _unseal(signer: Signer, purpose: str, sealed: str) -> str:
    reference, _, digest = sealed.partition(".")
    if not digest.isascii() or not signer.matches(purpose, reference, digest):
        raise NotFound
    return reference
