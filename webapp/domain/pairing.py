"""Pairing codes: eight characters that let another browser have a copy of a wallet, once."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, select
from sqlalchemy.dialects import postgresql

from webapp.database import db
from webapp.domain import wallet_credentials, wallets
from webapp.domain.browser_names import NAMELESS, BrowserName
from webapp.domain.ticket_grants import granted_to
from webapp.domain.tickets import CODE_ALPHABET
from webapp.domain.wallets import Confirmation, KeptIn
from webapp.models import Order, PairingCode, Ticket, WalletCopy, WalletOrder
from webapp.signing import Signer
from webapp.wallet_refusals import UnknownPairingCode, WalletOfSomeoneElse

CODE_LENGTH = 8
CODE_LIFETIME = timedelta(minutes=10)
# What the alphabet leaves out because it is misread, read as it was meant.
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


@dataclass(frozen=True, slots=True)
class NewPairingCode:
    """A code as it is shown once; only its digest is kept."""

    text: str
    expires_at: datetime


def make_pairing_code(*, copy: WalletCopy, signer: Signer, now: datetime) -> NewPairingCode:
    """A new code for a copy's wallet; the one before it ends. ``expires_at`` is in ten minutes.

    Raises :class:`WalletNotConnected` when the copy has ended: a phone that was
    removed lets nobody in, least of all itself.
    """
    wallets.lock_copy(copy)
    code = NewPairingCode(
        text="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)),
        expires_at=now + CODE_LIFETIME,
    )
    values = {"code_hash": _digest(signer, code.text), "expires_at": code.expires_at}
    db.session.execute(
        postgresql.insert(PairingCode)
        .values(wallet_id=copy.wallet_id, **values)
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
    browser: BrowserName = NAMELESS,
) -> KeptIn:
    """Give this browser a copy of the wallet that made the code; the code is used up then.

    What this browser kept until now never goes into that wallet: whoever talks
    somebody into entering a code must not get their tickets. Raises
    :class:`UnknownPairingCode`, and :class:`WalletOfSomeoneElse` when something
    would go from here and nobody has said that it may; the code still works then.
    ``browser`` is what the new copy is called.
    """
    of_code = (PairingCode.code_hash == _digest(signer, text)) & (PairingCode.expires_at > now)
    wallet_id = db.session.scalar(select(PairingCode.wallet_id).where(of_code))
    if wallet_id is None:
        raise UnknownPairingCode
    # Wallets first, as whoever removes a copy does, and its code with it.
    wallets.lock_wallets(wallet_id, copy.wallet_id if copy else wallet_id)
    # One DELETE: of many that come at once, one finds the row.
    found = delete(PairingCode).where(of_code).returning(PairingCode.wallet_id)
    if db.session.scalars(found).one_or_none() != wallet_id:
        raise UnknownPairingCode
    if copy is None:
        return KeptIn(*wallet_credentials.new_copy(wallet_id=wallet_id, now=now, browser=browser))
    if copy.wallet_id == wallet_id:
        return KeptIn(copy)
    is_replaced = not _shows_all_of(copy.wallet_id, other_id=wallet_id)
    if is_replaced and confirmation is not Confirmation.REPLACE:
        raise WalletOfSomeoneElse
    wallet_credentials.end_copy(copy_id=copy.id)
    joined = wallet_credentials.new_copy(wallet_id=wallet_id, now=now, browser=browser)
    return KeptIn(*joined, is_replaced=is_replaced)


def _shows_all_of(own_id: int, *, other_id: int) -> bool:
    """Whether one wallet opens every ticket that another opens, and gets what is issued later.

    What was given away or revoked counts on neither side: ids alone would let a former
    holder's wallet stand for the present one's.
    """
    return _opens(own_id) <= _opens(other_id) and _follows(own_id) <= _follows(other_id)


def _opens(wallet_id: int) -> set[int]:
    granted = granted_to(wallet_id)
    query = select(Ticket.id).join(
        granted, and_(granted.c.ticket_id == Ticket.id, granted.c.holder_no == Ticket.holder_no)
    )
    return set(db.session.scalars(query))


def _follows(wallet_id: int) -> set[int]:
    query = (
        select(WalletOrder.order_id)
        .join(Order, Order.id == WalletOrder.order_id)
        .where(
            WalletOrder.wallet_id == wallet_id,
            WalletOrder.link_version == Order.link_version,
        )
    )
    return set(db.session.scalars(query))


def _digest(signer: Signer, text: str) -> str:
    """Keyed: without the installation's secret, eight characters would be found by trying."""
    typed = "".join(sign for sign in text.upper() if sign.isalnum()).translate(_MISREAD)
    return signer.digest("pairing-code", typed)
