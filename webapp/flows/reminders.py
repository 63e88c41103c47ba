"""Twice a minute: reminders and changes of time are written down, as many as can go out."""

from datetime import timedelta

from webapp.domain import reminders, schedule_changes
from webapp.ports import Ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

PERIOD = timedelta(seconds=30)
# Half of what the provider takes stays free for confirmations, which somebody waits for.
SHARE_OF_MAILS = 0.5
BATCH = 200

Counts = dict[str, int]


def write_reminders(*, ports: Ports) -> Counts:
    """Write the reminders of the next :data:`PERIOD` down. Safe to repeat and to double."""
    per_second = ports.mail_per_second * SHARE_OF_MAILS
    limit = max(1, int(PERIOD.total_seconds() * per_second))
    spacing = timedelta(seconds=1 / per_second)
    now, trace_id = ports.utc_now(), current_trace_id()
    with transaction():
        moved = schedule_changes.note_moved_starts(now=now, limit=BATCH)
    with transaction():
        # News before what everybody knows: they share the pace.
        changes = schedule_changes.write_changes(
            now=now, trace_id=trace_id, limit=limit, spacing=spacing
        )
    with transaction():
        written = reminders.write_due_reminders(
            now=now, trace_id=trace_id, limit=max(0, limit - changes), spacing=spacing
        )
    return {"events_moved": moved, "changes_written": changes, "reminders_written": written}
