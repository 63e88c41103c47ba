"""The copy of a wallet in this browser: two cookies, and what happens when one of them is gone.

``yardpass-wallet`` cannot be read by scripts. ``yardpass-wallet-here`` can be
deleted by one without a network: "remove from this phone" works in a cellar, and
the next request that still shows the other half ends the copy on the server.
"""

from flask import Flask, Response, current_app, g, request

from blueprints import buyer
from blueprints.security import PROGRAM_BLUEPRINTS
from webapp.domain import wallets
from webapp.domain.wallets import Credential, KeptIn
from webapp.models import WalletCopy
from webapp.ports import ports
from webapp.transaction import transaction

HERE_COOKIE = "yardpass-wallet-here"
# Neither shows nor ends anything.
_BYSTANDERS = PROGRAM_BLUEPRINTS | {"health"}


def init_app(app: Flask) -> None:
    """Look at both halves before every page. Call after CSRF."""
    app.before_request(end_half_copy)
    app.after_request(write_cookies)


def current_copy() -> WalletCopy | None:
    """The copy that this browser proves, if any; looked up once a request."""
    if "wallet_copy" not in g:
        credential = _sent_credential()
        g.wallet_copy = wallets.find_copy(credential) if credential else None
    found: WalletCopy | None = g.wallet_copy
    return found


def was_connected() -> bool:
    """Whether this browser had a copy once that is no more."""
    return bool(request.cookies.get(_token_cookie())) and current_copy() is None


def use_copy(kept: KeptIn) -> None:
    """Let this browser go on with the copy that something was put into."""
    g.wallet_copy = kept.copy
    if kept.credential is not None:
        g.wallet_cookies = kept.credential


def forget_copy() -> None:
    """Take both halves from this browser."""
    g.wallet_copy = None
    g.wallet_cookies = None


def note_seen(copy: WalletCopy) -> None:
    """Once a day: write that the copy is in use, and let its cookies live on."""
    with transaction():
        is_due = wallets.note_seen(copy, now=ports().utc_now())
    credential = _sent_credential()
    if is_due and credential is not None:
        g.wallet_cookies = credential


def end_half_copy() -> None:
    """One half alone means: removed from this phone while it was offline.

    Whoever uses the phone now must find nothing of the former, so what this
    browser may open ends with the copy. The half that scripts can write ends
    only a copy that it belongs to: anybody could have put one there.
    """
    if request.endpoint in {None, "static"} or request.blueprint in _BYSTANDERS:
        return
    token = request.cookies.get(_token_cookie(), "")
    here = request.cookies.get(HERE_COOKIE, "")
    if bool(token) is bool(here):
        return
    with transaction():
        is_ended = wallets.end_half_copy(token=token, here=here)
    if token or is_ended:
        buyer.forget_everything()
    forget_copy()


def write_cookies(response: Response) -> Response:
    """Set or clear both halves, always together."""
    if "wallet_cookies" not in g:
        return response
    credential: Credential | None = g.wallet_cookies
    texts = (credential.token, credential.here) if credential else ("", "")
    for name, text in zip((_token_cookie(), HERE_COOKIE), texts, strict=True):
        response.set_cookie(
            name,
            text,
            max_age=int(wallets.COPY_LIFETIME.total_seconds()) if text else 0,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=name != HERE_COOKIE,
            samesite="Lax",
        )
    return response


def _sent_credential() -> Credential | None:
    token = request.cookies.get(_token_cookie(), "")
    here = request.cookies.get(HERE_COOKIE, "")
    return Credential(token, here) if token and here else None


def _token_cookie() -> str:
    """Beside the session's name, whose prefix says that it is for this host alone."""
    return f"{current_app.config['SESSION_COOKIE_NAME']}-wallet"
