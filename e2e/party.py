"""Who takes part in a tour."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from e2e.buyer import Buyer
from e2e.programme import Programme
from tests.box_office import BoxOffice


@dataclass(frozen=True)
class Party:
    """Who takes part: a buyer, others who buy meanwhile, and those behind the counter."""

    buyer: Buyer
    new_buyer: Callable[..., Buyer]
    box_office: BoxOffice
    programme: Programme


Tour = Callable[[Party], Iterator[str]]
