"""Which tickets wallets were given. Who sees a ticket and who is told of it both follow from this.

Here alone it is written down, as SQL: one side asks for one wallet and all its
tickets, the other for many tickets and all their wallets.
"""

from sqlalchemy import BigInteger, Boolean, Subquery, bindparam, column, text

# A row for each way in which a wallet was given a ticket, with the holder that it was given for:
# by itself or with its order, never with an order that was added to that one: a friend may have
# bought it. The fence is holder_no, and for what is still the buyer's, holder 1, also the link
# version of the order.
GRANTS = """
    SELECT wallet_tickets.wallet_id, wallet_tickets.ticket_id, wallet_tickets.holder_no,
           FALSE AS by_order
    FROM wallet_tickets
    JOIN tickets ON tickets.id = wallet_tickets.ticket_id
    JOIN orders ON orders.id = tickets.order_id
    WHERE wallet_tickets.holder_no > 1 OR wallet_tickets.link_version = orders.link_version
    UNION ALL
    SELECT wallet_orders.wallet_id, tickets.id, 1, TRUE
    FROM wallet_orders
    JOIN orders ON orders.id = wallet_orders.order_id
     AND orders.link_version = wallet_orders.link_version
    JOIN tickets ON tickets.order_id = orders.id
"""

_OF_WALLET = text(
    "SELECT ticket_id, max(holder_no) AS holder_no, bool_or(by_order) AS by_order"  # noqa: S608 - a constant
    f" FROM ({GRANTS}) AS grants WHERE wallet_id = :wallet_id GROUP BY ticket_id"
)


def granted_to(wallet_id: int) -> Subquery:
    """Every ticket that a wallet was ever given, with the latest holder it was given for.

    ``by_order`` says that it came with its order, too.
    """
    return (
        _OF_WALLET.bindparams(bindparam("wallet_id", wallet_id, BigInteger()))
        .columns(
            column("ticket_id", BigInteger()),
            column("holder_no", BigInteger()),
            column("by_order", Boolean()),
        )
        .subquery("granted")
    )
