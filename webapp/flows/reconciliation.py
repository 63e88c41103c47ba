"""Once a minute: whatever was lost on the way is found again, here or at the gateway."""

from datetime import timedelta

from webapp.domain import checkout_closing, emails, outbox, reconciliation, wallets, webhooks
from webapp.ports import Ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

# How far back the gateway is asked for what it could not deliver: as long as it tries itself.
LOOK_BACK = timedelta(days=3)
BATCH = 200

Counts = dict[str, int]


def ring_due_work(*, ports: Ports) -> Counts:
    """Ring for rows that are due and whose last ring was lost or too long ago."""
    with transaction():
        due = outbox.list_due_work(now=ports.utc_now(), limit=BATCH)
    for queue, outbox_id in due:
        ports.doorbell.ring(queue=queue, outbox_id=outbox_id)
    return {"rung": len(due)}


def close_lapsed(*, ports: Ports) -> Counts:
    """Expire checkouts whose time is up, and look at payments that are overdue."""
    now = ports.utc_now()
    with transaction():
        expired = checkout_closing.expire_lapsed(now=now, limit=BATCH)
    with transaction():
        overdue = reconciliation.add_overdue_payments(now=now, limit=BATCH)
    return {"checkouts_expired": expired, "payments_overdue": overdue}


def reconcile(*, ports: Ports) -> Counts:
    """Compare what we know with itself; adds work, does none of it. Safe to repeat."""
    now, trace_id = ports.utc_now(), current_trace_id()
    with transaction():
        unissued = reconciliation.add_unissued_orders(now=now, limit=BATCH)
        unmailed = reconciliation.add_unmailed_orders(now=now, limit=BATCH)
        forgotten = emails.make_forgotten_emails_due(now=now, trace_id=trace_id, limit=BATCH)
        refunds = reconciliation.add_unsettled_refunds(now=now, limit=BATCH)
        settled = reconciliation.add_settled_refunds(now=now, limit=BATCH)
    with transaction():
        deleted = reconciliation.delete_old_rows(now=now) + wallets.delete_old_rows(now=now)
    return {
        "orders_unissued": unissued,
        "orders_unmailed": unmailed,
        "mails_forgotten": forgotten,
        "refunds_unsettled": refunds,
        "refunds_settled": settled,
        "rows_deleted": deleted,
    }


def fetch_missed_notices(*, ports: Ports) -> Counts:
    """Take in what the gateway could not deliver. Raises :class:`GatewayUnavailable`."""
    now = ports.utc_now()
    notices = ports.payments.list_undelivered_notices(since=now - LOOK_BACK)
    recorded = 0
    for notice in notices:
        if notice.livemode is not ports.payments.livemode:
            continue
        with transaction():
            recorded += webhooks.record_notice(
                provider=ports.payments.name,
                notice=notice,
                now=now,
                trace_id=current_trace_id(),
            )
    return {"notices_missed": recorded}
