"""What makes the site an app that opens without a connection: worker, manifest, files."""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    make_response,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from blueprints.filters import ONE_YEAR_SECONDS, asset
from blueprints.language import current_language
from webapp.paths import STATIC_DIR

bp = Blueprint("pwa", __name__)

SHEETS = ("tokens", "type", "layout", "components", "wallet")
SCRIPTS = ("page", "list", "ticket", "sync", "stores")
SCRIPT_FOLDER = STATIC_DIR / "js" / "wallet"
FACES = (
    "anton-latin-5.3.0",
    "anton-latin-ext-5.3.0",
    "instrument-sans-latin-5.3.0",
    "instrument-sans-latin-ext-5.3.0",
)
# Pages that the worker shows by itself: elsewhere on the site, and where a ticket was kept.
OWN_PAGES = ("offline", "lost")
# Lines for who reads a script, and the room before the others: a phone needs neither.
NOT_CODE = re.compile(r"^(\s*(//|/\*\*| \*).*\n|\s+)", re.MULTILINE)
ICON_SIZES = (192, 512)
PAPER = "#fbf4e6"


@bp.get("/sw.js")
def show_worker() -> ResponseReturnValue:
    """The worker, at the root so that its scope is the whole site; looked at on every visit."""
    script = _worker(current_language(), json.dumps(_page_headers()))
    response = Response(script, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(["Accept-Language", "Cookie"])
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/manifest.webmanifest")
def show_manifest() -> ResponseReturnValue:
    """How the app is called, looks and opens once it is on a home screen."""
    response = make_response(json.dumps(_manifest(), ensure_ascii=False))
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(["Accept-Language", "Cookie"])
    return response


@bp.get("/wallet-styles/<digest>/wallet.css")
def show_sheet(digest: str) -> ResponseReturnValue:
    """All styles of the wallet in one: a phone that was just switched on asks its worker once."""
    response = Response(_sheet(), mimetype="text/css")
    response.headers["Cache-Control"] = _lasting(is_current=digest == _sheet_digest())
    return response


@bp.get("/wallet-scripts/<digest>/<name>.js")
def show_script(digest: str, name: str) -> ResponseReturnValue:
    """A script of the wallet. Its imports lie beside it, so they carry the digest, too."""
    if name not in _scripts():
        abort(404)
    response = Response(_scripts()[name], mimetype="text/javascript")
    response.headers["Cache-Control"] = _lasting(is_current=digest == _scripts_digest())
    return response


def wallet_sheet() -> str:
    """The address of the wallet's styles, with their digest."""
    return url_for("pwa.show_sheet", digest=_sheet_digest())


def wallet_script(name: str) -> str:
    """The address of a script of the wallet, with the digest of them all: never a mixture."""
    return url_for("pwa.show_script", digest=_scripts_digest(), name=name)


def init_app(app: Flask) -> None:
    """Let templates name the scripts and the sheet."""
    app.jinja_env.globals.update(wallet_script=wallet_script, wallet_sheet=wallet_sheet)
    app.register_blueprint(bp)


def _lasting(*, is_current: bool) -> str:
    """An address of another release is answered with today's file, but not for long."""
    return f"public, max-age={ONE_YEAR_SECONDS}, immutable" if is_current else "no-cache"


@cache
def _sheet() -> str:
    sheets = (STATIC_DIR / "css" / f"{sheet}.css" for sheet in SHEETS)
    joined = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    # Written for where each lies by itself.
    return joined.replace('url("../', f'url("{url_for("static", filename="")}')


@cache
def _sheet_digest() -> str:
    return hashlib.sha256(_sheet().encode()).hexdigest()[:10]


@cache
def _scripts() -> Mapping[str, str]:
    """The wallet's scripts by name, as a phone gets them."""
    paths = sorted(SCRIPT_FOLDER.glob("*.js"))
    return {path.stem: NOT_CODE.sub("", path.read_text(encoding="utf-8")) for path in paths}


@cache
def _scripts_digest() -> str:
    return hashlib.sha256("".join(_scripts().values()).encode()).hexdigest()[:10]


@cache
def _worker(language: str, headers: str) -> str:
    """The script with the line before it that it is written for.

    ``language`` and ``headers`` (JSON) are those of the pages that it shows by itself.
    """
    parts = (STATIC_DIR / "sw.js", SCRIPT_FOLDER / "push-worker.js")
    code = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    pages = {name: render_template(f"pwa/{name}.html") for name in OWN_PAGES}
    worker: dict[str, object] = {
        "language": language,
        "files": _shell_files(),
        "headers": json.loads(headers),
        "pages": pages,
    }
    digest = hashlib.sha256(f"{json.dumps(worker, sort_keys=True)}{code}".encode())
    worker = {"version": digest.hexdigest()[:12], **worker}
    return f"const WORKER = {json.dumps(worker)};\n{code}"


def _shell_files() -> list[str]:
    return [
        wallet_sheet(),
        *(wallet_script(script) for script in SCRIPTS),
        # Their names carry the version.
        *(url_for("static", filename=f"vendor/fonts/{face}.woff2") for face in FACES),
        asset("icon.svg"),
        *(asset(f"icons/{kind}-192.png") for kind in ("any", "maskable")),
    ]


def _page_headers() -> Mapping[str, str]:
    """What the server says with every page, the policy for scripts included."""
    own: dict[str, str] = current_app.extensions["security_headers"]
    return {**own, "Content-Type": "text/html; charset=utf-8"}


def _manifest() -> Mapping[str, object]:
    return {
        "id": "/wallet",
        "name": gettext("Yardpass tickets"),
        "short_name": "Yardpass",
        "description": gettext("Your tickets, with or without a signal."),
        "lang": current_language(),
        "start_url": "/wallet",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            {
                "src": asset(f"icons/{kind}-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": kind,
            }
            for kind in ("any", "maskable")
            for size in ICON_SIZES
        ],
        "shortcuts": [
            {"name": gettext("My tickets"), "url": "/wallet"},
            {"name": gettext("All events"), "url": url_for("events.list_events")},
            {"name": gettext("Find my tickets"), "url": url_for("orders.find_tickets")},
        ],
    }
