"""Refusals on an order's page, once it is paid: mails again, names, codes, add-ons."""

from webapp.errors import Refusal
from webapp.wording import n_


class MailJustSent(Refusal):
    """The same mail went out a moment ago."""

    code = "mail_just_sent"
    http_status = 429
    message = n_(
        "We mailed your order a moment ago. Look into your spam folder, and try again in a"
        " few minutes."
    )


class TooManyMails(Refusal):
    """The same mail was sent as often as is allowed."""

    code = "too_many_mails"
    http_status = 429
    message = n_(
        "We have mailed this order several times. Look into your spam folder, or save the"
        " tickets from this page."
    )


class AddressInUse(Refusal):
    """The mail to the present address arrived or is on its way: it is not the buyer's to change."""

    code = "address_in_use"
    message = n_(
        "The address can be corrected only after a mail to it came back. Reload the page to see"
        " what became of the last one."
    )


class NothingToAdd(Refusal):
    """Nothing is offered for this order, or not any more."""

    code = "nothing_to_add"
    message = n_("Nothing can be added to this order now. The event's page shows what is on sale.")


class TicketNotValid(Refusal):
    """The ticket opens no door any more, so nothing about it can be changed."""

    code = "ticket_not_valid"
    message = n_("This ticket is no longer valid and cannot be changed.")


class CodesUsedUp(Refusal):
    """The ticket was given its last revision; a ticket has two bytes for it."""

    code = "codes_used_up"
    message = n_(
        "This ticket cannot get another code. Reply to any mail about this order and we help you."
    )


class AttendeesSettled(Refusal):
    """Names on tickets cannot be changed any more."""

    code = "attendees_settled"
    message = n_(
        "Names can no longer be changed online. Reply to any mail about this order and we help you."
    )
