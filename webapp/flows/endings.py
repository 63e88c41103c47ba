"""The last thing in a flow's last transaction: whoever began the work notes that it is done.

Effect and note are then one commit, so that a kill leaves both or neither.
"""

from collections.abc import Callable

Finish = Callable[[], object]


def nothing_to_finish() -> None:
    """For callers who keep no account: a page, or a flow within another."""
