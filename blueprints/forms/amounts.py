"""An amount of money as people type it, in any of our languages.

What a point or a comma means depends on who typed it, and we charge what we read:
what can be read in two ways is asked back and never guessed.
"""

import re

from webapp.wording import n_

_PLAIN = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,2}))?")
# Thousands apart, by one sign throughout: a point, a comma, an apostrophe or a space.
_GROUPED = re.compile(
    r"([0-9]{1,3}(?P<mark>[.,'\N{RIGHT SINGLE QUOTATION MARK} \N{NO-BREAK SPACE}"
    r"\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}])[0-9]{3}(?:(?P=mark)[0-9]{3})?)"
    r"(?:(?!(?P=mark))[.,]([0-9]{1,2}))?"
)
# 1250, or one and a quarter?
_EITHER = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")
_NO_DIGIT = re.compile(r"[^0-9]")


class UnclearAmount(ValueError):
    """No amount, or one that can be read in two ways; ``sentence`` says what to type."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def read_amount(text: str) -> int:
    """The amount in minor units of a two-decimal currency. Raises :class:`UnclearAmount`."""
    if _EITHER.fullmatch(text):
        raise UnclearAmount(
            n_("Type the amount without a sign between thousands, such as 1250 or 12.50.")
        )
    plain, grouped = _PLAIN.fullmatch(text), _GROUPED.fullmatch(text)
    if plain:
        whole, cents = plain[1], plain[2]
    elif grouped:
        whole, cents = _NO_DIGIT.sub("", grouped[1]), grouped[3]
    else:
        raise UnclearAmount(n_("Enter an amount, such as 12 or 12.50."))
    return int(whole) * 100 + int((cents or "").ljust(2, "0"))
