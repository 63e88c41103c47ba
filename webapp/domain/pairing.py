"""Pairing codes: eight characters that let another browser have a copy of a wallet, once."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, literal, select
from sqlalchemy.dialects import postgresql

from webapp.database import db
from webapp.domain import wallets
from webapp.domain.tickets import CODE_ALPHABET
from webapp.domain.wallet_refusals import UnknownPairingCode, WalletOfSomeoneElse
from webapp.domain.wallets import Confirmation, KeptIn
from webapp.models import PairingCode, WalletCopy, WalletOrder, WalletTicket
from webapp.signing import Signer

CODE_LENGTH = 8
CODE_LIFETIME = timedelta(minutes=10)
# What the alphabet leaves out because it is misread, read as it was meant.
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


@dataclass(frozen=True, slots=True)
class NewPairingCode:
    """A code as it is shown once; only its digest is kept."""

    text: str
    expires_at: datetime


def make_pairing_code(*, wallet_id: int, signer: Signer, now: datetime) -> NewPairingCode:
    """A new code for a wallet; the one before it ends. ``expires_at`` is ten minutes from now."""
    code = NewPairingCode(
        text="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)),
        expires_at=now + CODE_LIFETIME,
    )
    values = {"code_hash": _digest(signer, code.text), "expires_at": code.expires_at}
    db.session.execute(
        postgresql.insert(PairingCode)
        .values(wallet_id=wallet_id, **values)
        .on_conflict_do_update(index_elements=["wallet_id"], set_=values)
    )
    return code


def redeem_pairing_code(
    *,
    text: str,
    copy: WalletCopy | None,
    confirmation: Confirmation,
    signer: Signer,
    now: datetime,
) -> KeptIn:
    """Give this browser a copy of the wallet that made the code; the code is used up then.

    What the browser kept until now comes along when it is the same person's.
    Raises :class:`UnknownPairingCode`, and :class:`WalletOfSomeoneElse` when it is
    not and nobody has said that it may go; the code still works after that.
    """
    # One DELETE: of many that come at once, one finds the row.
    found = (
        delete(PairingCode)
        .where(PairingCode.code_hash == _digest(signer, text), PairingCode.expires_at > now)
        .returning(PairingCode.wallet_id)
    )
    wallet_id = db.session.scalars(found).one_or_none()
    if wallet_id is None:
        raise UnknownPairingCode
    if copy is None:
        return KeptIn(*wallets.new_copy(wallet_id=wallet_id, now=now))
    if copy.wallet_id == wallet_id:
        return KeptIn(copy)
    wallets.lock_wallets(copy.wallet_id, wallet_id)
    is_replaced = not _is_same_person(copy.wallet_id, wallet_id)
    if is_replaced and confirmation is not Confirmation.REPLACE:
        raise WalletOfSomeoneElse
    if not is_replaced:
        _copy_contents(copy.wallet_id, to=wallet_id)
    wallets.end_copy(copy_id=copy.id)
    return KeptIn(*wallets.new_copy(wallet_id=wallet_id, now=now), is_replaced=is_replaced)


def _is_same_person(own_id: int, other_id: int) -> bool:
    own = wallets.list_persons(wallet_id=own_id)
    return own <= wallets.list_persons(wallet_id=other_id)


def _copy_contents(wallet_id: int, *, to: int) -> None:
    """Let one wallet show what another shows; what it shows already stays as it is."""
    if wallet_id == to:
        return
    for table, columns in (
        (WalletOrder, ["order_id", "link_version", "added_at"]),
        (WalletTicket, ["ticket_id", "holder_no", "added_at"]),
    ):
        source = select(literal(to), *(getattr(table, name) for name in columns)).where(
            table.wallet_id == wallet_id
        )
        db.session.execute(
            postgresql.insert(table)
            .from_select(["wallet_id", *columns], source)
            .on_conflict_do_nothing()
        )


def _digest(signer: Signer, text: str) -> str:
    """Keyed: without the installation's secret, eight characters would be found by trying."""
    typed = "".join(sign for sign in text.upper() if sign.isalnum()).translate(_MISREAD)
    return signer.digest("pairing-code", typed)
