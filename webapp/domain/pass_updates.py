"""Whatever changes a ticket reaches the phones that have it as a pass.

Whoever changes tickets says so (:func:`note_tickets_changed`), which is fast. The
sweep compares what every pass shows with what its ticket says, which is right also
where nobody says so: when an event is moved, or where a call was forgotten.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Interval,
    Select,
    SQLColumnExpression,
    String,
    case,
    cast,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from webapp.database import db
from webapp.domain import outbox
from webapp.domain.signing_keys import signing_key_no
from webapp.models import (
    Event,
    Occurrence,
    Order,
    OrderItem,
    PassRegistration,
    Ticket,
    WalletPass,
)
from webapp.models.event import tier_occurrences

# A pass that is over is of no interest; a day, for whatever ends late.
KEPT_AFTER_EVENT = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)
# A sign that nobody types: "ab" and "c" are not "a" and "bc".
_BETWEEN = "\x1f"


def note_tickets_changed(*, ticket_ids: Sequence[int], now: datetime, trace_id: str) -> int:
    """Give the tickets' passes a new tag and make pushes due, as far as they look different now.

    Call it in the transaction that changed the tickets, after the change. Answers how
    many passes changed; a repeat finds none.
    """
    if not ticket_ids:
        return 0
    db.session.flush()
    return _refresh(WalletPass.ticket_id.in_(ticket_ids), now=now, trace_id=trace_id, limit=None)


def sweep_passes(*, now: datetime, trace_id: str, limit: int) -> int:
    """Do the same for every pass of an event that is not over, ``limit`` at most."""
    return _refresh(Event.ends_at > now - KEPT_AFTER_EVENT, now=now, trace_id=trace_id, limit=limit)


def add_pushes(*, pass_ids: Sequence[int], now: datetime, trace_id: str) -> None:
    """Make a push due for each pass that is on a phone."""
    on_phones = (
        select(PassRegistration.pass_id)
        .where(PassRegistration.pass_id.in_(pass_ids))
        .distinct()
        .order_by(PassRegistration.pass_id)
    )
    for pass_id in db.session.scalars(on_phones).all():
        outbox.add_work(
            kind=outbox.WAKE_PHONES,
            subject_id=pass_id,
            key=f"pass-{pass_id}",
            now=now,
            trace_id=trace_id,
        )


def _refresh(which: ColumnElement[bool], *, now: datetime, trace_id: str, limit: int | None) -> int:
    locking = (
        _stale(which)
        .with_only_columns(WalletPass.id)
        .order_by(WalletPass.id)
        .limit(limit)
        .with_for_update(of=WalletPass)
    )
    pass_ids = list(db.session.scalars(locking))
    if not pass_ids:
        return 0
    # Looked at again, by a statement that begins once the rows are ours: the first one saw
    # the tickets as they were before it waited.
    stale = _stale(WalletPass.id.in_(pass_ids)).cte("stale")
    changed = (
        update(WalletPass)
        .where(WalletPass.id == stale.c.id)
        .values(
            shown=stale.c.shown,
            # The first look is no change. Later ones are a second apart at least,
            # because HTTP tells moments by the second.
            changed_at=case(
                (WalletPass.shown == "", WalletPass.changed_at),
                else_=func.greatest(
                    literal(now.replace(microsecond=0)),
                    WalletPass.changed_at + literal(ONE_SECOND, Interval()),
                ),
            ),
        )
        .returning(WalletPass.id)
        .execution_options(synchronize_session=False)
    )
    changed_ids = sorted(db.session.scalars(changed))
    if changed_ids:
        add_pushes(pass_ids=changed_ids, now=now, trace_id=trace_id)
    return len(changed_ids)


def _stale(which: ColumnElement[bool]) -> Select[int, str]:
    """Passes that show what is no longer so, and what they should show."""
    shown = _shown()
    return (
        select(WalletPass.id, shown.label("shown"))
        .join(Ticket, Ticket.id == WalletPass.ticket_id)
        .join(OrderItem, OrderItem.id == Ticket.order_item_id)
        .join(Order, Order.id == Ticket.order_id)
        .join(Event, Event.id == Ticket.event_id)
        .where(which, WalletPass.shown != shown)
    )


def _shown() -> ColumnElement[str]:
    """A digest of all that a pass shows.

    Whoever gave the ticket away, or has a code that was replaced, sees only that.
    """
    moments = (
        select(
            func.string_agg(
                _text(func.extract("epoch", Occurrence.starts_at))
                + "-"
                + _text(func.extract("epoch", Occurrence.ends_at)),
                aggregate_order_by(literal(","), Occurrence.starts_at, Occurrence.id),
            )
        )
        .join(tier_occurrences, tier_occurrences.c.occurrence_id == Occurrence.id)
        .where(tier_occurrences.c.tier_id == Ticket.tier_id)
        .correlate(Ticket)
        .scalar_subquery()
    )
    of_event = (
        _text(Event.schedule_version),
        Event.venue_note,
        Event.colour,
        func.coalesce(moments, ""),
    )
    of_ticket = (
        cast(Ticket.status, String),
        _text(Ticket.revision),
        _text(func.coalesce(signing_key_no(Ticket.key_no), 0)),
        Ticket.code,
        Ticket.attendee_name,
        OrderItem.name,
        Order.locale,
    )
    seen = case(
        (
            Ticket.holder_no != WalletPass.holder_no,
            func.concat_ws(_BETWEEN, "given away", *of_event),
        ),
        (
            Ticket.revision != WalletPass.revision,
            func.concat_ws(_BETWEEN, "replaced", *of_event),
        ),
        else_=func.concat_ws(_BETWEEN, *of_ticket, *of_event),
    )
    return func.md5(seen)


def _text(number: SQLColumnExpression[Any]) -> ColumnElement[str]:
    return cast(cast(number, BigInteger), String)
