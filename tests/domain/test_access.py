"""Access: signed, made for one thing, expiring; never by number."""

from datetime import timedelta

import pytest

from tests.factories import make_checkout, make_event, make_tier
from webapp.database import db
from webapp.domain import access, orders
from webapp.errors import NotFound
from webapp.signing import Signer
from webapp.transaction import transaction

pytestmark = pytest.mark.usefixtures("app")

SIGNER = Signer("an-example-secret-for-tests-0123456789")


@pytest.fixture
def order(clock):
    checkout = make_checkout((make_tier(make_event()), 1))
    with transaction():
        return orders.place_order(checkout=checkout, order=None, trace_id="t", now=clock())


def test_order_link_opens_its_order(order, clock):
    sealed = access.seal_order_link(SIGNER, order)

    assert access.open_order_link(SIGNER, sealed, now=clock()).number == order.number


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sealed: sealed[:-1],
        lambda sealed: sealed + "A",
        lambda sealed: "A" + sealed[1:],
        lambda sealed: sealed.split(".")[0],
        lambda _: "",
    ],
)
def test_altered_order_link_opens_nothing(order, clock, spoil):
    with pytest.raises(NotFound):
        access.open_order_link(SIGNER, spoil(access.seal_order_link(SIGNER, order)), now=clock())


def test_link_of_another_installation_opens_nothing(order, clock):
    sealed = access.seal_order_link(Signer("another-secret-of-another-box-office"), order)

    with pytest.raises(NotFound):
        access.open_order_link(SIGNER, sealed, now=clock())


def test_revoked_order_link_opens_nothing(order, clock):
    sealed = access.seal_order_link(SIGNER, order)
    order.link_version += 1
    db.session.commit()

    with pytest.raises(NotFound):
        access.open_order_link(SIGNER, sealed, now=clock())


def test_order_link_ends_a_month_after_the_event(order, clock):
    sealed = access.seal_order_link(SIGNER, order)
    clock.now = order.event.ends_at + timedelta(days=30, seconds=1)

    with pytest.raises(NotFound):
        access.open_order_link(SIGNER, sealed, now=clock())


def test_link_of_one_purpose_opens_nothing_of_another(order, clock):
    sealed = access.seal_checkout_link(SIGNER, order.checkout.reference)

    with pytest.raises(NotFound):
        access.open_order_link(SIGNER, sealed, now=clock())
    assert access.open_checkout_link(SIGNER, sealed, now=clock()) == order.checkout.reference


def test_checkout_token_opens_its_own_checkout_only(order):
    other = make_checkout((make_tier(make_event()), 1))
    token = access.checkout_token(SIGNER, order.checkout)

    assert access.is_checkout_token(SIGNER, order.checkout.reference, token)
    assert not access.is_checkout_token(SIGNER, other.reference, token)
    assert len(token) == 64
