"""Background work on orders."""

from webapp.domain import order_lookups, signing_keys, tickets
from webapp.extensions import key_seal
from webapp.flows.endings import Finish
from webapp.ports import ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction


def issue_tickets(order_id: int, finish: Finish) -> None:
    """Issue the tickets of a paid order, once."""
    with transaction():
        now, trace_id = ports().utc_now(), current_trace_id()
        key = signing_keys.get_current_key(seal=key_seal(), now=now, trace_id=trace_id)
        tickets.issue_tickets(order_id=order_id, key_no=key.key_no, now=now, trace_id=trace_id)
        finish()


def find_orders(lookup_id: int, finish: Finish) -> None:
    """Write the mail with an address's orders, once, if it has any."""
    with transaction():
        order_lookups.answer_lookup(
            lookup_id=lookup_id, now=ports().utc_now(), trace_id=current_trace_id()
        )
        finish()
