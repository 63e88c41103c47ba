"""The design system on one page, for those who build with it; there is none in production."""

import re
from collections.abc import Mapping
from functools import cache

from flask import Blueprint, Flask, Response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from webapp.documents.poster import poster_svg
from webapp.documents.poster_art import COMPOSITIONS
from webapp.extensions import settings
from webapp.paths import STATIC_DIR

bp = Blueprint("styleguide", __name__, url_prefix="/styleguide")

# One colour of each part of the circle, to see that posters suit all of them.
SAMPLE_COLOURS = ("#c2412d", "#1d6a6a", "#5b2bb3", "#2f6b2f", "#d98e04", "#20304f", "#b8336a")
_ICON = re.compile(r'<symbol id="([a-z]+)"')
_BLOCK = re.compile(r":root \{(.*?)\n? *\}", re.DOTALL)
_TOKEN = re.compile(r"(--[a-z-]+): ([^;]+);")


@bp.before_request
def hide_in_production() -> None:
    """Answer as if there were no such page."""
    if settings().is_production:
        raise NotFound


@bp.get("")
def show_styleguide() -> ResponseReturnValue:
    """Every token, size of type, part and state, in both schemes side by side."""
    return render_template(
        "styleguide/styleguide.html",
        tokens=read_tokens(),
        icons=_ICON.findall((STATIC_DIR / "icons.svg").read_text(encoding="utf-8")),
        compositions=list(zip(COMPOSITIONS, SAMPLE_COLOURS, strict=True)),
    )


@bp.get("/schemes.css")
def show_schemes() -> ResponseReturnValue:
    """The tokens of each scheme for a part of a page, whatever the browser prefers."""
    rules = [
        f".is-{scheme} {{ color-scheme: {scheme}; {_declarations(tokens)} }}"
        for scheme, tokens in read_tokens().items()
    ]
    return Response("\n".join(rules), mimetype="text/css")


@bp.get("/posters/<composition>-<colour>.svg")
def show_sample(composition: str, colour: str) -> ResponseReturnValue:
    """One composition in one colour, whatever a slug would choose."""
    if composition not in COMPOSITIONS:
        raise NotFound
    title = "Yard festival"
    svg = poster_svg(slug=colour, title=title, colour=f"#{colour}", composition=composition)
    return Response(svg, mimetype="image/svg+xml")


@cache
def read_tokens() -> Mapping[str, Mapping[str, str]]:
    """The custom properties of tokens.css by scheme; dark ones stand on the light ones."""
    sheet = (STATIC_DIR / "css" / "tokens.css").read_text(encoding="utf-8")
    light, dark = (dict(_TOKEN.findall(block)) for block in _BLOCK.findall(sheet))
    return {"light": light, "dark": light | dark}


def init_app(app: Flask) -> None:
    """Hang the page on the application."""
    app.register_blueprint(bp)


def _declarations(tokens: Mapping[str, str]) -> str:
    return " ".join(f"{name}: {value};" for name, value in tokens.items())
