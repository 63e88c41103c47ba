"""How often somebody may be told that an address has its share: it may be another's."""

from collections.abc import Iterator
from contextlib import contextmanager

from blueprints.tallies import Tally
from webapp.payment_refusals import PersonLimitReached, TooManyPersonLimits

# Those that nothing is told of are never counted; who tries addresses out meets many refusals.
GUESSES = Tally("person-limit", per_network="30 per 10 minutes", per_buyer="10 per 10 minutes")


def check_guesses() -> None:
    """Raise :class:`TooManyPersonLimits` before anything is told, right or wrong as it may be."""
    GUESSES.check(TooManyPersonLimits)


def count_guess(refusal: PersonLimitReached) -> None:
    """Note a refusal that tells of an address; one about the browser's own orders is none."""
    if refusal.tells_of_others:
        GUESSES.count()


@contextmanager
def counted_guesses() -> Iterator[None]:
    """Count the refusals that tell of an address; raises :class:`TooManyPersonLimits` first."""
    check_guesses()
    try:
        yield
    except PersonLimitReached as refusal:
        count_guess(refusal)
        raise
