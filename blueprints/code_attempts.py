"""How often somebody may be wrong about a code. Those that exist are never counted."""

from blueprints.buyer import remember_code
from blueprints.tallies import Tally
from webapp.domain import codes
from webapp.errors import TooManyCodes, UnknownCode
from webapp.models import Code
from webapp.ports import ports

# A crowd at one address may share a link; who guesses makes many mistakes.
GUESSES = Tally("wrong-code", per_network="120 per 1 hour", per_buyer="10 per 10 minutes")


def attempt_code(*, event_slug: str, text: str) -> Code:
    """The event's code that was typed, if it may be used now.

    Raises :class:`CodeRefused`, and :class:`TooManyCodes` after too many unknown
    ones, right or wrong as this one may be: a guess must learn nothing then. One
    that has ended or been used up was no guess: a crowd at one address that
    follows an old link must not lose its other codes.
    """
    GUESSES.check(TooManyCodes)
    try:
        return codes.recognise_code(event_slug=event_slug, text=text, now=ports().utc_now())
    except UnknownCode:
        GUESSES.count()
        raise


def take_code(*, event_slug: str, text: str) -> int | None:
    """Let this browser use the code that was typed, or none; answers the code's id.

    Raises what :func:`attempt_code` raises, with the code that was in use kept.
    """
    code_id = attempt_code(event_slug=event_slug, text=text).id if text else None
    remember_code(event_slug, code_id)
    return code_id
