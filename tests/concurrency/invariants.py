"""What must be true of the database at every quiet moment, asked in SQL, never of our own code."""

from sqlalchemy import text

from webapp.database import db

# Rule -> a query that answers the rows that break it.
RULES = {
    "held is the sum of live holds": """
        SELECT p.id, p.held FROM pools p LEFT JOIN holds h
            ON h.pool_id = p.id AND h.status IN ('held', 'paying')
        GROUP BY p.id HAVING p.held <> COALESCE(sum(h.quantity), 0)
    """,
    "sold is the sum of sold holds": """
        SELECT p.id, p.sold FROM pools p LEFT JOIN holds h
            ON h.pool_id = p.id AND h.status = 'sold'
        GROUP BY p.id HAVING p.sold <> COALESCE(sum(h.quantity), 0)
    """,
    "no pool is oversold": """
        SELECT id FROM pools WHERE held + sold > capacity OR held < 0 OR sold < 0
    """,
    "codes are counted as their checkouts say": """
        SELECT c.id, c.held, c.used, c.overused FROM codes c LEFT JOIN checkouts k
            ON k.code_id = c.id
        GROUP BY c.id HAVING c.held <> count(*) FILTER (WHERE k.code_use = 'held')
            OR c.used <> count(*) FILTER (WHERE k.code_use = 'used')
            OR c.overused <> count(*) FILTER (WHERE k.code_use = 'overused')
    """,
    "no code is used more often than it may be": """
        SELECT id FROM codes WHERE held + used > max_uses OR held < 0 OR used < 0
    """,
    "only an open checkout holds a use of a code": """
        SELECT id FROM checkouts WHERE code_use = 'held' AND status <> 'pending'
    """,
    "a use of a code is spent by a paid checkout, and by every one with a code": """
        SELECT id FROM checkouts WHERE code_id IS NOT NULL
            AND (code_use IN ('used', 'overused')) <> (status = 'converted')
    """,
    "discounts of lines are the discount of their order": """
        SELECT o.id FROM orders o JOIN order_items i ON i.order_id = o.id
        GROUP BY o.id HAVING sum(i.discount_cents) <> o.discount_cents
    """,
    "discounts of lines are the discount of their checkout": """
        SELECT k.id FROM checkouts k JOIN checkout_items i ON i.checkout_id = k.id
        GROUP BY k.id HAVING sum(i.discount_cents) <> k.discount_cents
    """,
    "a pool admits no more valid tickets than its capacity": """
        SELECT p.id FROM pools p JOIN tier_pools tp ON tp.pool_id = p.id
            JOIN tickets t ON t.tier_id = tp.tier_id AND t.status = 'valid'
        GROUP BY p.id HAVING count(*) > p.capacity
    """,
    "a fulfilled order has one valid ticket a unit": """
        SELECT i.id FROM order_items i JOIN orders o ON o.id = i.order_id
            LEFT JOIN tickets t ON t.order_item_id = i.id AND t.status = 'valid'
        WHERE o.fulfilled_at IS NOT NULL AND i.kind <> 'donation'
            AND o.status IN ('paid', 'partially_refunded')
        GROUP BY i.id HAVING count(t.id) <> i.quantity
    """,
    "only an order that was paid has valid tickets": """
        SELECT t.id FROM tickets t JOIN orders o ON o.id = t.order_id
        WHERE t.status = 'valid' AND o.status NOT IN ('paid', 'partially_refunded')
    """,
    "the seats of an order that was paid are sold": """
        SELECT o.id FROM orders o JOIN holds h ON h.checkout_id = o.checkout_id
        WHERE o.status IN ('paid', 'partially_refunded') AND h.status <> 'sold'
    """,
    "seats are sold to orders that were paid only": """
        SELECT h.id FROM holds h LEFT JOIN orders o ON o.checkout_id = h.checkout_id
        WHERE h.status = 'sold' AND o.status IS DISTINCT FROM 'paid'
            AND o.status IS DISTINCT FROM 'partially_refunded'
    """,
    "an order that was paid has sold just the places of its lines": """
        SELECT order_id, pool_id FROM (
            SELECT o.id AS order_id, h.pool_id, sum(h.quantity) AS places FROM orders o
                JOIN holds h ON h.checkout_id = o.checkout_id AND h.status = 'sold'
            WHERE o.status IN ('paid', 'partially_refunded') GROUP BY o.id, h.pool_id
        ) seats FULL JOIN (
            SELECT o.id AS order_id, tp.pool_id, sum(i.quantity) AS places FROM orders o
                JOIN order_items i ON i.order_id = o.id
                JOIN tier_pools tp ON tp.tier_id = i.tier_id
            WHERE o.status IN ('paid', 'partially_refunded') GROUP BY o.id, tp.pool_id
        ) lines USING (order_id, pool_id)
        WHERE seats.places IS DISTINCT FROM lines.places
    """,
    "serial numbers run from one without a gap": """
        SELECT e.id FROM events e LEFT JOIN tickets t ON t.event_id = e.id
        GROUP BY e.id HAVING count(t.id) <> e.next_serial
            OR count(DISTINCT t.serial_number) <> count(t.id)
            OR COALESCE(max(substr(t.serial_number, length(e.order_prefix) + 1)::int), 0)
                <> count(t.id)
    """,
    "order numbers run from one without a gap": """
        SELECT c.event_id FROM order_number_counters c JOIN orders o ON o.event_id = c.event_id
            AND o.number LIKE '%-' || to_char(c.day, 'YYYYMMDD') || '-%'
        GROUP BY c.event_id, c.day, c.last HAVING count(*) <> c.last
    """,
    "a payment is live for one order at most once": """
        SELECT order_id FROM payments WHERE status IN ('created', 'open', 'processing')
        GROUP BY order_id HAVING count(*) > 1
    """,
    "money is never given back twice": """
        SELECT p.id FROM payments p JOIN refunds r ON r.payment_id = p.id
            AND r.status IN ('pending', 'succeeded')
        GROUP BY p.id HAVING sum(r.amount_cents) > COALESCE(p.captured_cents, p.amount_cents)
    """,
    "an order gets each kind of mail once": """
        SELECT order_id, kind FROM email_messages
        WHERE kind NOT IN ('order_partially_refunded', 'order_refunded')
        GROUP BY order_id, kind HAVING count(*) > 1
    """,
    "the end of all money is told of once each time": """
        SELECT m.order_id FROM email_messages m WHERE m.kind = 'order_refunded'
        GROUP BY m.order_id HAVING count(*) > (
            SELECT count(*) FROM order_transitions t
            WHERE t.order_id = m.order_id AND t.to_status = 'refunded'
        )
    """,
    "each part of the money that went back is told of once": """
        SELECT m.order_id FROM email_messages m WHERE m.kind = 'order_partially_refunded'
        GROUP BY m.order_id HAVING count(*) > (
            SELECT count(*) FROM refunds r
            WHERE r.order_id = m.order_id AND r.reason = 'at_gateway' AND r.settled_at IS NOT NULL
        )
    """,
}


# One question for all: it is asked after every step of every story.
EVERY_RULE = text(
    " UNION ALL ".join(
        f"SELECT '{rule}' AS rule, row_to_json(culprit)::text FROM ({query}) culprit"  # noqa: S608
        for rule, query in RULES.items()
    )
)


def broken_rules() -> list[str]:
    """The rules that do not hold right now, with a few of the rows that break them."""
    db.session.rollback()
    broken = [f"{rule}: {row}" for rule, row in db.session.execute(EVERY_RULE).fetchmany(5)]
    db.session.rollback()
    return broken
