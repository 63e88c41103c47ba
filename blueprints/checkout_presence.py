"""The checkout's page tells that somebody has it in view."""

from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.checkout import bp
from webapp.domain import presence
from webapp.errors import NotFound
from webapp.ports import ports
from webapp.transaction import transaction


@bp.post("/checkout/<reference>/presence")
def create_presence(reference: str) -> ResponseReturnValue:
    """Note it. One statement: every page in view comes back each minute."""
    if reference not in buyer.open_references():
        raise NotFound
    with transaction():
        presence.note_presence(reference=reference, now=ports().utc_now())
    return "", 204
