"""Passes on phones: told of changes, and certificates that are watched before they end."""

import logging

from webapp.domain import pass_updates, passes
from webapp.flows.endings import Finish, nothing_to_finish
from webapp.pass_ports import PassPhoneGone, PassPushUnavailable
from webapp.ports import Ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction

log = logging.getLogger(__name__)

# So many phones at most are woken for one look: mails wait in the same queue.
BATCH = 500
# The service itself is away: the rest waits for the next try, within this one's lease.
UNREACHED_AT_MOST = 3

Counts = dict[str, int]


def wake_phones(*, pass_id: int, ports: Ports, finish: Finish = nothing_to_finish) -> None:
    """Tell every phone that has the pass to ask for it. Safe to repeat.

    Phones that no longer have it are forgotten, also when others could not be
    reached. Raises :class:`PassPushUnavailable` when one could not.
    """
    pusher = ports.passes.pusher
    with transaction():
        phones = passes.list_push_tokens(pass_id=pass_id)
        if pusher is None or not phones:
            finish()
            return
    gone, unreached = [], 0
    for registration_id, push_token in phones:
        try:
            pusher.push(push_token)
        except PassPhoneGone:
            gone.append(registration_id)
        except PassPushUnavailable:
            unreached += 1
            if unreached >= UNREACHED_AT_MOST:
                break
    with transaction():
        passes.forget_phones(registration_ids=gone)
        if not unreached:
            finish()
    if unreached:
        raise PassPushUnavailable


def sweep_passes(*, ports: Ports) -> Counts:
    """Find passes that show what is no longer so, whoever changed it."""
    with transaction():
        changed = pass_updates.sweep_passes(
            now=ports.utc_now(), trace_id=current_trace_id(), limit=BATCH
        )
    return {"passes_changed": changed}


def check_certificates(*, ports: Ports) -> Counts:
    """Say in the log which certificates end soon, or have ended."""
    now = ports.utc_now()
    wanted = [each for each in ports.passes.certificates() if each.needs_attention(now=now)]
    for each in wanted:
        facts = {"certificate": each.name, "days_left": each.days_left(now=now)}
        if each.is_valid(now=now):
            log.warning("certificate ends soon", extra=facts)
        else:
            log.error("certificate is not valid: no passes are offered", extra=facts)
    return {"certificates_ending": len(wanted)}
