"""The upgrade that fences tickets in wallets changes nothing that wallets show."""

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from tests.factories import NOW, make_event, make_tier
from tests.issued import give_away, make_issued_order, tickets_of
from tests.phones import keep_on_phone
from webapp.database import db
from webapp.domain import ticket_access

pytestmark = pytest.mark.usefixtures("app")


def test_wallets_show_the_same_tickets_after_the_upgrade_that_fences_them():
    order = make_issued_order((make_tier(make_event()), 2))
    order.link_version = 3
    db.session.commit()
    first, second = tickets_of(order)
    give_away(second, "friend@example.com")
    copies = [keep_on_phone(ticket) for ticket in (first, second)]
    removed = keep_on_phone(first)
    removed.removed_at = NOW
    db.session.commit()
    wallet_ids = [copy.wallet_id for copy in copies]
    before = [shown_in(wallet_id) for wallet_id in wallet_ids]
    db.session.remove()

    downgrade(revision="0013")
    upgrade()

    assert [len(shown) for shown in before] == [1, 1]
    assert [shown_in(wallet_id) for wallet_id in wallet_ids] == before
    # A release that knows no removal must not give the phone its tickets back.
    assert db.session.scalar(text("SELECT count(*) FROM wallet_copies")) == len(copies)


def shown_in(wallet_id: int) -> list[tuple[int, str]]:
    found = ticket_access.list_wallet_tickets(wallet_id=wallet_id, ended_after=NOW)
    return [(seen.ticket.id, seen.status.value) for seen in found]
