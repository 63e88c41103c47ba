"""The wallet's other phones: removed from here, by whoever has the wallet."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints.wallet import bp
from blueprints.wallet_copy import own_copy
from webapp.database import LARGEST_ID
from webapp.domain import wallet_copies
from webapp.ports import ports
from webapp.tracing import current_trace_id
from webapp.transaction import transaction


@bp.post(f"/wallet/copies/<int(max={LARGEST_ID}):copy_id>/removal")
def create_copy_removal(copy_id: int) -> ResponseReturnValue:
    """Remove one other phone of this wallet. Safe to repeat."""
    own, now = own_copy(), ports().utc_now()
    with transaction():
        wallet_copies.remove_other_copy(
            own=own, copy_id=copy_id, now=now, trace_id=current_trace_id()
        )
    return _back()


@bp.post("/wallet/copies/removal")
def create_copies_removal() -> ResponseReturnValue:
    """Remove all other phones of this wallet. Safe to repeat."""
    own, now = own_copy(), ports().utc_now()
    with transaction():
        wallet_copies.remove_other_copies(own=own, now=now, trace_id=current_trace_id())
    return _back()


@bp.get(f"/wallet/copies/<int(max={LARGEST_ID}):copy_id>/removal")
@bp.get("/wallet/copies/removal")
def show_copies(copy_id: int = 0) -> ResponseReturnValue:
    """A reload of what became of a removal that was refused: to the phones that there are."""
    del copy_id
    return redirect(url_for(".show_pairing", _anchor="wallet-copies"), code=303)


def _back() -> ResponseReturnValue:
    return redirect(url_for(".show_pairing", removed="", _anchor="wallet-copies"), code=303)
