"""Another phone's copy by a code, and the end of this phone's."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import buyer
from blueprints.language import sentence_of
from blueprints.tallies import Tally
from blueprints.wallet import bp
from blueprints.wallet_copy import browser_name, current_copy, own_copy, remove_from_browser
from blueprints.wallet_keeping import ask_whose, read_confirmation, show_kept
from webapp.domain import pairing, wallet_copies
from webapp.domain.wallets import KeptIn
from webapp.errors import InvalidRequest
from webapp.extensions import signer
from webapp.links import absolute_url
from webapp.ports import ports
from webapp.transaction import transaction
from webapp.wallet_refusals import (
    TooManyPairingCodes,
    UnknownPairingCode,
    WalletOfSomeoneElse,
)

# As much as the field takes: eight characters with spaces and dashes in them.
MAX_CODE_LENGTH = 20
# A code lives ten minutes and is one of 2^40; a crowd at one address mistypes some.
GUESSES = Tally("wrong-pairing-code", per_network="120 per 1 hour", per_buyer="10 per 10 minutes")


@bp.get("/wallet/pairing")
def show_pairing() -> ResponseReturnValue:
    """Where a code is entered, and made by who has tickets here."""
    # So that mistakes are counted for this browser and not for its whole network.
    buyer.buyer_key()
    return make_response(_pairing_page())


@bp.post("/wallet/pairing")
def redeem_pairing_code() -> ResponseReturnValue:
    """Give this browser a copy of the wallet that made the code."""
    typed = request.form.get("code", "").strip()[:MAX_CODE_LENGTH]
    try:
        kept = _redeem(typed)
    except WalletOfSomeoneElse as refusal:
        back = url_for(".show_pairing")
        return ask_whose(refusal, back=back, fields={"code": typed}, may_add=False)
    except InvalidRequest as refusal:
        fault = sentence_of(refusal.faults[0])
        return make_response(_pairing_page(typed=typed, fault=fault), refusal.http_status)
    if kept.is_replaced:
        buyer.forget_everything()
    return show_kept(kept)


@bp.post("/wallet/pairing-codes")
def create_pairing_code() -> ResponseReturnValue:
    """A new code, shown once: in no address, and only its digest is stored."""
    copy, now = own_copy(), ports().utc_now()
    with transaction():
        code = pairing.make_pairing_code(copy=copy, signer=signer(), now=now)
    return render_template(
        "wallet/pairing_code.html",
        code=code,
        now=now,
        pairing_url=absolute_url("wallet.show_pairing"),
    )


@bp.get("/wallet/pairing-codes")
def show_pairing_codes() -> ResponseReturnValue:
    """A reload of the page with the code: a new one is made on purpose only."""
    return redirect(url_for(".show_pairing"), code=303)


@bp.get("/wallet/removal")
def show_removal() -> ResponseReturnValue:
    """Ask before the tickets go from this phone."""
    return render_template("wallet/removal.html")


@bp.post("/wallet/removal")
def create_removal() -> ResponseReturnValue:
    """Take the tickets from this phone, and everything that opens them. Safe to repeat."""
    remove_from_browser()
    response = make_response(render_template("wallet/removed.html"))
    # Not "cookies": the language stays, and ours are cleared one by one.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _redeem(typed: str) -> KeptIn:
    copy = current_copy()
    GUESSES.check(TooManyPairingCodes)
    try:
        with transaction():
            return pairing.redeem_pairing_code(
                text=typed,
                copy=copy,
                confirmation=read_confirmation(),
                signer=signer(),
                now=ports().utc_now(),
                browser=browser_name(),
            )
    except UnknownPairingCode:
        GUESSES.count()
        raise


def _pairing_page(*, typed: str = "", fault: str = "") -> str:
    copy = current_copy()
    return render_template(
        "wallet/pairing.html",
        is_connected=copy is not None,
        typed=typed,
        fault=fault,
        copy=copy,
        others=wallet_copies.list_other_copies(copy) if copy else (),
        is_removed="removed" in request.args,
    )
