"""A session that the gateway does not know: its places go back, unless money may be behind it."""

import pytest

from tests.flows.outcomes import sync, the_order
from tests.notices import make_notice
from tests.purchases import counters
from webapp.database import db
from webapp.domain import payments, unknown_sessions, webhooks
from webapp.flows.payments import withdraw_payment
from webapp.models import AuditEntry, CheckoutStatus, OrderStatus, Payment, PaymentStatus
from webapp.ports import GatewayKeyRefused, GatewayRefused, GatewayUnavailable, GatewayUnknown
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")

END = payments.SESSION_LIFETIME + payments.SESSION_GRACE


@pytest.fixture
def session_id(checkout, buyer) -> str:
    """A session that was opened for two places."""
    return buyer.session_of(checkout)


def the_payment() -> Payment:
    db.session.expire_all()
    return db.session.query(Payment).order_by(Payment.id.desc()).limit(1).one()


def closing_entries() -> list[AuditEntry]:
    return db.session.query(AuditEntry).filter_by(action="session_unknown").all()


def assert_still_guarded(checkout, ports, pool) -> None:
    with pytest.raises(GatewayUnknown):
        sync(checkout, ports)
    assert the_order(checkout).status is not OrderStatus.EXPIRED
    assert counters(pool) == (2, 0)
    assert closing_entries() == []


def test_its_places_go_back_after_its_end_with_a_line_in_the_trail(
    checkout, gateway, session_id, clock, ports, pool
):
    gateway.sessions.clear()
    clock.advance(seconds=END.total_seconds())

    order = sync(checkout, ports)

    assert (order.status, the_payment().status) == (OrderStatus.EXPIRED, PaymentStatus.EXPIRED)
    assert the_payment().checked_at == clock()
    assert counters(pool) == (0, 0)
    (entry,) = closing_entries()
    assert (entry.subject, entry.subject_id, entry.actor) == ("payment", the_payment().id, "system")
    assert entry.details == {"attempt": 1, "amount_cents": 6615, "status": "open"}
    # And the next look has nothing left to say.
    sync(checkout, ports)
    assert len(closing_entries()) == 1


def test_before_its_end_and_grace_nothing_is_decided_and_the_look_is_noted(
    checkout, gateway, session_id, clock, ports, pool
):
    gateway.sessions.clear()
    clock.advance(seconds=END.total_seconds() - 1)

    assert_still_guarded(checkout, ports, pool)

    assert the_payment().checked_at == clock()


def test_with_a_live_key_it_is_not_believed_for_more_than_a_day(
    checkout, gateway, session_id, clock, ports, pool
):
    # A live account forgets nothing: most likely we ask with the key of another one.
    gateway.livemode = True
    gateway.sessions.clear()
    clock.advance(seconds=END.total_seconds())
    assert_still_guarded(checkout, ports, pool)

    clock.advance(seconds=unknown_sessions.LIVE_GRACE.total_seconds())

    assert sync(checkout, ports).status is OrderStatus.EXPIRED
    assert counters(pool) == (0, 0)


def test_while_money_is_on_its_way_it_is_never_closed(
    checkout, gateway, session_id, clock, ports, pool
):
    gateway.start_delayed(session_id)
    sync(checkout, ports)
    gateway.sessions.clear()
    clock.advance(days=9)

    assert_still_guarded(checkout, ports, pool)

    assert the_payment().status is PaymentStatus.PROCESSING


def test_after_a_notice_that_it_was_paid_it_is_never_closed(
    checkout, gateway, session_id, clock, ports, pool
):
    gateway.sessions.clear()
    with transaction():
        webhooks.record_notice(
            provider="stripe",
            notice=make_notice("evt_1", "checkout.session.completed", session_id),
            now=clock(),
            trace_id="t",
        )
    clock.advance(days=9)

    assert_still_guarded(checkout, ports, pool)


def test_money_that_turns_up_after_all_is_money_that_came_late(
    checkout, gateway, session_id, clock, ports, pool
):
    gateway.pay(session_id)
    paid, gateway.sessions = gateway.sessions, {}
    clock.advance(seconds=END.total_seconds())
    assert sync(checkout, ports).status is OrderStatus.EXPIRED

    gateway.sessions = paid

    assert sync(checkout, ports).status is OrderStatus.PAID
    assert counters(pool) == (0, 2)


def test_an_unknown_session_that_is_over_does_not_keep_another_from_being_paid(
    checkout, gateway, session_id, clock, ports, buyer
):
    withdraw_payment(reference=checkout.reference, ports=ports)
    second = buyer.session_of(checkout)
    gateway.pay(second)
    del gateway.sessions[session_id]

    assert sync(checkout, ports).status is OrderStatus.PAID


def test_a_basket_whose_buyer_went_on_is_still_theirs(
    checkout, gateway, session_id, clock, ports, pool
):
    clock.advance(seconds=END.total_seconds() - 60)
    payment = the_payment()
    payment.withdrawn_at = clock()
    db.session.commit()
    gateway.sessions.clear()
    clock.advance(minutes=1)

    order = sync(checkout, ports)

    assert (order.status, the_payment().status) == (OrderStatus.PENDING, PaymentStatus.EXPIRED)
    assert order.checkout.status is CheckoutStatus.PENDING
    assert counters(pool) == (2, 0)


def test_money_that_was_seen_stays_seen_and_somebody_hears_that_it_cannot_be_followed(
    checkout, gateway, session_id, clock, ports, pool
):
    gateway.pay(session_id)
    sync(checkout, ports)
    gateway.sessions.clear()
    clock.advance(days=9)

    with pytest.raises(GatewayUnknown):
        sync(checkout, ports)

    assert the_order(checkout).status is OrderStatus.PAID
    assert counters(pool) == (0, 2)
    assert closing_entries() == []


@pytest.mark.parametrize("fault", [GatewayKeyRefused, GatewayRefused])
def test_a_gateway_that_says_no_for_another_reason_frees_nothing_and_the_look_is_noted(
    fault, checkout, gateway, session_id, clock, ports, pool
):
    def refuse(_session_id: str) -> None:
        raise fault

    gateway.look_up_session = refuse
    clock.advance(days=9)

    with pytest.raises(fault):
        sync(checkout, ports)

    assert the_payment().checked_at == clock()
    assert the_payment().status is PaymentStatus.OPEN
    assert counters(pool) == (2, 0)


def test_a_gateway_that_does_not_answer_is_not_a_look(checkout, gateway, session_id, clock, ports):
    looked_at = the_payment().checked_at
    gateway.is_down = True
    clock.advance(minutes=5)

    with pytest.raises(GatewayUnavailable):
        sync(checkout, ports)

    assert the_payment().checked_at == looked_at
