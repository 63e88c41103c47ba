"""Every order of the notices of one purchase, with any of them lost or repeated: one end."""

import itertools

import pytest
from sqlalchemy import select

from tests.concurrency.invariants import broken_rules
from tests.notices import make_notice
from tests.properties.world import World
from tests.purchases import LINKS
from webapp.database import db
from webapp.domain import checkouts, orders, webhooks
from webapp.domain.baskets import BasketLine
from webapp.domain.checkouts import Origin
from webapp.domain.contacts import Contact
from webapp.domain.hold_caps import NO_CAPS
from webapp.flows.payment_start import start_payment
from webapp.models import EmailMessage, Order, Refund
from webapp.transaction import transaction

# What the gateway tells of a purchase that was half refunded, in the order that it happened.
NOTICES = (
    "checkout.session.completed",
    "payment_intent.succeeded",
    "charge.refunded",
    "refund.created",
)
FIRST_OF_THE_REFUND = 2


class Purchase:
    """One purchase of a world, told about in some order."""

    def __init__(self, world: World) -> None:
        self.world = world
        with transaction():
            reference = checkouts.open_checkout(
                event_slug=world.slug,
                lines=[BasketLine(world.tiers[0], 1)],
                contact=Contact(email="guest@example.com"),
                origin=Origin(client_key="browser", trace_id="t"),
                caps=NO_CAPS,
                now=world.clock(),
            ).reference
        start = start_payment(reference=reference, links=LINKS, ports=world.ports)
        self.number = start.order_number
        self.session_id = str(start.url).rsplit("/", 1)[1]
        self.payment_id = self.session_id.replace("cs_", "pi_")

    def happen(self, up_to: int) -> None:
        """Whatever a notice tells of has happened by then, and maybe not more."""
        gateway = self.world.gateway
        if gateway.can_be_paid(self.session_id):
            gateway.pay(self.session_id)
        if up_to >= FIRST_OF_THE_REFUND and not gateway.list_refunds(self.payment_id):
            gateway.refund_at_gateway(self.payment_id, 1000)

    def deliver(self, which: int) -> None:
        self.happen(which)
        event_id, kind = f"evt_{self.session_id}_{which}", NOTICES[which]
        notice = make_notice(event_id, kind, self.session_id)
        with transaction():
            webhooks.record_notice(
                provider="stripe", notice=notice, now=self.world.clock(), trace_id="t"
            )

    def end(self) -> tuple[object, ...]:
        """What became of it."""
        db.session.rollback()
        order = db.session.scalars(select(Order).where(Order.number == self.number)).one()
        tickets = orders.list_tickets(order_id=order.id)
        refunds = db.session.scalars(select(Refund).where(Refund.order_id == order.id)).all()
        mails = db.session.scalars(select(EmailMessage).where(EmailMessage.order_id == order.id))
        return (
            order.status.value,
            [ticket.status.value for ticket in tickets],
            [(refund.amount_cents, refund.status.value) for refund in refunds],
            sorted(mail.kind for mail in mails),
        )


def deliveries():
    """Every order of every part of the notices, and each whole one with its first repeated."""
    for count in range(len(NOTICES) + 1):
        for told in itertools.permutations(range(len(NOTICES)), count):
            yield told
            if count == len(NOTICES):
                yield (*told, told[0])


@pytest.mark.parametrize("works_between", [True, False])
def test_every_order_of_the_same_notices_ends_the_same(app, ports, works_between):
    world = World(app, ports, capacity=1000)
    ends = {}
    for told in deliveries():
        purchase = Purchase(world)
        for which in told:
            purchase.deliver(which)
            if works_between:
                world.work()
        purchase.happen(len(NOTICES))
        ends[told] = purchase
    world.drain()

    mails = ["order_confirmation", "order_partially_refunded"]
    whole = ("partially_refunded", ["valid"], [(1000, "succeeded")], mails)
    assert {told: end for told, purchase in ends.items() if (end := purchase.end()) != whole} == {}
    assert world.own_faults() == []
    assert broken_rules() == []
    assert world.kept_cents() == world.kept_cents_at_gateway()
