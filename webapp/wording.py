"""Sentences that the domain names and the edge translates, and what stands within them."""

from dataclasses import dataclass
from datetime import datetime


def n_(message: str) -> str:
    """Return ``message`` unchanged; the catalogue extractor finds the call.

    The domain names sentences, the edge knows the reader's language.
    """
    return message


@dataclass(frozen=True, slots=True)
class Amount:
    """Money within a sentence, in minor units; the edge writes it as its reader does."""

    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day within a sentence, on the clocks of ``time_zone``; written by the edge."""

    at: datetime
    time_zone: str
