"""Sentences in other languages, read from the ``.po`` files themselves."""

from functools import cache
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Babel, Domain, get_locale

from webapp.paths import TRANSLATIONS_DIR

DOMAIN = "messages"
# English is the language of the sources; each of the others has a catalogue.
LANGUAGES = ("en", "es", "de")


@cache
def load_catalogue(language: str) -> NullTranslations:
    """The sentences in ``language``; the sources' own where there is no catalogue.

    Compiled here, in memory and once a process (some 50 ms), rather than into
    ``.mo`` files: nobody can forget a step, and nothing compiled can be stale,
    in a checkout, in a wheel, or in a test.
    """
    path = TRANSLATIONS_DIR / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


class SourceDomain(Domain):  # type: ignore[misc]  # flask_babel carries no types
    """The sentences of this project, whatever folders Flask-Babel would look into."""

    def get_translations(self) -> NullTranslations:
        """What the reader's language has; within ``force_locale`` that language."""
        locale = get_locale()
        return load_catalogue(locale.language if locale else LANGUAGES[0])


class SourceBabel(Babel):  # type: ignore[misc]  # flask_babel carries no types
    """Flask-Babel with our catalogues. Raises at the first sight of a broken one."""

    domain_instance = SourceDomain()
