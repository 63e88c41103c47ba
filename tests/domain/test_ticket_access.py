"""Who may see a ticket: the statement behind it is served by indexes, and add-ons go along."""

import re
from datetime import timedelta

from sqlalchemy import event, text

from tests.blueprints.wallets import buy, pass_on, ticket_ids
from tests.factories import make_event
from tests.issued import make_order
from webapp.database import db
from webapp.domain import ticket_access, wallets
from webapp.domain.ticket_access import SeenStatus
from webapp.domain.wallets import Confirmation
from webapp.models import AddOnCheckout, Order, WalletCopy
from webapp.transaction import transaction

# What grows with every sale; the others are as short as the programme.
GROWING = ("tickets", "orders", "wallet_orders", "wallet_tickets", "add_on_checkouts")


def keep(order: Order, now) -> WalletCopy:
    with transaction():
        return wallets.keep_order(
            copy=None, order=order, confirmation=Confirmation.NONE, now=now
        ).copy


def seen(copy: WalletCopy, now) -> dict[int, SeenStatus]:
    found = ticket_access.list_wallet_tickets(
        wallet_id=copy.wallet_id, ended_after=now - timedelta(days=30)
    )
    return {each.ticket.id: each.status for each in found}


def plan_of(action) -> str:
    """How the database goes about the first statement of ``action`` when it may read no table."""
    sent = []

    def note(connection, cursor, statement, parameters, *_):
        sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    action()
    event.remove(db.engine, "before_cursor_execute", note)
    statement, parameters = sent[0]
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return "\n".join(str(row[0]) for row in rows)


def keep_in_other_wallets(order: Order, now) -> None:
    """Two thousand further wallets with the order and a ticket of it, known to the planner.

    In tables that are nearly empty any index serves as well as any other.
    """
    db.session.execute(
        text(
            "WITH others AS (INSERT INTO wallets (name, created_at)"
            " SELECT 'other ' || n, :now FROM generate_series(1, 2000) AS n RETURNING id),"
            " keeps AS (INSERT INTO wallet_orders (wallet_id, order_id, link_version, added_at)"
            " SELECT id, :order_id, 1, :now FROM others)"
            " INSERT INTO wallet_tickets (wallet_id, ticket_id, holder_no, added_at)"
            " SELECT id, :ticket_id, 1, :now FROM others"
        ),
        {"now": now, "order_id": order.id, "ticket_id": ticket_ids(order)[0]},
    )
    db.session.execute(text("ANALYZE wallets, wallet_orders, wallet_tickets"))
    db.session.commit()


def test_no_table_that_grows_is_read_as_a_whole(app, clock):
    order = make_order(clock)
    copy = keep(order, clock())
    keep_in_other_wallets(order, clock())

    plan = plan_of(lambda: seen(copy, clock()))
    read_whole = set(re.findall(r"Seq Scan on (\w+)", plan))

    assert "wallet_orders" in plan
    # One wallet is looked for in each of the two ways, not all wallets and then this one.
    assert len(re.findall(r"Index Cond: \(\(?wallet_id = ", plan)) == 2
    assert read_whole & set(GROWING) == set()


def test_no_order_brings_the_tickets_of_another_along(app, clock):
    programme = make_event()
    first, further = (
        buy(programme, quantity=1, clock=clock),
        buy(programme, quantity=2, clock=clock),
    )
    copy = keep(first, clock())
    assert set(seen(copy, clock())) == set(ticket_ids(first))

    db.session.add(AddOnCheckout(checkout_id=further.checkout_id, order_id=first.id))
    db.session.commit()

    assert set(seen(copy, clock())) == set(ticket_ids(first))


def test_holder_counts_and_not_the_address(app, clock):
    order = make_order(clock)
    first, second = ticket_ids(order)
    copy = keep(order, clock())

    pass_on(first, email=order.contact_email)

    assert seen(copy, clock()) == {first: SeenStatus.GIVEN, second: SeenStatus.VALID}


def test_later_grant_counts_whichever_way_it_came(app, clock):
    order = make_order(clock)
    first, second = ticket_ids(order)
    copy = keep(order, clock())
    ticket = pass_on(first)
    with transaction():
        wallets.keep_ticket(copy=copy, ticket=ticket, confirmation=Confirmation.ADD, now=clock())

    assert seen(copy, clock()) == {first: SeenStatus.VALID, second: SeenStatus.VALID}
