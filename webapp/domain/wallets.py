"""Wallets: what goes into one, whose tickets it shows, and when it is forgotten."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from webapp.database import db
from webapp.domain.browser_names import NAMELESS, BrowserName
from webapp.domain.wallet_credentials import Credential, end_copy, new_copy
from webapp.models import (
    Order,
    PairingCode,
    PushSubscription,
    Ticket,
    Wallet,
    WalletCopy,
    WalletOrder,
    WalletTicket,
)
from webapp.wallet_refusals import WalletNotConnected, WalletOfSomeoneElse

# A copy that nobody opened for so long is forgotten; browsers keep no cookie longer.
COPY_LIFETIME = timedelta(days=400)
# So long a copy that another one removed is remembered, so that its phone can be told.
REMOVED_KEPT_FOR = timedelta(days=30)
NAME_BYTES = 8


class Confirmation(StrEnum):
    """What a person said about the tickets of somebody else in the same browser."""

    NONE = ""
    ADD = "add"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class KeptIn:
    """The copy that something went into; ``credential`` is set when the copy is new.

    ``is_replaced`` says that another person's copy ended for it.
    """

    copy: WalletCopy
    credential: Credential | None = None
    is_replaced: bool = False


def keep_order(
    *,
    copy: WalletCopy | None,
    order: Order,
    confirmation: Confirmation,
    now: datetime,
    browser: BrowserName = NAMELESS,
) -> KeptIn:
    """Put an order's tickets into the browser's wallet, or into a new one. Safe to repeat.

    ``browser`` is what a new copy is called. The caller has made sure that the
    browser may open the order. Raises
    :class:`WalletOfSomeoneElse` when the wallet has tickets that were bought with
    another address and nobody has said what to do about it.
    """
    person = order.contact_email.lower()
    kept = _open_for(copy, person=person, confirmation=confirmation, now=now, browser=browser)
    values = {"link_version": order.link_version, "added_at": now}
    db.session.execute(
        insert(WalletOrder)
        .values(wallet_id=kept.copy.wallet_id, order_id=order.id, **values)
        .on_conflict_do_update(
            index_elements=["wallet_id", "order_id"], set_={"link_version": order.link_version}
        )
    )
    return kept


def keep_ticket(
    *,
    copy: WalletCopy | None,
    ticket: Ticket,
    confirmation: Confirmation,
    now: datetime,
    browser: BrowserName = NAMELESS,
) -> KeptIn:
    """The same for one ticket, for its present holder. The caller has made sure that it is."""
    person = (ticket.holder_email or ticket.order.contact_email).lower()
    kept = _open_for(copy, person=person, confirmation=confirmation, now=now, browser=browser)
    values = {
        "holder_no": ticket.holder_no,
        "link_version": ticket.order.link_version,
        "added_at": now,
    }
    db.session.execute(
        insert(WalletTicket)
        .values(wallet_id=kept.copy.wallet_id, ticket_id=ticket.id, **values)
        .on_conflict_do_update(index_elements=["wallet_id", "ticket_id"], set_=values)
    )
    return kept


def holds_order(*, wallet_id: int, order: Order) -> bool:
    """Whether a wallet shows the tickets of an order."""
    query = select(
        exists().where(
            WalletOrder.wallet_id == wallet_id,
            WalletOrder.order_id == order.id,
            WalletOrder.link_version == order.link_version,
        )
    )
    return bool(db.session.scalar(query))


def lock_wallets(*wallet_ids: int) -> set[int]:
    """Lock wallets in order of their ids; answers those that are still there."""
    query = select(Wallet.id).where(Wallet.id.in_(wallet_ids)).order_by(Wallet.id)
    return set(db.session.scalars(query.with_for_update()))


def lock_copy(copy: WalletCopy) -> None:
    """Lock the wallet of a copy. Raises :class:`WalletNotConnected` if the copy ended meanwhile."""
    if not _lock_live(copy):
        raise WalletNotConnected


def list_persons(*, wallet_id: int) -> set[str]:
    """The addresses, in lower case, whose tickets a wallet shows."""
    return set(db.session.scalars(_buyers(wallet_id).union(_holders(wallet_id))))


def delete_old_rows(*, now: datetime) -> int:
    """Forget copies that ended or that nobody opened for long, old codes, wallets that are left."""
    removed = select(WalletCopy.id).where(WalletCopy.removed_at.is_not(None))
    statements = (
        # A removal takes them along; a process of the release before could add one after it.
        delete(PushSubscription)
        .where(PushSubscription.wallet_copy_id.in_(removed))
        .returning(PushSubscription.id),
        delete(PairingCode).where(PairingCode.expires_at <= now).returning(PairingCode.wallet_id),
        delete(WalletCopy).where(WalletCopy.seen_at < now - COPY_LIFETIME).returning(WalletCopy.id),
        delete(WalletCopy)
        .where(WalletCopy.removed_at < now - REMOVED_KEPT_FOR)
        .returning(WalletCopy.id),
        # A code may yet bring a copy back.
        delete(Wallet)
        .where(
            ~exists().where(WalletCopy.wallet_id == Wallet.id),
            ~exists().where(PairingCode.wallet_id == Wallet.id),
        )
        .returning(Wallet.id),
    )
    return sum(len(db.session.execute(statement).all()) for statement in statements)


def _open_for(
    copy: WalletCopy | None,
    *,
    person: str,
    confirmation: Confirmation,
    now: datetime,
    browser: BrowserName,
) -> KeptIn:
    """The copy that may take a person's tickets, with its wallet locked."""
    # Two requests at once must not both be the first to put a person in.
    if copy is None or not _lock_live(copy):
        return KeptIn(*_new_wallet(now=now, browser=browser))
    persons = list_persons(wallet_id=copy.wallet_id)
    is_theirs = person in persons if persons else not _has_other_copies(copy)
    if is_theirs or confirmation is Confirmation.ADD:
        return KeptIn(copy)
    if confirmation is Confirmation.NONE:
        raise WalletOfSomeoneElse
    # The other person's further phones keep their tickets.
    end_copy(copy_id=copy.id)
    return KeptIn(*_new_wallet(now=now, browser=browser), is_replaced=True)


