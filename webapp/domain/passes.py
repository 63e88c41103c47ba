"""Passes in Apple Wallet: who may have one, and the phones that want to hear of its changes."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Boolean, Select, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from webapp.database import db
from webapp.domain import pass_updates
from webapp.models import (
    Event,
    Order,
    PassRegistration,
    Ticket,
    TicketStatus,
    WalletPass,
)
from webapp.signing import Signer

# A family's phones, tablets and watches; more would be somebody filling our tables.
PHONES_PER_PASS = 20
# A change that was noted first may be committed second. Phones are told again of what
# changed in the last minute, which costs them one question; missing it would cost an evening.
OVERLAP = timedelta(seconds=60)
# So long after an event phones that follow its passes are remembered.
REGISTRATIONS_KEPT_FOR = timedelta(days=90)
_SERIAL = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,8})(?:-([1-9][0-9]{0,8}))?")


def is_exported(*, event: Event, now: datetime) -> bool:
    """Whether tickets of the event may be taken into a phone's own wallet at ``now``."""
    return event.is_on(now=now)


def can_export(*, ticket: Ticket, now: datetime) -> bool:
    """Whether this ticket may be."""
    is_valid = ticket.status is TicketStatus.VALID
    return is_valid and is_exported(event=ticket.order.event, now=now)


def pass_token(signer: Signer, wallet_pass: WalletPass) -> str:
    """What a phone shows to be told about its pass: derived, never stored, 256 bits.

    Never changes while the pass exists, as the protocol demands.
    """
    return signer.digest("pass-token", wallet_pass.serial)


def is_pass_token(signer: Signer, serial: str, token: str) -> bool:
    """Whether ``token`` belongs to the pass; takes the same time either way."""
    return token.isascii() and signer.matches("pass-token", serial, token)


def take_pass(*, ticket: Ticket, now: datetime, trace_id: str) -> WalletPass:
    """The pass of the present holder and code, made the first time and up to date after."""
    added = (
        insert(WalletPass)
        .values(
            ticket_id=ticket.id,
            holder_no=ticket.holder_no,
            revision=ticket.revision,
            shown="",
            changed_at=now.replace(microsecond=0),
            created_at=now.replace(microsecond=0),
        )
        .on_conflict_do_nothing(index_elements=["ticket_id", "holder_no", "revision"])
    )
    db.session.execute(added)
    pass_updates.note_tickets_changed(ticket_ids=[ticket.id], now=now, trace_id=trace_id)
    query = _passes().where(
        WalletPass.ticket_id == ticket.id,
        WalletPass.holder_no == ticket.holder_no,
        WalletPass.revision == ticket.revision,
    )
    return db.session.scalars(query).one()


def find_pass(serial: str) -> WalletPass | None:
    """The pass with its ticket, order and event, as they are now."""
    named = _SERIAL.fullmatch(serial)
    if named is None:
        return None
    query = _passes().where(
        WalletPass.ticket_id == int(named[1]),
        WalletPass.holder_no == int(named[2]),
        WalletPass.revision.is_not_distinct_from(int(named[3]) if named[3] else None),
    )
    return db.session.scalars(query).one_or_none()


def register_phone(
    *, wallet_pass: WalletPass, phone: str, push_token: str, now: datetime, trace_id: str
) -> bool | None:
    """Note that a phone wants to hear of changes; True when that is new, None when refused.

    ``phone`` is the name that it gave itself; Apple calls it a device. A pass
    that changed between its download and now is pushed at once.
    """
    known = select(func.count()).where(
        PassRegistration.pass_id == wallet_pass.id,
        PassRegistration.device_hash != _phone_hash(phone),
    )
    if (db.session.scalar(known) or 0) >= PHONES_PER_PASS:
        return None
    registered = (
        insert(PassRegistration)
        .values(
            pass_id=wallet_pass.id,
            device_hash=_phone_hash(phone),
            push_token=push_token,
            registered_at=now,
        )
        .on_conflict_do_update(
            index_elements=["device_hash", "pass_id"], set_={"push_token": push_token}
        )
        # PostgreSQL's own way to tell a new row from an old one.
        .returning(literal_column("xmax = 0", Boolean))
    )
    is_new = bool(db.session.scalar(registered))
    if is_new and wallet_pass.changed_at > wallet_pass.created_at:
        pass_updates.add_pushes(pass_ids=[wallet_pass.id], now=now, trace_id=trace_id)
    return is_new


def unregister_phone(*, wallet_pass: WalletPass, phone: str) -> None:
    """Forget a phone's interest in a pass. A repeat is a no-op."""
    db.session.execute(
        delete(PassRegistration).where(
            PassRegistration.pass_id == wallet_pass.id,
            PassRegistration.device_hash == _phone_hash(phone),
        )
    )


def list_changed_serials(
    *, phone: str, since: datetime | None, now: datetime
) -> tuple[Sequence[str], datetime]:
    """The serials of a phone's passes that changed after ``since``, and the tag to ask with next.

    A phone that is not known has none.
    """
    query = (
        select(WalletPass)
        .join(PassRegistration, PassRegistration.pass_id == WalletPass.id)
        .where(PassRegistration.device_hash == _phone_hash(phone))
        .order_by(WalletPass.id)
        .execution_options(populate_existing=True)
    )
    if since is not None:
        query = query.where(WalletPass.changed_at > since)
    changed = list(db.session.scalars(query))
    latest = max((each.changed_at for each in changed), default=now)
    tag = min(latest, now.replace(microsecond=0) - OVERLAP)
    return [each.serial for each in changed], max(tag, since or tag)


def list_push_tokens(*, pass_id: int) -> list[tuple[int, str]]:
    """(registration id, push token) of the phones that have a pass."""
    query = (
        select(PassRegistration.id, PassRegistration.push_token)
        .where(PassRegistration.pass_id == pass_id)
        .order_by(PassRegistration.id)
    )
    return [(registration_id, token) for registration_id, token in db.session.execute(query)]


def forget_phones(*, registration_ids: Sequence[int]) -> None:
    """Forget phones that a pass is no longer on."""
    if registration_ids:
        db.session.execute(
            delete(PassRegistration).where(PassRegistration.id.in_(registration_ids))
        )


def delete_old_registrations(*, now: datetime, limit: int) -> int:
    """Forget at most ``limit`` phones that follow passes of events long over; say how many.

    Nothing of such a pass changes any more. The pass itself stays on the phone.
    """
    old = (
        select(PassRegistration.id)
        .join(WalletPass, WalletPass.id == PassRegistration.pass_id)
        .join(Ticket, Ticket.id == WalletPass.ticket_id)
        .join(Event, Event.id == Ticket.event_id)
        .where(Event.ends_at < now - REGISTRATIONS_KEPT_FOR)
        .order_by(PassRegistration.id)
        .limit(limit)
    )
    deleted = delete(PassRegistration).where(PassRegistration.id.in_(old))
    return len(db.session.execute(deleted.returning(PassRegistration.id)).all())


def _phone_hash(phone: str) -> str:
    return hashlib.sha256(phone.encode()).hexdigest()


def _passes() -> Select[WalletPass]:
    return (
        select(WalletPass)
        .options(joinedload(WalletPass.ticket).joinedload(Ticket.order).joinedload(Order.event))
        .execution_options(populate_existing=True)
    )
