"""Refusals about tickets that go from one person to another."""

from webapp.errors import Refusal
from webapp.wording import n_


class TransfersClosed(Refusal):
    """The holder asked too late, or the ticket admits nobody any more."""

    code = "transfers_closed"
    message = n_(
        "This ticket can no longer be given away online. Reply to any mail about it and we"
        " help you."
    )


class TicketGiven(Refusal):
    """Whoever asks held the ticket once; it is somebody else's now."""

    code = "ticket_given"
    message = n_("This ticket was accepted by a friend and is theirs now. Only they can change it.")


class NothingOffered(Refusal):
    """The holder asked for something about an offer that is over."""

    code = "nothing_offered"
    message = n_("There is no link to this ticket any more. Make a new one, then try again.")


class TransferOver(Refusal):
    """The link to a ticket leads nowhere any more; each reason has its own sentence."""

    code = "transfer_over"
    http_status = 410
    title = n_("This link is no longer valid")
    message = n_("Ask your friend for a new one.")


class TransferTaken(TransferOver):
    """Somebody accepted the ticket before."""

    code = "transfer_taken"
    title = n_("This ticket was accepted already")
    message = n_(
        "Somebody who had the link was faster. If it was you, open the mail that we sent you"
        " then. Otherwise ask your friend."
    )


class TransferWithdrawn(TransferOver):
    """The holder took the offer back, or made a new link."""

    code = "transfer_withdrawn"
    title = n_("This link was withdrawn")
    message = n_("Your friend took it back or made a new one. Ask for the new link.")


class TransferLapsed(TransferOver):
    """The ticket is void, or its event was called off."""

    code = "transfer_lapsed"
    title = n_("This ticket is no longer valid")
    message = n_("It cannot be accepted any more, and nothing was changed. Ask your friend why.")


class TransferTooLate(TransferOver):
    """The event's deadline has passed."""

    code = "transfer_too_late"
    title = n_("It is too late to accept this ticket")
    message = n_(
        "Tickets for this event can no longer change hands online. It still belongs to your"
        " friend, who can come with it."
    )


class TooManyTransferMails(Refusal):
    """As many mails about this ticket, or to this address, were sent as are allowed."""

    code = "too_many_transfer_mails"
    http_status = 429
    message = n_(
        "We have sent several mails about this ticket. Look into the spam folder, or send the"
        " link yourself."
    )
