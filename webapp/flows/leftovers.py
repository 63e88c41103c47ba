"""Once an hour: what nobody needs any more goes, a little at a time. The audit trail stays."""

from datetime import timedelta

from webapp.domain import passes, transfer_claims
from webapp.ports import Ports
from webapp.transaction import transaction

PERIOD = timedelta(hours=1)
# So many rows of each kind at most: nobody waits behind a long deletion.
BATCH = 500

Counts = dict[str, int]


def delete_leftovers(*, ports: Ports) -> Counts:
    """Forget unfinished claims and registrations that lead nowhere. Safe to repeat and double."""
    now = ports.utc_now()
    with transaction():
        claims = transfer_claims.delete_unfinished(now=now, limit=BATCH)
    with transaction():
        registrations = passes.delete_old_registrations(now=now, limit=BATCH)
    return {"claims_deleted": claims, "registrations_deleted": registrations}
