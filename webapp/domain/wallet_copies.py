"""The copies of one wallet, as each of them sees the others, and may remove them.

Whoever was let in once sees later tickets, too, so whoever has the wallet must be
able to see who that is, and end it. Every copy may: the mail of an order brings
its tickets back to whoever was removed by mistake or out of spite.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from webapp.database import db
from webapp.domain import audit, wallets
from webapp.errors import NotFound
from webapp.models import PairingCode, PushSubscription, WalletCopy


def list_other_copies(copy: WalletCopy) -> Sequence[WalletCopy]:
    """The wallet's other copies that show its tickets, the last that joined first."""
    query = (
        select(WalletCopy)
        .where(
            WalletCopy.wallet_id == copy.wallet_id,
            WalletCopy.id != copy.id,
            WalletCopy.removed_at.is_(None),
        )
        .order_by(WalletCopy.created_at.desc(), WalletCopy.id.desc())
    )
    return db.session.scalars(query).all()


def remove_other_copy(*, own: WalletCopy, copy_id: int, now: datetime, trace_id: str) -> None:
    """Remove one other copy of the own wallet. A repeat is a no-op.

    Raises :class:`NotFound` for a copy of another wallet, as for one that does not
    exist, and :class:`WalletNotConnected` when the own copy has ended itself.
    """
    wallets.lock_copy(own)
    query = select(WalletCopy.id).where(
        WalletCopy.id == copy_id,
        WalletCopy.wallet_id == own.wallet_id,
        WalletCopy.id != own.id,
    )
    if db.session.scalar(query) is None:
        raise NotFound
    _remove([copy_id], own=own, now=now, trace_id=trace_id)


def remove_other_copies(*, own: WalletCopy, now: datetime, trace_id: str) -> None:
    """Remove all others. A repeat is a no-op. Raises :class:`WalletNotConnected`."""
    wallets.lock_copy(own)
    others = [copy.id for copy in list_other_copies(own)]
    _remove(others, own=own, now=now, trace_id=trace_id)


def _remove(copy_ids: list[int], *, own: WalletCopy, now: datetime, trace_id: str) -> None:
    """Mark copies as removed; with them go what they are told and the wallet's code."""
    removed = (
        update(WalletCopy)
        .where(WalletCopy.id.in_(copy_ids), WalletCopy.removed_at.is_(None))
        .values(removed_at=now)
        .returning(WalletCopy.id)
        .execution_options(synchronize_session=False)
    )
    removed_ids = sorted(db.session.scalars(removed))
    if not removed_ids:
        return
    db.session.execute(
        delete(PushSubscription).where(PushSubscription.wallet_copy_id.in_(removed_ids))
    )
    # Made there a minute ago, it would let that phone in again.
    db.session.execute(delete(PairingCode).where(PairingCode.wallet_id == own.wallet_id))
    for copy_id in removed_ids:
        audit.note(
            subject="wallet_copy",
            subject_id=copy_id,
            action="wallet_copy_removed",
            actor="buyer",
            details={"by": own.id},
            now=now,
            trace_id=trace_id,
        )
