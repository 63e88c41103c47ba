"""Tickets that change hands, through the domain; each step is its own transaction."""

from dataclasses import dataclass

from tests.fakes import FrozenClock
from tests.issued import make_order
from webapp.database import db
from webapp.domain import orders, transfer_claims, transfers
from webapp.models import EmailMessage, Event, Order, Ticket, Transfer, TransferClaim
from webapp.transaction import transaction

TRACE = "0" * 32
FRIEND = "grace@example.com"


@dataclass
class Handover:
    """One paid order of two tickets, and whatever people do with the first of them."""

    clock: FrozenClock
    order: Order
    ticket_id: int

    @classmethod
    def begin(cls, clock: FrozenClock, **event_fields: object) -> "Handover":
        order = make_order(clock, **event_fields)
        return cls(clock, order, orders.list_tickets(order_id=order.id)[0].id)

    @property
    def ticket(self) -> Ticket:
        """The ticket as the database has it now."""
        db.session.rollback()
        db.session.expire_all()
        return db.session.get_one(Ticket, self.ticket_id)

    @property
    def event(self) -> Event:
        return self.ticket.order.event

    def offer(self, *, number: int | None = None, holder_no: int | None = None) -> Transfer | None:
        ticket = self.ticket
        with transaction():
            return transfers.offer_ticket(
                ticket_id=ticket.id,
                holder_no=holder_no or ticket.holder_no,
                number=number or transfers.last_number(ticket_id=ticket.id) + 1,
                now=self.clock(),
                trace_id=TRACE,
            )

    def withdraw(self, *, number: int, holder_no: int | None = None) -> None:
        holder_no = holder_no or self.ticket.holder_no
        with transaction():
            transfers.withdraw_transfer(
                ticket_id=self.ticket_id,
                holder_no=holder_no,
                number=number,
                now=self.clock(),
                trace_id=TRACE,
            )

    def invite(self, email: str = FRIEND) -> TransferClaim:
        holder_no = self.ticket.holder_no
        with transaction():
            return transfer_claims.invite_friend(
                ticket_id=self.ticket_id,
                holder_no=holder_no,
                email=email,
                locale="en",
                now=self.clock(),
                trace_id=TRACE,
            )

    def claim(
        self, transfer: Transfer, email: str = FRIEND, name: str = "Grace Example"
    ) -> TransferClaim:
        with transaction():
            return transfer_claims.claim_ticket(
                transfer_id=transfer.id,
                email=email,
                name=name,
                locale="en",
                now=self.clock(),
                trace_id=TRACE,
            )

    def accept(self, claim: TransferClaim, name: str = "") -> Ticket:
        with transaction():
            return transfer_claims.accept_ticket(
                claim_id=claim.id, name=name, locale="en", now=self.clock(), trace_id=TRACE
            )

    def give_to(self, email: str = FRIEND, name: str = "Grace Example") -> TransferClaim:
        """The whole way, from the link to the acceptance."""
        transfer = self.offer()
        assert transfer is not None
        claim = self.claim(transfer, email, name)
        self.accept(claim)
        return claim


def mails_of(kind: str) -> list[EmailMessage]:
    """Every mail of a kind, as the database has them now."""
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.query(EmailMessage).filter_by(kind=kind).order_by(EmailMessage.id))
