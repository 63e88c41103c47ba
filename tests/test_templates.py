"""Fragments: files that render alone, list what they need, and own one id."""

import hashlib
import re
from collections import defaultdict

import pytest

from tests.box_office import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Mails are read by mail programs, which know no style sheets.
PAGES = [path for path in TEMPLATES if "mail" not in path.parts]
FRAGMENTS = [path for path in PAGES if path.name.startswith("_")]
LONGEST_LINE = 160
# More lines than this in a row are one thing that stands in two places.
LONGEST_REPEAT = 5
HTMX_SHA256 = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"


def name_of(path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FRAGMENTS, ids=name_of)
def test_fragment_begins_with_what_it_needs(path):
    beginning = path.read_text().split("#}")[0]

    assert beginning.startswith("{#")
    assert "Needs:" in beginning


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_template_carries_script_or_style(path):
    text = path.read_text()

    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)
    assert "|safe" not in text.replace(" ", "")


def test_no_line_is_longer_than_a_reader_can_hold():
    paths = [*TEMPLATES, *(ROOT / "templates").rglob("*.txt")]
    offenders = [
        f"{name_of(path)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ]

    assert offenders == []


def test_no_two_templates_repeat_each_other():
    # Frames of documents begin alike whatever they are for.
    paths = [path for path in PAGES if path.name != "base.html"]
    places = defaultdict(set)
    for path in paths:
        lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
        for start in range(len(lines) - LONGEST_REPEAT):
            places[tuple(lines[start : start + LONGEST_REPEAT + 1])].add(name_of(path))

    assert [sorted(names) for names in places.values() if len(names) > 1] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_template_names_another_origin(path):
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)

    assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", text)


def test_vendored_script_is_the_published_one():
    script = ROOT / "static" / "vendor" / "htmx-2.0.11.min.js"

    assert hashlib.sha256(script.read_bytes()).hexdigest() == HTMX_SHA256
