"""What a browser's parser, a validator and a screen reader would say of a page's HTML."""

from collections.abc import Iterator
from itertools import pairwise
from xml.etree.ElementTree import Element

import html5lib
from html5lib.constants import E as ERROR_TEXTS

# Attributes whose value is the id, or the ids, of elements on the same page.
REFERENCES = (
    "aria-activedescendant",
    "aria-controls",
    "aria-describedby",
    "aria-details",
    "aria-errormessage",
    "aria-labelledby",
    "aria-owns",
    "for",
    "form",
    "headers",
    "list",
    "popovertarget",
)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Elements and attributes that HTML gave up; browsers still guess what they meant.
OBSOLETE = frozenset({"center", "font", "marquee", "big", "strike", "tt", "frame", "frameset"})
INTERACTIVE = frozenset({"a", "button", "input", "select", "textarea", "label", "details"})
# What may stand in a list or a row, besides scripts and templates.
CHILDREN = {
    "ul": {"li", "script", "template"},
    "ol": {"li", "script", "template"},
    "dl": {"dt", "dd", "div", "script", "template"},
    "tr": {"td", "th", "script", "template"},
    "select": {"option", "optgroup", "hr"},
}


def find_grammar_faults(html: str) -> list[str]:
    """What is wrong with the HTML of a page, or of a fragment that stands alone."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    is_page = "<html" in html
    tree = (parser.parse if is_page else parser.parseFragment)(html, scripting=False)
    faults = [
        f"line {line}: {ERROR_TEXTS[code] % details}"
        for (line, _), code, details in parser.errors
        # A fragment, and the page of a test, may do without.
        if code != "expected-doctype-but-got-start-tag" or html.lstrip().startswith("<!")
    ]
    if is_page and not html.lstrip().lower().startswith("<!doctype html>"):
        faults.append("the page does not begin with <!doctype html>")
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    faults += _lost_references(elements) if is_page else []
    faults += _skipped_headings(elements)
    for element in elements:
        faults += _element_faults(element)
    return faults


def _lost_references(elements: list[Element]) -> Iterator[str]:
    ids = {element.get("id") for element in elements}
    for element in elements:
        for attribute in REFERENCES:
            for name in (element.get(attribute) or "").split():
                if name not in ids:
                    yield f"{attribute}={name!r} of <{element.tag}> refers to nothing"


def _skipped_headings(elements: list[Element]) -> Iterator[str]:
    """A heading may go one level deeper than the one before it, not two."""
    levels = [int(element.tag[1]) for element in elements if element.tag in HEADINGS]
    for before, level in pairwise(levels):
        if level > before + 1:
            yield f"<h{level}> comes right after <h{before}>"


def _element_faults(element: Element) -> Iterator[str]:
    tag = element.tag
    if tag in OBSOLETE:
        yield f"<{tag}> is obsolete"
    if tag == "button" and element.get("type") not in {"submit", "button", "reset"}:
        yield f"a <button> does not say its type: {_words(element)!r}"
    if tag in {"a", "button"}:
        yield from _name_faults(element)
    if tag == "img":
        yield from _picture_faults(element)
    if tag in CHILDREN:
        yield from _child_faults(element)
    if (element.get("tabindex") or "0").isdigit() and element.get("tabindex") not in {None, "0"}:
        yield f"tabindex={element.get('tabindex')!r} of <{tag}> breaks the order of the keyboard"
    if not element.get("id", "x").strip() or " " in element.get("id", ""):
        yield f"<{tag}> has an id that is none: {element.get('id')!r}"


def _name_faults(element: Element) -> Iterator[str]:
    """Links and buttons have a name and hold no other link, button or field."""
    named = element.get("aria-label") or element.get("aria-labelledby") or _words(element)
    if not named:
        yield f"a <{element.tag}> has no name"
    for inner in element.iter():
        if inner is not element and inner.tag in INTERACTIVE:
            yield f"<{inner.tag}> inside <{element.tag}>"


def _picture_faults(element: Element) -> Iterator[str]:
    """A picture keeps its place while it loads."""
    for name in ("width", "height"):
        if not (element.get(name) or "").isdigit():
            yield f"an <img> does not say its {name}: {element.get('src')}"


def _child_faults(element: Element) -> Iterator[str]:
    for child in element:
        if isinstance(child.tag, str) and child.tag not in CHILDREN[element.tag]:
            yield f"<{child.tag}> directly inside <{element.tag}>"


def _words(element: Element) -> str:
    """The text of an element and what stands for its pictures."""
    pictures = [
        inner.get("alt") or inner.get("aria-label") or ""
        for inner in element.iter()
        if inner is not element
    ]
    return " ".join(" ".join([*element.itertext(), *pictures]).split())
