"""Tickets for tests that begin after the purchase: bought over the API, which is quick."""

from dataclasses import dataclass, field
from typing import Any

from e2e.programme import Programme, Show, TierSpec
from tests.box_office import BoxOffice


@dataclass(frozen=True)
class BoughtTickets:
    """A paid order of one show; ``link`` is the path that its mail leads to."""

    show: Show
    order_number: str
    link: str
    ids: tuple[int, ...]
    # What the codes of the tickets stand for, by their ids.
    texts: dict[int, str] = field(repr=False)

    def path(self, number: int = 1) -> str:
        """The page of the order's first, second, ... ticket."""
        return f"/wallet/tickets/{self.ids[number - 1]}"

    def text(self, number: int = 1) -> str:
        """What a scanner reads off that page."""
        return self.texts[self.ids[number - 1]]


class TicketBuying:
    """Guests who buy, each with an address of their own."""

    def __init__(self, box_office: BoxOffice, programme: Programme) -> None:
        self._box_office = box_office
        self._programme = programme

    def buy(self, quantity: int = 1, *, show: Show | None = None, **event: Any) -> BoughtTickets:
        """A paid order; of a new show unless one is named."""
        show = show or self._programme.put_on(TierSpec(), **event)
        purchase = self._box_office.hold("Entry", quantity, show.slug)
        purchase.pay()
        number = purchase.wait_for("paid")["number"]
        return BoughtTickets(
            show=show,
            order_number=number,
            link=self._programme.order_link(number),
            ids=tuple(texts := self._programme.ticket_texts(number)),
            texts=texts,
        )
