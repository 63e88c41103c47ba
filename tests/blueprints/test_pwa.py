"""What makes the site an app: the worker, its scripts, the manifest."""

import json
import re

import pytest

from blueprints.pwa import OWN_PAGES, SCRIPT_FOLDER, SCRIPTS, wallet_script, wallet_sheet


@pytest.fixture
def client(app):
    return app.test_client()


def read_worker(answer) -> dict:
    """The line that the server puts before the worker's script."""
    first, _, code = answer.text.partition("\n")
    assert "addEventListener" in code
    return json.loads(first.removeprefix("const WORKER = ").removesuffix(";"))


def test_worker_stands_at_the_root_and_is_looked_at_every_time(client):
    answer = client.get("/sw.js")

    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get("/sw.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_worker_keeps_only_files_that_are_there(client):
    worker = read_worker(client.get("/sw.js"))

    assert len(worker["files"]) == len(set(worker["files"]))
    for file in worker["files"]:
        with client.get(file) as answer:
            assert answer.status_code == 200, file
            assert answer.mimetype != "text/html", file
            assert "max-age=31536000" in answer.headers["Cache-Control"], file


def test_workers_own_pages_have_what_every_page_has(client):
    worker = read_worker(client.get("/sw.js"))

    assert set(worker["pages"]) == set(OWN_PAGES)
    assert worker["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in worker["headers"]["Content-Security-Policy"]
    for page in worker["pages"].values():
        assert 'href="/wallet"' in page
        assert "csrf_token" not in page
        assert set(re.findall(r'(?:src|href)="(/[^"]+\.(?:css|js)[^"]*)"', page)) <= set(
            worker["files"]
        )


def test_worker_speaks_the_readers_language(migrated_app):
    # Without the context that other tests stand in: it would keep the first reader's language.
    client = migrated_app.test_client()
    english = read_worker(client.get("/sw.js"))
    german = read_worker(client.get("/sw.js", headers={"Accept-Language": "de"}))

    assert (english["language"], german["language"]) == ("en", "de")
    assert '<html lang="de">' in german["pages"]["offline"]
    assert english["version"] != german["version"]


def test_scripts_of_one_release_lie_side_by_side(app, client):
    with app.test_request_context():
        addresses = [wallet_script(name) for name in SCRIPTS]

    assert len({address.rsplit("/", 1)[0] for address in addresses}) == 1
    for address in addresses:
        with client.get(address) as answer:
            assert answer.mimetype == "text/javascript"
            assert "immutable" in answer.headers["Cache-Control"]
            assert set(re.findall(r'from "\./([a-z]+)\.js"', answer.text)) <= set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_phones_get_scripts_without_the_lines_for_who_reads_them(client, name):
    with client.get(f"/wallet-scripts/0123456789/{name}.js") as answer:
        lines = answer.text.splitlines()
    source = (SCRIPT_FOLDER / f"{name}.js").read_text(encoding="utf-8").splitlines()

    code = [line.strip() for line in source]
    assert lines == [line for line in code if line and not line.startswith(("//", "/**", "*"))]


def test_script_of_another_release_is_answered_but_not_for_long(client):
    with client.get("/wallet-scripts/0123456789/page.js") as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-cache"


def test_one_sheet_has_all_of_the_wallets_styles_and_finds_its_fonts(app, client):
    with app.test_request_context():
        address = wallet_sheet()
    with client.get(address) as answer:
        sheet = answer.text
        assert answer.mimetype == "text/css"
        assert "immutable" in answer.headers["Cache-Control"]

    assert "--paper" in sheet
    assert ".wallet-stub" in sheet
    fonts = re.findall(r'url\("([^"]+)"\)', sheet)
    assert fonts
    for font in fonts:
        with client.get(font) as answer:
            assert answer.status_code == 200


def test_sheet_of_another_release_is_answered_but_not_for_long(client):
    with client.get("/wallet-styles/0123456789/wallet.css") as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing", "..%2fonce", "%2e%2e%2fonce"])
def test_only_the_wallets_own_scripts_are_served(client, name):
    assert client.get(f"/wallet-scripts/0123456789/{name}.js").status_code == 404


def test_manifest_names_the_wallet_in_the_readers_language(migrated_app):
    client = migrated_app.test_client()
    answer = client.get("/manifest.webmanifest", headers={"Accept-Language": "es"})

    assert answer.mimetype == "application/manifest+json"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert json.loads(answer.text)["lang"] == "es"
    assert json.loads(answer.text)["start_url"] == "/wallet"


def test_every_page_names_the_manifest(client):
    for path in ("/", "/wallet", "/find-tickets"):
        assert '<link rel="manifest" href="/manifest.webmanifest">' in client.get(path).text
