"""Every sentence is said in every language, completely and with the same facts in it."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from babel.messages.catalog import Message

from deploy.translations import (
    TRANSLATED,
    catalogue_path,
    extract_messages,
    read_catalogue,
    renew_catalogue,
    untranslated,
    written,
)
from tests.box_office import ROOT
from webapp.catalogues import LANGUAGES, load_catalogue

PLACE = re.compile(r"%\((\w+)\)\w|%%")
# The style guide is read by designers, in development only.
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.*") if "styleguide" not in path.parts
)
CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
TRANSLATED_CALL = re.compile(r"\b(?:_|n?gettext)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
# Attributes that are read aloud or shown; ``data-`` texts are put on the page by scripts.
SPOKEN = frozenset({"alt", "aria-label", "aria-description", "placeholder", "title"})
SPOKEN_DATA = ("data-say", "data-offline", "data-failed")
# Names that are the same in every language.
NAMES = re.compile(r"Yardpass|Google|Outlook\.com")
# What a macro or a ``set`` block writes into a tag, and what only search engines read.
BARE_ATTRIBUTES = re.compile(r'\b[a-z-]+="[^"]*"|\bformnovalidate\b')
META = re.compile(r"<meta\b(?:\{\{.*?\}\}|[^>])*>", re.DOTALL)


@pytest.fixture(scope="module")
def sources():
    return extract_messages()


@pytest.fixture(params=TRANSLATED)
def language(request) -> str:
    return request.param


@pytest.fixture
def catalogue(language):
    return read_catalogue(language)


def strings_of(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def places_in(text: str) -> Counter[str]:
    return Counter(match[0] for match in PLACE.finditer(text))


def test_extraction_finds_every_way_of_naming_a_sentence(sources):
    """One sentence each of: n_, gettext, lazy_gettext, a page, a mail in plain text, trans."""
    for sentence in (
        "Your hold ran out. Choose your tickets again: what you typed is kept.",
        "Show this code at the door, on paper or on a screen.",
        "Enter the email we should send your tickets to.",
        "Skip to the content",
        "If tickets are left you can choose again:",
        "%(fixed)s of the fees is charged once an order, so several tickets cost less each.",
        ("%(num)s ticket", "%(num)s tickets"),
    ):
        assert sources.get(sentence) is not None, sentence


def test_every_language_but_the_sources_own_has_a_catalogue():
    assert ("en", *TRANSLATED) == LANGUAGES
    assert all(catalogue_path(language).is_file() for language in TRANSLATED)


def test_catalogue_says_every_sentence_and_no_others(catalogue, sources):
    said = {message.id for message in catalogue if message.id}
    named = {message.id for message in sources if message.id}

    assert sorted(map(str, named - said)) == [], "make translations, then translate these"
    assert sorted(map(str, said - named)) == [], "make translations takes these out"
    assert catalogue.obsolete == {}


def test_no_translation_is_missing_or_a_guess(catalogue):
    assert untranslated(catalogue) == []
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_translation_names_the_same_facts(catalogue):
    """A place that is misspelt would be a crash in front of the buyer."""
    offenders = []
    for message in catalogue:
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else [*message.id]
        # A singular may say "one"; what any form names, the source's plural must name, too.
        wanted = places_in(ids[-1])
        offenders += [text for text in strings_of(message) if places_in(text) != wanted]
        offenders += [str(error) for error in message.check(catalogue)]

    assert offenders == []


def test_translation_ends_as_its_source_does(catalogue):
    """A lost full stop, a line break in the middle, or a blank at the end is an oversight."""
    offenders = []
    for message in catalogue:
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[-1]
        for text in strings_of(message):
            is_alike = all(source.endswith(sign) == text.endswith(sign) for sign in ".:?!")
            if not is_alike or text != " ".join(text.split()):
                offenders.append(text)

    assert offenders == []


def test_quotation_marks_are_those_of_print(catalogue):
    offenders = [
        text
        for message in catalogue
        if message.id
        for text in strings_of(message)
        if '"' in text or "'" in text
    ]

    assert offenders == []


def test_catalogue_is_written_as_the_command_writes_it(language, catalogue, sources):
    """Else the next ``make translations`` changes lines that nobody touched."""
    renewed = renew_catalogue(catalogue, sources)

    assert catalogue_path(language).read_bytes() == written(renewed)


def test_renewing_keeps_what_is_known_and_drops_what_nobody_says(sources):
    known = read_catalogue("de")
    known.add("Nobody says that", "Das sagt niemand")
    del known["Total"]

    renewed = renew_catalogue(known, sources)

    assert renewed.get("Nobody says that") is None
    assert renewed["Tax"].string == "Steuern"
    assert untranslated(renewed) == ["Total"]


def test_catalogue_is_read_without_a_step_in_between(language):
    catalogue = load_catalogue(language)

    assert catalogue.gettext("Tax") != "Tax"
    assert catalogue.ngettext("%(num)s ticket", "%(num)s tickets", 1) != catalogue.ngettext(
        "%(num)s ticket", "%(num)s tickets", 2
    )
    assert not list(catalogue_path(language).parent.glob("*.mo"))


def test_sources_speak_for_themselves():
    assert load_catalogue("en").gettext("Tax") == "Tax"


class BareWords(HTMLParser):
    """Collects words that a template says without asking for a translation."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self._note(BARE_ATTRIBUTES.sub("", data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        for name, value in attrs:
            if name in SPOKEN or name.startswith(SPOKEN_DATA):
                self._note(value or "")

    def _note(self, text: str) -> None:
        self.found += re.findall(r"[^\W\d_]{2,}", NAMES.sub("", text))


def bare_words(template: str) -> list[str]:
    text = re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL)
    text = META.sub("", text)
    text = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", text, flags=re.DOTALL)
    code = TRANSLATED_CALL.sub("", " ".join(CODE.findall(text)))
    parser = BareWords()
    parser.feed(re.sub(r"&\w+;", "", CODE.sub("", text)))
    parser.close()
    return parser.found + re.findall(r"""["']([A-Z][a-z]+[^"']*)["']""", code)


def name_of(path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_says_nothing_that_cannot_be_translated(path):
    assert bare_words(path.read_text()) == []


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Hello {{ name }}</p>", ["Hello"]),
        ('<img alt="A poster">', ["poster"]),
        ('<p data-say-0="Gone">{{ _("Here") }}</p>', ["Gone"]),
        ('{{ field("name", hint="Only once") }}', ["Only once"]),
        (
            '<b class="lead" title="{{ _("One") }}">{% trans %}Two{% endtrans %} · Yardpass</b>',
            [],
        ),
        ('{{ price_row(_("Total, of %(kind)s", kind=kind("x")), total) }}', []),
    ],
)
def test_bare_words_are_noticed(template, words):
    assert bare_words(template) == words
