"""Background work on passes."""

from webapp.flows import passes
from webapp.flows.endings import Finish
from webapp.ports import ports


def wake_phones(pass_id: int, finish: Finish) -> None:
    """Tell the phones that have a pass to ask for it."""
    passes.wake_phones(pass_id=pass_id, ports=ports(), finish=finish)
