"""The copy of a wallet in this browser: two cookies, and what happens when one of them is gone.

``yardpass-wallet`` cannot be read by scripts. ``yardpass-wallet-here`` can be
deleted by one without a network: "remove from this phone" works in a cellar, and
the next request that still shows the other half ends the copy on the server.

A copy that another phone removed shows both still. It opens nothing, and keeps
them until its scripts have deleted what is saved: only so can they be told.
"""

from flask import Flask, Response, current_app, request, session

from blueprints import buyer
from blueprints.security import PROGRAM_BLUEPRINTS
from webapp.domain import wallet_credentials
from webapp.domain.browser_names import BrowserName, name_browser
from webapp.domain.wallet_credentials import Credential
from webapp.domain.wallets import COPY_LIFETIME, KeptIn
from webapp.models import WalletCopy
from webapp.ports import ports
from webapp.transaction import transaction
from webapp.wallet_refusals import WalletNotConnected

HERE_COOKIE = "yardpass-wallet-here"
# Neither shows nor ends anything.
_BYSTANDERS = PROGRAM_BLUEPRINTS | {"health"}
# Whoever only looks there neither is let into anything nor uses what they were let into.
_PUBLIC = frozenset({"events", "posters", "pwa", "ticket_keys"})
# The session's name for the removed copy with which everything else was forgotten.
_REMOVED = "removed_copy"
# What this request knows of the copy, and what its answer tells the browser to keep.
_FOUND = "yardpass.wallet_copy"
_TO_SET = "yardpass.wallet_cookies"


def init_app(app: Flask) -> None:
    """Look at both halves before every page. Call after CSRF."""
    app.before_request(end_half_copy)
    app.before_request(forget_with_removed_copy)
    app.after_request(write_cookies)


def current_copy() -> WalletCopy | None:
    """The copy that this browser proves, if any; looked up once a request."""
    if _FOUND not in request.environ:
        credential = _sent_credential()
        request.environ[_FOUND] = wallet_credentials.find_copy(credential) if credential else None
    found: WalletCopy | None = request.environ[_FOUND]
    return found


def own_copy() -> WalletCopy:
    """The same for what needs one. Raises :class:`WalletNotConnected`."""
    copy = current_copy()
    if copy is None:
        raise WalletNotConnected
    return copy


def was_removed() -> bool:
    """Whether another phone removed the copy that this browser proves."""
    return _removed_copy() is not None


def browser_name() -> BrowserName:
    """What a copy in this browser is called: words of ours, never what the browser sent."""
    return name_browser(request.user_agent.string)


def was_connected() -> bool:
    """Whether this browser had a copy once that is no more."""
    return bool(request.cookies.get(_token_cookie())) and current_copy() is None


def use_copy(kept: KeptIn) -> None:
    """Let this browser go on with the copy that something was put into."""
    request.environ[_FOUND] = kept.copy
    if kept.credential is not None:
        request.environ[_TO_SET] = kept.credential


def forget_copy() -> None:
    """Take both halves from this browser."""
    request.environ[_FOUND] = request.environ[_TO_SET] = None


def remove_from_browser() -> None:
    """Take the tickets from this browser, and everything that opens them. Safe to repeat."""
    copy = current_copy()
    if copy is not None:
        with transaction():
            wallet_credentials.end_copy(copy_id=copy.id)
    forget_copy()
    buyer.forget_everything()


def note_seen(copy: WalletCopy) -> None:
    """Once a day: write that the copy is in use, and let its cookies live on."""
    with transaction():
        is_due = wallet_credentials.note_seen(copy, now=ports().utc_now())
    credential = _sent_credential()
    if is_due and credential is not None:
        request.environ[_TO_SET] = credential


def end_half_copy() -> None:
    """One half alone means: removed from this phone while it was offline.

    Whoever uses the phone now must find nothing of the former, so what this
    browser may open ends with the copy. The half that scripts can write ends
    only a copy that it belongs to: anybody could have put one there.
    """
    if _is_bystander():
        return
    token = request.cookies.get(_token_cookie(), "")
    here = request.cookies.get(HERE_COOKIE, "")
    if bool(token) is bool(here):
        return
    with transaction():
        is_ended = wallet_credentials.end_half_copy(token=token, here=here)
    if token or is_ended:
        buyer.forget_everything()
    forget_copy()


def forget_with_removed_copy() -> None:
    """Another phone removed this one: take what opens orders and checkouts with it, once.

    Both halves stay, so the session notes that it is done: an order's link that is
    opened here later works.
    """
    is_looking = request.method in {"GET", "HEAD"} and request.blueprint in _PUBLIC
    if is_looking or _is_bystander():
        return
    removed = _removed_copy()
    if removed is not None and session.get(_REMOVED) != removed.id:
        buyer.forget_everything()
        session[_REMOVED] = removed.id
        session.permanent = True


def write_cookies(response: Response) -> Response:
    """Set or clear both halves, always together."""
    if _TO_SET not in request.environ:
        return response
    credential: Credential | None = request.environ[_TO_SET]
    texts = (credential.token, credential.here) if credential else ("", "")
    for name, text in zip((_token_cookie(), HERE_COOKIE), texts, strict=True):
        response.set_cookie(
            name,
            text,
            max_age=int(COPY_LIFETIME.total_seconds()) if text else 0,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=name != HERE_COOKIE,
            samesite="Lax",
        )
    return response


def _is_bystander() -> bool:
    return request.endpoint in {None, "static"} or request.blueprint in _BYSTANDERS


def _removed_copy() -> WalletCopy | None:
    credential = _sent_credential()
    if credential is None or current_copy() is not None:
        return None
    return wallet_credentials.find_removed_copy(credential)


def _sent_credential() -> Credential | None:
    token = request.cookies.get(_token_cookie(), "")
    here = request.cookies.get(HERE_COOKIE, "")
    return Credential(token, here) if token and here else None


def _token_cookie() -> str:
    """Beside the session's name, whose prefix says that it is for this host alone."""
    return f"{current_app.config['SESSION_COOKIE_NAME']}-wallet"
