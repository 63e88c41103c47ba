"""What a wallet says no to, with the sentence its owner reads."""

from webapp.errors import FieldFault, InvalidRequest, Refusal
from webapp.wording import n_


class WalletNotConnected(Refusal):
    """The browser has no copy of a wallet, or shows only half of what proves it."""

    code = "wallet_not_connected"
    http_status = 401
    message = n_(
        "This phone is not connected to any tickets. Open the link in your mail, or enter a"
        " pairing code."
    )


class WalletCopyRemoved(WalletNotConnected):
    """Another phone of the wallet removed this one, which deletes what it has saved.

    Only whoever proves a copy that is marked so hears this. A browser that is
    unknown, perhaps because a backup was restored, keeps what it has.
    """

    code = "wallet_copy_removed"


class WalletOfSomeoneElse(Refusal):
    """The wallet has tickets of another person; nothing was added or removed."""

    code = "wallet_of_someone_else"
    message = n_(
        "This phone keeps other tickets already, perhaps somebody else's. Nothing was changed:"
        " say what to do with them."
    )


class UnknownPairingCode(InvalidRequest):
    """No such code: mistyped, used already, or past its ten minutes."""

    code = "unknown_pairing_code"

    def __init__(self) -> None:
        sentence = n_(
            "This code does not work. It can be used once, within 10 minutes: make a new one on"
            " the other phone."
        )
        super().__init__([FieldFault("code", sentence)])


class TooManyPairingCodes(InvalidRequest):
    """One browser or network was wrong about pairing codes too often."""

    code = "rate_limited"
    http_status = 429

    def __init__(self) -> None:
        sentence = n_(
            "Too many codes were wrong. Open the link in your mail instead, or try again in"
            " a few minutes."
        )
        super().__init__([FieldFault("code", sentence)])
