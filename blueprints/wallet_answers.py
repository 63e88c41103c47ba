"""What a wallet says: its pages, and the same as JSON for the scripts that keep it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response, make_response, render_template, request, url_for

from blueprints import buyer
from blueprints.pass_offers import offered_kinds
from blueprints.wallet_build import made_with
from blueprints.wallet_copy import current_copy, was_connected
from webapp.domain import ticket_access
from webapp.domain.ticket_access import SeenTicket
from webapp.domain.ticket_facts import PAST_SHOWN_FOR, TicketFacts, tell_tickets
from webapp.domain.ticket_texts import list_texts
from webapp.extensions import key_seal
from webapp.models import WalletCopy
from webapp.ports import ports

DOCUMENT_HEADER = "X-Wallet-Document"
WALLET_HEADER = "X-Wallet"


@dataclass(frozen=True, slots=True)
class EventTickets:
    """What a wallet holds of one event; ``event`` is any of its tickets."""

    event: TicketFacts
    tickets: tuple[TicketFacts, ...]


def list_facts(copy: WalletCopy) -> list[TicketFacts]:
    """The wallet's tickets of events to come and of the last thirty days."""
    ended_after = ports().utc_now() - PAST_SHOWN_FOR
    return tell(
        ticket_access.list_wallet_tickets(wallet_id=copy.wallet_id, ended_after=ended_after)
    )


def tell(tickets: Sequence[SeenTicket]) -> list[TicketFacts]:
    """The facts of tickets that one viewer may see, with the texts of their codes."""
    texts = list_texts([(seen.ticket, seen.event) for seen in tickets], seal=key_seal())
    return tell_tickets(tickets, qr_texts=texts)


def show_wallet_page() -> Response:
    """The wallet, an empty one, or how to get one; always 200, and a document when there is one."""
    copy, now = current_copy(), ports().utc_now()
    if copy is None:
        # So that wrong codes are counted for this browser and not for its whole network.
        buyer.buyer_key()
    told = list_facts(copy) if copy else []
    upcoming, past = _by_event(told, now=now)
    page = render_template(
        "wallet/wallet.html",
        is_connected=copy is not None,
        was_connected=was_connected(),
        wallet_name=copy.wallet.name if copy else "",
        upcoming=upcoming,
        past=past,
        now=now,
        push_key=ports().pusher.public_key,
    )
    return document(page, kind="list" if copy else "", copy=copy)


def show_ticket_page(facts: TicketFacts, *, is_kept: bool, keep: Mapping[str, str]) -> Response:
    """One ticket. ``keep`` says how to put it into a wallet, where it is not in one yet."""
    copy = current_copy()
    page = render_template(
        "wallet/ticket.html",
        ticket=facts,
        is_kept=is_kept,
        keep=keep,
        version=facts.version(made_with=made_with()),
        pass_kinds=offered_kinds(),
        wallet_name=copy.wallet.name if copy else "",
        now=ports().utc_now(),
    )
    return document(page, kind="ticket" if is_kept else "", copy=copy)


def document(page: str, *, kind: str, copy: WalletCopy | None) -> Response:
    """A page that nobody stores but the wallet's own scripts, which look at the headers."""
    response = make_response(page)
    if kind and copy is not None:
        response.headers[DOCUMENT_HEADER] = kind
        response.headers[WALLET_HEADER] = copy.wallet.name
    return response


def contents(copy: WalletCopy) -> Response:
    """What the scripts compare their stores with; the tag is over all but the moment."""
    now, told = ports().utc_now(), list_facts(copy)
    body = {"wallet": copy.wallet.name, "tickets": [_entry(facts) for facts in told]}
    # The tag is the list's version, too: it looks different once an event is over, and so does
    # an empty one in another language; and phones subscribe with the key that it names.
    past = [facts.ticket_id for facts in told if facts.ends_at <= now]
    seen = json.dumps([body, past, made_with(), ports().pusher.public_key], sort_keys=True)
    tag = hashlib.sha256(seen.encode()).hexdigest()[:32]
    dated = body | {"checked_at": _iso(now)}
    response = Response(json.dumps(dated), mimetype="application/json")
    response.set_etag(tag)
    response.make_conditional(request)
    return response


def _entry(facts: TicketFacts) -> dict[str, object]:
    return {
        "id": facts.ticket_id,
        "url": url_for("wallet.show_ticket", ticket_id=facts.ticket_id),
        "version": facts.version(made_with=made_with()),
        "status": facts.status.value,
        "event": {
            "title": facts.title,
            "starts_at": _iso(facts.starts_at),
            "ends_at": _iso(facts.ends_at),
            "time_zone": facts.time_zone,
            "venue": facts.venue_name,
            "is_cancelled": facts.is_cancelled,
        },
        "tier": facts.tier,
        "holder": facts.holder,
        "serial": facts.serial_number,
    }


def _by_event(
    told: Sequence[TicketFacts], *, now: datetime
) -> tuple[list[EventTickets], list[EventTickets]]:
    """Events to come, the next on top; past ones, the last on top."""
    groups: dict[int, list[TicketFacts]] = {}
    for facts in told:
        groups.setdefault(facts.event_id, []).append(facts)
    events = [EventTickets(group[0], tuple(group)) for group in groups.values()]
    past = [each for each in events if each.event.ends_at <= now]
    return [each for each in events if each.event.ends_at > now], past[::-1]


def _iso(moment: datetime) -> str:
    return moment.isoformat()
