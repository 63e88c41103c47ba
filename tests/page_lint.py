"""A test client that checks every page and fragment that any test opens."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask import g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.page_grammar import find_grammar_faults

# Attributes that make a browser fetch something, by element.
FETCHED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
UNLABELLED_TYPES = frozenset({"hidden", "submit", "button", "reset", "image"})
SAFE_METHODS = frozenset({"get", "dialog"})
# What a page says that something is wrong with, and how its title then begins, in any language.
FAULT_CLASSES = frozenset({"alert", "fault"})
FAULT_TITLES = ("Error:", "Fehler:")
Attributes = dict[str, str | None]


class LintingClient(FlaskClient):
    """Fails the test that opened a faulty page; otherwise the client that Flask gives."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Answer the request once its HTML has been found without fault."""
        # Tests run within one application context, so what a request leaves on
        # ``g`` would be the next visitor's.
        g.pop("csrf_token", None)
        g.pop("csrf_valid", None)
        g.pop("_flask_babel", None)
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.text:
            faults = find_faults(response.text)
            assert faults == [], f"{response.request.path}: {faults}"
        return response


def find_faults(html: str) -> list[str]:
    """What is wrong with a page, or with a fragment that stands alone."""
    linter = PageLinter(is_page="<html" in html)
    linter.feed(html)
    linter.close()
    return [*linter.finish(), *find_grammar_faults(html)]


class PageLinter(HTMLParser):
    """Collects ``faults``: what people, screen readers or the CSP would stumble over."""

    def __init__(self, *, is_page: bool) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._is_page = is_page
        self._ids: set[str] = set()
        self._labelled: set[str] = set()
        self._referenced: set[str] = set()
        self._fields: list[str] = []
        self._headings = 0
        self._title = ""
        self._has_fault = False
        self._shows_specimens = False
        self._language: str | None = None
        self._inside: list[str] = []
        self._form_has_token: bool | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._inside.append(tag)
        self._check_id(attributes)
        self._check_inline_code(tag, attributes)
        self._check_origin(tag, attributes)
        self._check_form(tag, attributes)
        self._check_field(tag, attributes)
        if tag == "img" and "alt" not in attributes:
            self.faults.append("an <img> has no alt text")
        if tag == "svg" and "aria-hidden" not in attributes and "role" not in attributes:
            self.faults.append("an <svg> is neither hidden nor an image")
        # What a template holds is on no page until a script puts it there.
        if tag == "h1" and "template" not in self._inside:
            self._headings += 1
        if "hidden" not in attributes and "template" not in self._inside:
            self._has_fault |= bool(FAULT_CLASSES & set((attributes.get("class") or "").split()))
        self._shows_specimens |= "data-specimens" in attributes
        if tag == "html":
            self._language = attributes.get("lang")
        if tag == "label" and attributes.get("for"):
            self._labelled.add(str(attributes["for"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass
        if tag == "form" and self._form_has_token is not None:
            if not self._form_has_token:
                self.faults.append("a form that writes has no CSRF token")
            self._form_has_token = None

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] == "title" and "svg" not in self._inside:
            self._title += data

    def finish(self) -> list[str]:
        """Every fault, with those that only the whole text shows."""
        unlabelled = [field for field in self._fields if field not in self._labelled]
        self.faults += [f"field {field!r} has no label" for field in unlabelled]
        if self._is_page:
            lost = sorted(self._referenced - self._ids)
            self.faults += [f"nothing has the id {name!r} that is referred to" for name in lost]
            if self._headings != 1:
                self.faults.append(f"the page has {self._headings} <h1>")
            if not self._language:
                self.faults.append("the page does not name its language")
            if not self._title.strip(" ·\n"):
                self.faults.append("the page has no title")
            is_said = self._title.strip().startswith(FAULT_TITLES)
            if self._has_fault != is_said and not self._shows_specimens:
                self.faults.append("the title does not say whether something is wrong")
        return self.faults

    def _check_id(self, attributes: Attributes) -> None:
        element_id = attributes.get("id")
        if element_id:
            if element_id in self._ids:
                self.faults.append(f"id {element_id!r} appears twice")
            self._ids.add(element_id)
        for name in ("aria-labelledby", "aria-describedby", "for"):
            self._referenced.update((attributes.get(name) or "").split())
        href = attributes.get("href") or ""
        if href.startswith("#"):
            self._referenced.add(href[1:])

    def _check_inline_code(self, tag: str, attributes: Attributes) -> None:
        if tag == "style" or (tag == "script" and "src" not in attributes):
            self.faults.append(f"an inline <{tag}> would break the CSP")
        self.faults += [
            f"{name!r} would break the CSP"
            for name in attributes
            if name == "style" or name.startswith(("on", "hx-on"))
        ]

    def _check_origin(self, tag: str, attributes: Attributes) -> None:
        # The canonical address is named, not fetched.
        if attributes.get("rel") == "canonical":
            return
        address = attributes.get(FETCHED.get(tag, "")) or ""
        if urlsplit(address).netloc:
            self.faults.append(f"<{tag}> fetches from another origin: {address}")

    def _check_form(self, tag: str, attributes: Attributes) -> None:
        if tag == "form":
            method = (attributes.get("method") or "get").lower()
            self._form_has_token = None if method in SAFE_METHODS else False
        is_token = tag == "input" and attributes.get("name") == "csrf_token"
        if is_token and attributes.get("value") and self._form_has_token is not None:
            self._form_has_token = True

    def _check_field(self, tag: str, attributes: Attributes) -> None:
        if tag not in {"input", "select", "textarea"}:
            return
        if attributes.get("type") in UNLABELLED_TYPES or "label" in self._inside:
            return
        if not (attributes.get("aria-label") or attributes.get("aria-labelledby")):
            self._fields.append(attributes.get("id") or f"without id: {attributes.get('name')}")
