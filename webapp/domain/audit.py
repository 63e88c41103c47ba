"""The append-only trail of what was done to which row."""

from collections.abc import Mapping
from datetime import datetime

from webapp.database import db
from webapp.models import AuditEntry


def note(
    *,
    subject: str,
    subject_id: int,
    action: str,
    actor: str,
    details: Mapping[str, object],
    now: datetime,
    trace_id: str,
) -> None:
    """Write one entry. ``details`` holds figures and stable words, nothing of the buyer.

    Where a person decided, also who that was and why, as they put it themselves.
    """
    db.session.add(
        AuditEntry(
            subject=subject,
            subject_id=subject_id,
            action=action,
            actor=actor,
            details=dict(details),
            trace_id=trace_id,
            at=now,
        )
    )
