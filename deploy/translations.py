"""``make translations``: brings the catalogues up to date with the sources.

New sentences come in empty, sentences that nobody says any more go out, and nothing is
guessed: a test fails until every sentence is translated. No dates, places or line numbers
are written, so a catalogue changes only when a sentence does. Nothing has to be compiled;
see ``webapp/catalogues.py``.
"""

# ruff: noqa: INP001 - a program to run by hand, not a module
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from webapp.catalogues import DOMAIN, LANGUAGES
from webapp.paths import TRANSLATIONS_DIR

ROOT = Path(__file__).resolve().parents[1]
PYTHON = (("**.py", "python"),)
SOURCES = {
    "webapp": PYTHON,
    "blueprints": PYTHON,
    "jobs": PYTHON,
    "templates": (("**.html", "jinja2"), ("**.txt", "jinja2")),
}
# ``n_`` marks what the domain names and the edge translates.
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2), "n_": None}
TRANSLATED = LANGUAGES[1:]
WIDTH = 100
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def extract_messages() -> Catalog:
    """Every sentence of the sources."""
    found = Catalog(fuzzy=False)
    for folder, methods in SOURCES.items():
        for _, _, message, _, context in extract_from_dir(
            ROOT / folder, methods, keywords=KEYWORDS
        ):
            found.add(message, context=context)
    return found


def catalogue_path(language: str) -> Path:
    return TRANSLATIONS_DIR / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalogue(language: str) -> Catalog:
    """The catalogue as it is; an empty one for a new language."""
    path = catalogue_path(language)
    if not path.is_file():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renew_catalogue(known: Catalog, sources: Catalog) -> Catalog:
    """The sentences of ``sources`` and no others, translated as far as ``known`` goes."""
    fresh = Catalog(locale=known.locale, fuzzy=False)
    for message in sources:
        old = known.get(message.id, context=message.context)
        if message.id:
            fresh.add(
                message.id,
                old.string if old else None,
                context=message.context,
                user_comments=old.user_comments if old else (),
            )
    return fresh


def written(catalogue: Catalog) -> bytes:
    """The catalogue's file, sorted; its header says only what is needed to read it."""
    header = HEADER.format(language=catalogue.locale, plural_forms=catalogue.plural_forms)
    body = BytesIO()
    write_po(body, catalogue, omit_header=True, no_location=True, sort_output=True, width=WIDTH)
    return header.encode() + body.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """The sentences without a translation, or with one of their plural forms missing."""
    return [str(message.id) for message in catalogue if message.id and not _is_whole(message)]


def _is_whole(message: Message) -> bool:
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    return all(forms)


def main() -> None:
    sources = extract_messages()
    for language in TRANSLATED:
        renewed = renew_catalogue(read_catalogue(language), sources)
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(renewed))
        missing = untranslated(renewed)
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(missing)} sentences to translate\n")


if __name__ == "__main__":
    main()
