"""Codes that a buyer may name. None is handed out yet, so that every one is unknown."""

from webapp.errors import FieldFault, InvalidRequest
from webapp.wording import n_


def refuse_unknown_code(*, code: str) -> None:
    """Raise :class:`InvalidRequest` for a code that the event does not know; none named is fine."""
    if code:
        raise InvalidRequest([FieldFault("code", n_("This code is not valid for this event."))])