def _lock_live(copy: WalletCopy) -> bool:
    """Lock the wallet of a copy; False if either ended meanwhile."""
    is_live = (WalletCopy.id == copy.id) & WalletCopy.removed_at.is_(None)
    # Looked at once the lock is ours: another phone may just have removed this one.
    return bool(lock_wallets(copy.wallet_id)) and bool(
        db.session.scalar(select(exists().where(is_live)))
    )


def _has_other_copies(copy: WalletCopy) -> bool:
    """Whether other browsers show the wallet: nobody knows whose an empty one is."""
    others = exists().where(
        WalletCopy.wallet_id == copy.wallet_id,
        WalletCopy.id != copy.id,
        WalletCopy.removed_at.is_(None),
    )
    return bool(db.session.scalar(select(others)))


def _new_wallet(*, now: datetime, browser: BrowserName = NAMELESS) -> tuple[WalletCopy, Credential]:
    wallet = Wallet(name=secrets.token_hex(NAME_BYTES), created_at=now)
    db.session.add(wallet)
    db.session.flush()
    return new_copy(wallet_id=wallet.id, now=now, browser=browser)


def _buyers(wallet_id: int) -> Select[str]:
    return (
        select(func.lower(Order.contact_email))
        .join(WalletOrder, WalletOrder.order_id == Order.id)
        .where(WalletOrder.wallet_id == wallet_id)
    )


def _holders(wallet_id: int) -> Select[str]:
    """Of tickets that have not been passed on: others name somebody new by now."""
    holder = func.coalesce(func.nullif(Ticket.holder_email, ""), Order.contact_email)
    return (
        select(func.lower(holder))
        .select_from(WalletTicket)
        .join(Ticket, Ticket.id == WalletTicket.ticket_id)
        .join(Order, Order.id == Ticket.order_id)
        .where(WalletTicket.wallet_id == wallet_id, WalletTicket.holder_no == Ticket.holder_no)
    )
