"""One box office and one gateway with a will of its own, for any story that may be told of them."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update

from jobs.runtime import perform
from tests.conftest import empty_database
from tests.factories import NOW, make_code, make_event, make_pool, make_tier
from tests.fakes import (
    FakeMailer,
    FrozenClock,
    RecordingDoorbell,
)
from tests.properties.wilful_gateway import KEPT_REFUNDS, WilfulGateway
from webapp.database import db
from webapp.domain import emails, outbox, reviews
from webapp.flows import reconciliation
from webapp.flows.mail import send_email
from webapp.flows.payments import sync_order_payment
from webapp.models import (
    EmailMessage,
    Hold,
    HoldStatus,
    Order,
    OrderStatus,
    Outbox,
    OutboxStatus,
    Payment,
    PaymentStatus,
    Pool,
    Refund,
)
from webapp.ports import MailMessage, Ports

FULFILLED = {OrderStatus.PAID, OrderStatus.PARTIALLY_REFUNDED}
OUTSIDE_FAULTS = {"", "GatewayUnavailable", "GatewayRefused", "GatewayFailed"}
# Longer than a session, its grace and every pause of the work that follows.
DRAIN_STEP = timedelta(minutes=40)
DRAIN_ROUNDS = 6


@dataclass
class World:
    """An event with scarce pools that overlap, and everything outside in memory."""

    app: Flask
    ports: Ports
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(NOW))
    mailer: FakeMailer = field(default_factory=FakeMailer)
    capacity: int = 6

    def __post_init__(self) -> None:
        empty_database()
        self.gateway = WilfulGateway(self.clock)
        # Nobody can pay on a page whose address never reached anybody.
        self.known: set[str] = set()
        self.ports = replace(
            self.ports,
            utc_now=self.clock,
            payments=self.gateway,
            mailer=self.mailer,
            doorbell=RecordingDoorbell(),
        )
        self.app.extensions["ports"] = self.ports
        event = make_event(order_prefix="EVE")
        hall, balcony = (make_pool(event, capacity=self.capacity - n) for n in (0, 1))
        self.slug = event.slug
        self.tiers = [
            make_tier(event, pools=[hall], price_cents=3000).id,
            make_tier(event, pools=[hall, balcony], price_cents=5000).id,
            make_tier(event, pools=[balcony], price_cents=0).id,
        ]
        # Scarce as the places are; the second makes a single ticket free.
        once = {"kind": "amount", "percent_basis_points": 0, "amount_cents": 4000, "max_uses": 1}
        self.codes = [None, make_code(event, max_uses=2).id, make_code(event, **once).id]

    def make_room_for(self, capacity: int) -> None:
        """Set the places of every pool."""
        db.session.execute(update(Pool).values(capacity=capacity))
        db.session.commit()

    def work(self, limit: int = 50) -> int:
        """What the worker of the orders does now."""
        ready = outbox.list_ready_work(queue="orders", now=self.clock(), limit=limit)
        db.session.rollback()
        return sum(perform(outbox_id) for outbox_id in ready)

    def forget_what_was_done(self) -> None:
        """Queues deliver at least once: all work is due again, whatever became of it."""
        done = update(Outbox).where(Outbox.status == OutboxStatus.DONE)
        db.session.execute(done.values(status=OutboxStatus.DUE, due_at=self.clock()))
        db.session.commit()

    def sweep(self) -> None:
        """What the scheduler does in a minute."""
        reconciliation.close_lapsed(ports=self.ports)
        reconciliation.reconcile(ports=self.ports)

    def mail(self) -> None:
        """Send every mail that was written down, and some of them again."""
        db.session.rollback()
        for email in db.session.scalars(select(EmailMessage)).all():
            send_email(email_message_id=email.id, composer=write_plainly, ports=self.ports)

    def drain(self) -> None:
        """All is well again outside: let everything come to its end."""
        for _ in range(DRAIN_ROUNDS):
            for refund_id, refund in list(self.gateway.refunds.items()):
                if refund.status == "pending":
                    self.gateway.settle_refund(refund_id, "succeeded")
            reconciliation.fetch_missed_notices(ports=self.ports)
            self.sweep()
            while self.work():
                pass
            self.clock.advance(seconds=DRAIN_STEP.total_seconds())
        self.mail()
        db.session.rollback()
        db.session.expire_all()

    def gateway_sessions(self, **facts):
        """Sessions that a buyer was sent to, as the gateway has them now."""
        for session_id in self.known:
            self.gateway._lapse(session_id)
        return [
            session_id
            for session_id, sighting in self.gateway.sessions.items()
            if session_id in self.known
            and all(getattr(sighting, name) == value for name, value in facts.items())
        ]

    def delayed_sessions(self):
        """Delayed payments that have not ended."""
        waiting = self.gateway_sessions(status="complete", payment_status="unpaid")
        return [name for name in waiting if not self.gateway.sessions[name].payment_failed]

    def seats_given_up_too_early(self) -> list[str]:
        """Sessions that a buyer knows of, can still pay, and has no seats for."""
        rows = db.session.execute(
            select(Payment.session_id, Hold.status)
            .join(Order, Order.id == Payment.order_id)
            .join(Hold, Hold.checkout_id == Order.checkout_id)
            .where(Payment.session_id.is_not(None))
        )
        return [
            session_id
            for session_id, status in rows
            if self.gateway.can_be_paid(session_id)
            and status not in {HoldStatus.PAYING, HoldStatus.SOLD}
        ]

    def places_held_for_nobody(self) -> list[int]:
        """Live holds of orders that nothing can come of any more."""
        query = (
            select(Hold.id)
            .outerjoin(Order, Order.checkout_id == Hold.checkout_id)
            .outerjoin(Payment, Payment.order_id == Order.id)
            .where(Hold.status.in_([HoldStatus.HELD, HoldStatus.PAYING]))
            .group_by(Hold.id, Order.status)
            .having(
                func.coalesce(func.bool_or(Payment.status == PaymentStatus.PROCESSING), False).is_(
                    False
                ),
                func.coalesce(Order.status, "none") != OrderStatus.NEEDS_REVIEW,
            )
        )
        return list(db.session.scalars(query))

    def own_faults(self) -> list[tuple[str, str]]:
        """Work that failed for a reason that is not outside."""
        rows = db.session.execute(select(Outbox.kind, Outbox.last_error))
        return [(kind, error) for kind, error in rows if error not in OUTSIDE_FAULTS]

    def mails_sent_twice(self) -> list[str]:
        """Addresses of (order, kind) that got more than one mail."""
        subjects = [message.subject for message in self.mailer.sent.values()]
        return [subject for subject in subjects if subjects.count(subject) > 1]

    def kept_cents(self) -> int:
        """What we believe we have, of every order, whoever has to look at it."""
        captured = db.session.scalar(
            select(func.coalesce(func.sum(Payment.captured_cents), 0)).where(
                Payment.status == PaymentStatus.SUCCEEDED
            )
        )
        returned = db.session.scalar(
            select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(
                Refund.status.in_(KEPT_REFUNDS)
            )
        )
        return captured - returned

    def kept_cents_at_gateway(self) -> int:
        """The ground truth."""
        return sum(
            self.gateway.left_cents(sighting.payment_id)
            for sighting in self.gateway.sessions.values()
            if sighting.payment_id
        )

    def sync(self, session_id: str) -> None:
        """Look at the order that a session was opened for."""
        query = select(Payment.order_id).where(Payment.session_id == session_id)
        order_id = db.session.scalars(query).one()
        db.session.rollback()
        sync_order_payment(order_id=order_id, ports=self.ports)

    def orders_in_review(self) -> list[str]:
        """Numbers of orders that wait for a person."""
        db.session.rollback()
        return [
            review.number
            for review in reviews.list_reviews()
            if review.reason != reviews.BEYOND_THE_PRICE
        ]

    def unanswered_money(self) -> list[str]:
        """Captured payments that gave nobody anything: no tickets, no refund, no review."""
        return [
            session_id
            for session_id, sighting in self.gateway.sessions.items()
            if sighting.payment_status == "paid" and not self._is_answered(session_id)
        ]

    def _is_answered(self, session_id: str) -> bool:
        query = select(Payment).where(Payment.session_id == session_id)
        payment = db.session.scalars(query).one_or_none()
        if payment is None or payment.status is not PaymentStatus.SUCCEEDED:
            return False
        order = db.session.get_one(Order, payment.order_id)
        siblings = db.session.scalars(select(Payment).where(Payment.order_id == order.id))
        kept_cents = sum(self._left_cents(sibling) for sibling in siblings)
        if order.status in FULFILLED and order.fulfilled_at is not None:
            return kept_cents <= order.total_cents or self._is_refused(order)
        return not kept_cents or bool(order.review_reason) or self._is_refused(order)

    def _is_refused(self, order: Order) -> bool:
        """Whether staff gave a part back first, so that the rest waits among the dead letters."""
        query = (
            select(func.count())
            .select_from(Outbox)
            .join(Refund, Refund.id == Outbox.subject_id)
            .where(
                Outbox.kind == outbox.RUN_REFUND,
                Outbox.last_error == "GatewayRefused",
                Refund.order_id == order.id,
            )
        )
        return bool(db.session.scalar(query))

    def _left_cents(self, payment: Payment) -> int:
        return self.gateway.left_cents(payment.provider_payment_id or "")


def _subject_of(email: EmailMessage) -> str:
    """What may be told once: a kind of news about an order, or one time that money went back."""
    is_part = email.kind in {emails.ORDER_PARTIALLY_REFUNDED, emails.ORDER_REFUNDED}
    return f"{email.order_id}/{email.kind}" + (f"/{email.sequence}" if is_part else "")


def write_plainly(email: EmailMessage) -> MailMessage:
    return MailMessage(
        to=email.recipient,
        subject=_subject_of(email),
        text="",
        html="",
        idempotency_key=email.idempotency_key,
    )
