"""Twice a minute: reminders and changes of time are written down, as many as can go out."""

from datetime import timedelta

from webapp.domain import reminders
from webapp.ports import Ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

PERIOD = timedelta(seconds=30)
# Half of what the provider takes stays free for confirmations, which somebody waits for.
SHARE_OF_MAILS = 0.5

Counts = dict[str, int]


def write_reminders(*, ports: Ports) -> Counts:
    """Write the reminders of the next :data:`PERIOD` down. Safe to repeat and to double."""
    per_second = ports.mail_per_second * SHARE_OF_MAILS
    with transaction():
        written = reminders.write_due_reminders(
            now=ports.utc_now(),
            trace_id=current_trace_id(),
            limit=max(1, int(PERIOD.total_seconds() * per_second)),
            spacing=timedelta(seconds=1 / per_second),
        )
    return {"reminders_written": written}
