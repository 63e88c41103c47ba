"""A release makes kept documents anew, and what old ones name is answered until then."""

import re
import shutil
from pathlib import Path

import pytest

from blueprints.wallet_build import FOLDERS, digest_folders
from tests.blueprints.wallets import contents, document_of, keep, ticket_ids
from tests.box_office import ROOT
from tests.issued import make_order

PARTS = (
    "templates/wallet/ticket.html",
    # Parts of other pages that a document includes.
    "templates/components/wordmark.html",
    "templates/components/_languages.html",
    "static/css/tokens.css",
    "static/js/wallet/list.js",
    "static/icon.svg",
    "static/icons/apple-touch.png",
    # What words it and draws it.
    "blueprints/filters.py",
    "webapp/formats.py",
    "webapp/documents/qr.py",
    "webapp/translations/de/LC_MESSAGES/messages.po",
)

NAMED = re.compile(r'(?:src|href)="(/(?:static|wallet-scripts|wallet-styles)/[^"]+)"')
# Where the folders have what is served with a digest in the path.
SOURCES = (("/wallet-scripts", "/static/js/wallet"), ("/wallet-styles", "/static/css"))


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Path:
    """The folders of this release, for changing a file."""
    copy = tmp_path_factory.mktemp("release")
    for folder in FOLDERS:
        shutil.copytree(folder, copy / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def digest_of(release: Path) -> str:
    return digest_folders(release / folder.name for folder in FOLDERS)


def named_files(browser, order) -> list[str]:
    """Every file of ours that the kept documents of the order name."""
    pages = [browser.open("/wallet").text, document_of(browser, ticket_ids(order)[0])]
    found = {address.replace("&amp;", "&") for page in pages for address in NAMED.findall(page)}
    assert len(found) > 6
    return sorted(found)


@pytest.mark.parametrize("part", PARTS)
def test_whatever_a_document_is_made_with_makes_it_anew(release, part):
    before = digest_of(release)
    path = release / part

    path.write_bytes(path.read_bytes() + b"\n")

    assert digest_of(release) != before


def test_a_file_that_came_or_went_makes_documents_anew(release):
    before = digest_of(release)
    path = release / "static" / "vendor" / "fonts" / "later.woff2"

    path.write_bytes(b"")
    with_it = digest_of(release)
    path.unlink()

    assert with_it != before
    assert digest_of(release) == before


def test_what_the_machine_makes_changes_nothing(release):
    before = digest_of(release)
    made = release / "blueprints" / "__pycache__"
    made.mkdir(exist_ok=True)

    # As it is called while it is being written.
    (made / "filters.cpython-311.pyc.140215").write_bytes(b"half")

    assert digest_of(release) == before


def test_every_file_that_documents_name_is_in_the_digest(browser, clock):
    order = make_order(clock)
    keep(browser, order)
    static = next(folder for folder in FOLDERS if folder.name == "static")

    for address in named_files(browser, order):
        path = address.split("?")[0]
        for place, source in SOURCES:
            path = re.sub(rf"^{place}/\w+", source, path)
        assert (static / path.removeprefix("/static/")).is_file(), address
    assert static == ROOT / "static"


def test_files_that_a_document_of_an_older_release_names_are_answered(browser, clock):
    """Until it is fetched anew it shows with the styles and scripts of today."""
    order = make_order(clock)
    keep(browser, order)

    for address in named_files(browser, order):
        older = re.sub(r"v=\w+", "v=0123456789", address)
        older = re.sub(r"^(/wallet-\w+)/\w+", r"\1/0123456789", older)
        with browser.client.get(older) as answer:
            assert answer.status_code == 200, older
            assert answer.data


def test_language_and_release_are_in_every_version(browser, clock, monkeypatch):
    keep(browser, make_order(clock))
    before = contents(browser)["tickets"][0]["version"]

    monkeypatch.setattr("blueprints.wallet_build._build_digest", lambda: "another release")

    assert contents(browser)["tickets"][0]["version"] != before
