"""Orders on their way: where a buyer comes back to, and how rows are found again."""

from webapp.database import db
from webapp.flows.payment_start import ReturnLinks
from webapp.models import Order, Outbox, Pool

LINKS = ReturnLinks(
    success_url="http://localhost:8000/return",
    cancel_url="http://localhost:8000/cancelled",
    fees_label="Fees",
    held_until=lambda moment, _zone: f"Held until {moment:%H:%M}",
)


def find_order(number: str) -> Order:
    db.session.expire_all()
    return db.session.query(Order).filter_by(number=number).one()


def work_of(kind: str) -> Outbox:
    """The one piece of work of a kind, as the database has it now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Outbox).filter_by(kind=kind).one()


def counters(pool: Pool) -> tuple[int, int]:
    """Places held and places sold, as the database has them now."""
    db.session.refresh(pool)
    return pool.held, pool.sold
