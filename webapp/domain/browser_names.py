"""What a browser calls itself, in a few words of our own: enough to tell one's phones apart.

Everybody says to be everybody else, so the order of the signs matters. What is not
known here is left empty rather than guessed.
"""

from dataclasses import dataclass

# A sign in the text, and the word for it. Later ones are also in the texts of earlier ones.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class BrowserName:
    """The family of a browser and of what it runs on; each may be empty."""

    browser: str = ""
    system: str = ""


NAMELESS = BrowserName()


def name_browser(user_agent: str) -> BrowserName:
    """Name a browser after its ``User-Agent``. An app on an iPhone's Home Screen names none."""
    return BrowserName(_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent))


def _first(signs: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((word for sign, word in signs if sign in user_agent), "")
