"""The second net under the logs: what must never be written is masked if it gets there.

The first net is the rule that log texts are static and carry ids only.
"""

import re

MASK = "[redacted]"

# A part of the text without which the pattern cannot match, and the pattern.
# Looking for the part first keeps an ordinary line cheap.
_SECRETS = (
    ("earer ", r"(?i:bearer)\s+[^\s\"',;]+"),
    ("k_", r"\b(?:sk|rk|pk)_(?:live|test)_\w+"),
    ("whsec_", r"\bwhsec_[\w+/=]+"),
    # Mail provider keys; a refund's id also begins with re_ but has no second part.
    ("re_", r"\bre_(?:sandbox\w+|[A-Za-z0-9]+_[A-Za-z0-9]{12,})"),
    # Sealed links: value, moment and signature, joined by dots.
    (".", r"(?<![\w.-])[\w-]{4,}+\.[\w-]{4,12}+\.[\w-]{40,}"),
    # Derived tokens and digests: SHA-256 in hex.
    ("", r"\b[0-9a-f]{64}\b"),
    # A ticket as its symbol says it: whoever has it can come in. The first byte is 1.
    ("00", r"\b00\d{198}\b"),
    # The password in the address of a server.
    ("@", r"(?<=://)[^\s/@:]*+:[^\s/@]+(?=@)"),
    ("@", r"(?<![\w.+'-])[\w.+'-]++@[\w-]+(?:\.[\w-]+)+"),
    # Phone numbers as we store them.
    ("+", r"(?<!\w)\+[1-9]\d{7,14}\b"),
)
_PATTERNS = tuple((part, re.compile(pattern)) for part, pattern in _SECRETS)


def redact(text: str) -> str:
    """``text`` with addresses, tokens, keys and sealed links masked."""
    for part, pattern in _PATTERNS:
        if part in text:
            text = pattern.sub(MASK, text)
    return text
