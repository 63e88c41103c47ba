"""Events put on for one test, and what the database knows about them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

from flask import Flask, make_response
from sqlalchemy import Interval, Update, delete, func, literal, select, update
from werkzeug.exceptions import default_exceptions

from blueprints.wallet_answers import tell
from tests.factories import make_donation, make_event, make_pool, make_tier
from tests.waiting import wait_until
from webapp.clock import utc_now
from webapp.database import db
from webapp.domain import access, ticket_access
from webapp.extensions import signer
from webapp.models import (
    Checkout,
    Delivery,
    EmailMessage,
    Event,
    EventStatus,
    Hold,
    Order,
    OrderStatus,
    Pool,
    PushSubscription,
    Ticket,
    TicketStatus,
    Tier,
    WalletCopy,
)


@dataclass(frozen=True)
class TierSpec:
    """What one tier sells; ``places`` is None for a donation, which takes none."""

    name: str = "Entry"
    price_cents: int = 3000
    places: int | None = 10
    opens_in_days: int | None = None


@dataclass(frozen=True)
class Show:
    """An event on sale, as tests name it."""

    id: int
    slug: str
    title: str


class Programme:
    """Puts events on in the running installation and looks at its rows.

    It stands for the organizer and for the passing of time; what buyers do
    goes through the browser alone.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app

    def put_on(self, *tiers: TierSpec, title: str = "Courtyard evening", **fields: object) -> Show:
        """A new event that no other test sells tickets of."""
        name = uuid4().hex[:6]
        with self._app.app_context():
            event = make_event(
                now=utc_now(),
                slug=f"show-{name}",
                title=f"{title} {name}",
                order_prefix=name.upper(),
                **fields,
            )
            for tier in tiers or (TierSpec(),):
                _sell(event, tier)
            return Show(event.id, event.slug, event.title)

    def open_sale(self, show: Show) -> None:
        """Begin to sell now what would have been sold from a later day on."""
        with self._app.app_context():
            db.session.execute(
                update(Tier).where(Tier.event_id == show.id).values(sale_starts_at=utc_now())
            )
            db.session.commit()

    def put_on_nothing(self) -> Show:
        """A new event that has nothing to sell yet."""
        with self._app.app_context():
            name = uuid4().hex[:6]
            event = make_event(now=utc_now(), slug=f"bare-{name}", order_prefix=name.upper())
            return Show(event.id, event.slug, event.title)

    @contextmanager
    def nothing_on(self) -> Iterator[None]:
        """While it lasts, no event is published."""
        with self._app.app_context():
            hidden = db.session.scalars(
                update(Event)
                .where(Event.status == EventStatus.PUBLISHED)
                .values(status=EventStatus.DRAFT)
                .returning(Event.id)
            ).all()
            db.session.commit()
        yield
        with self._app.app_context():
            db.session.execute(
                update(Event).where(Event.id.in_(hidden)).values(status=EventStatus.PUBLISHED)
            )
            db.session.commit()

    @contextmanager
    def order_as(
        self, order_number: str, *, status: str, review_reason: str = ""
    ) -> Iterator[None]:
        """While it lasts, the order has that status, however it may have come to it."""
        before = self._status(order_number)
        self._set_status(order_number, status, review_reason)
        yield
        self._set_status(order_number, str(before))

    def render_error(self, status: HTTPStatus, *, is_fragment: bool = False) -> str:
        """The page that a request gets which fails like that, or the alert that htmx gets."""
        headers = {"HX-Request": "true"} if is_fragment else {}
        with self._app.test_request_context("/", headers=headers):
            answer = self._app.handle_http_exception(default_exceptions[status]())
            return make_response(answer).get_data(as_text=True)

    def pass_time(self, reference: str, *, minutes: int) -> None:
        """Move a checkout's hold into the past, as if so much time had gone by."""
        ago = literal(timedelta(minutes=minutes), Interval)
        with self._app.app_context():
            mine = select(Checkout.id).where(Checkout.reference == reference).scalar_subquery()
            db.session.execute(
                update(Checkout)
                .where(Checkout.reference == reference)
                .values(
                    expires_at=Checkout.expires_at - ago,
                    hold_limit_at=Checkout.hold_limit_at - ago,
                    created_at=Checkout.created_at - ago,
                )
            )
            db.session.execute(
                update(Hold)
                .where(Hold.checkout_id == mine)
                .values(expires_at=Hold.expires_at - ago)
            )
            db.session.commit()

    def count_checkouts(self, show: Show) -> int:
        return self._count(Checkout, show)

    def count_orders(self, show: Show) -> int:
        return self._count(Order, show)

    def count_taken(self, show: Show) -> int:
        """Places of the event that are held or sold."""
        with self._app.app_context():
            taken = select(func.sum(Pool.held + Pool.sold)).where(Pool.event_id == show.id)
            return db.session.scalar(taken) or 0

    def reference(self, show: Show) -> str:
        """The newest checkout of the event."""
        with self._app.app_context():
            mine = select(Checkout.reference).where(Checkout.event_id == show.id)
            return db.session.scalars(mine.order_by(Checkout.id.desc())).first() or ""

    def typed_name(self, reference: str) -> str:
        """The buyer's name as far as the server knows it."""
        with self._app.app_context():
            mine = select(Checkout.contact_name).where(Checkout.reference == reference)
            return db.session.scalar(mine) or ""

    def order_numbers(self, show: Show) -> Sequence[str]:
        """The numbers of the event's orders, the newest last."""
        with self._app.app_context():
            numbers = select(Order.number).where(Order.event_id == show.id).order_by(Order.id)
            return db.session.scalars(numbers).all()

    def wait_for_status(self, order_number: str, status: str) -> None:
        wait_until(lambda: self._status(order_number) == status, what=f"{order_number} {status}")

    def ticket_codes(self, order_number: str) -> Sequence[str]:
        with self._app.app_context():
            codes = (
                select(Ticket.code)
                .join(Order, Order.id == Ticket.order_id)
                .where(Order.number == order_number)
                .order_by(Ticket.id)
            )
            return db.session.scalars(codes).all()

    def ticket_ids(self, order_number: str) -> Sequence[int]:
        with self._app.app_context():
            found = (
                select(Ticket.id)
                .join(Order, Order.id == Ticket.order_id)
                .where(Order.number == order_number)
                .order_by(Ticket.id)
            )
            return db.session.scalars(found).all()

    def change_ticket(self, ticket_id: int, **values: object) -> None:
        """Change a ticket's row, as staff or another holder do."""
        self._change(update(Ticket).where(Ticket.id == ticket_id).values(**values))

    def let_mails_come_back(self, order_number: str) -> None:
        """As if the mail service had told that the address takes no mail."""
        order_id = select(Order.id).where(Order.number == order_number).scalar_subquery()
        self._change(
            update(EmailMessage)
            .where(EmailMessage.order_id == order_id)
            .values(delivery=Delivery.BOUNCED)
        )

    def change_event(self, show: Show, **values: object) -> None:
        self._change(update(Event).where(Event.id == show.id).values(**values))

    def ticket_link(self, ticket_id: int) -> str:
        """The path of the link that its present holder is sent."""
        with self._app.app_context():
            ticket = db.session.get_one(Ticket, ticket_id)
            return f"/t/{ticket_access.seal_ticket_link(signer(), ticket)}"

    def ticket_texts(self, order_number: str) -> dict[int, str]:
        """What the codes of the order's tickets stand for, by the ids of the tickets."""
        with self._app.app_context():
            mine = select(Order.id).where(Order.number == order_number)
            order_id = db.session.scalars(mine).one()
            told = tell(ticket_access.list_order_tickets(order_id=order_id))
            return {facts.ticket_id: facts.qr_text for facts in told}

    def void_ticket(self, ticket_id: int) -> None:
        """Withdraw one ticket, as staff do."""
        self.change_ticket(ticket_id, status=TicketStatus.VOID, voided_at=utc_now())

    def end_wallet_copies(self) -> None:
        """Forget every phone, as a database from before would."""
        with self._app.app_context():
            db.session.execute(delete(WalletCopy))
            db.session.commit()

    def has_push_subscription(self, endpoint: str) -> bool:
        """Whether some phone is told at this address."""
        with self._app.app_context():
            query = select(func.count()).where(PushSubscription.endpoint == endpoint)
            return bool(db.session.scalar(query))

    def order_link(self, order_number: str) -> str:
        """The path of the link that is in the order's mail."""
        with self._app.app_context():
            order = db.session.scalars(select(Order).where(Order.number == order_number)).one()
            return f"/o/{access.seal_order_link(signer(), order)}"

    def close(self) -> None:
        with self._app.app_context():
            db.engine.dispose()

    def _change(self, statement: Update) -> None:
        with self._app.app_context():
            db.session.execute(statement)
            db.session.commit()

    def _status(self, order_number: str) -> str | None:
        with self._app.app_context():
            found = select(Order.status).where(Order.number == order_number)
            return db.session.scalar(found)

    def _set_status(self, order_number: str, status: str, review_reason: str = "") -> None:
        values = {"status": OrderStatus(status), "review_reason": review_reason}
        self._change(update(Order).where(Order.number == order_number).values(**values))

    def _count(self, model: type[Checkout | Order], show: Show) -> int:
        with self._app.app_context():
            found = select(func.count()).select_from(model).where(model.event_id == show.id)
            return db.session.scalar(found) or 0


def _sell(event: Event, tier: TierSpec) -> None:
    if tier.places is None:
        make_donation(event, name=tier.name, max_cents=50_000)
        return
    opens_at = None if tier.opens_in_days is None else utc_now() + timedelta(tier.opens_in_days)
    make_tier(
        event,
        name=tier.name,
        price_cents=tier.price_cents,
        pools=[make_pool(event, capacity=tier.places)] if tier.places else [],
        sale_starts_at=opens_at,
    )
