"""A ticket as a file for Apple Wallet and as a link to Google Wallet, with this site's keys."""

from datetime import datetime

from webapp.documents.apple_pass import apple_pass_content
from webapp.documents.google_pass import google_pass_link
from webapp.documents.pass_facts import read_pass_facts
from webapp.documents.pass_package import package_pass
from webapp.domain import passes
from webapp.extensions import settings, signer
from webapp.models import Ticket, WalletPass
from webapp.pass_ports import ApplePassKeys, GoogleWalletKeys

# The protocol adds "/v1/..." to it.
SERVICE_PATH = "/passes"


def apple_pass(wallet_pass: WalletPass, *, keys: ApplePassKeys) -> bytes:
    """The signed ``.pkpass`` of what the ticket says now to this one of its holders."""
    # Drawing takes a large part of a second to load; only processes that make passes pay it.
    from webapp.documents.pass_pictures import pass_pictures  # noqa: PLC0415

    facts = read_pass_facts(
        wallet_pass.ticket, holder_no=wallet_pass.holder_no, revision=wallet_pass.revision
    )
    content = apple_pass_content(
        facts,
        serial=wallet_pass.serial,
        token=passes.pass_token(signer(), wallet_pass),
        service_url=f"{settings().site_url}{SERVICE_PATH}",
        keys=keys,
    )
    return package_pass(content, pictures=pass_pictures(), keys=keys)


def google_pass_url(ticket: Ticket, *, keys: GoogleWalletKeys, now: datetime) -> str:
    """The address at Google that offers to save the ticket; only for one that is valid."""
    facts = read_pass_facts(ticket, holder_no=ticket.holder_no)
    return google_pass_link(facts, keys=keys, origin=settings().site_url, now=now)
