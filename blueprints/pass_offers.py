"""Which wallets of phones a page may offer."""

from webapp.domain import passes
from webapp.models import Event
from webapp.ports import ports


def offered_kinds() -> frozenset[str]:
    """``apple`` and ``google``, as far as they are set up and what they sign is accepted."""
    now, own = ports().utc_now(), ports().passes
    offered = {"apple": own.usable_apple(now=now), "google": own.google}
    return frozenset(kind for kind, keys in offered.items() if keys)


def pass_kinds(event: Event) -> frozenset[str]:
    """The same, while tickets of the event can be taken there at all."""
    is_exported = passes.is_exported(event=event, now=ports().utc_now())
    return offered_kinds() if is_exported else frozenset()
