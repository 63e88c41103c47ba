"""The display face as outlines: pictures know no fonts of the page that they are on."""

from functools import cache, lru_cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

FONTS_DIR = Path(__file__).with_name("fonts")
DISPLAY_FONT = FONTS_DIR / "Anton-Latin.woff"
# Tables are read when they are first asked for, out of one open file: a list of events asks
# for many posters at once, and a second thread must not find a table half read.
_reading = RLock()


def can_draw(text: str) -> bool:
    """Whether the display face has every sign of ``text``."""
    return bool(text) and all(ord(sign) in _signs() for sign in text)


def text_width(text: str, size: float) -> float:
    """How wide ``text`` is set in ``size`` units per em; unknown signs count as nothing."""
    names = (_signs().get(ord(sign)) for sign in text)
    with _reading:
        font = _font()
        advance = sum(font["hmtx"][name][0] for name in names if name)
        return float(advance * size / font["head"].unitsPerEm)


@lru_cache(maxsize=256)
def outline(text: str, size: float) -> str:
    """SVG path data of ``text``, its line at y = 0, in ``size`` units per em."""
    # Like the font: whoever starts and draws no poster need not load what draws letters.
    from fontTools.pens.svgPathPen import SVGPathPen  # type: ignore[import-untyped] # noqa: PLC0415
    from fontTools.pens.transformPen import (  # type: ignore[import-untyped] # noqa: PLC0415
        TransformPen,
    )

    with _reading:
        font = _font()
        scale = size / font["head"].unitsPerEm
        glyphs = font.getGlyphSet()
        pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.0f}")
        x = 0.0
        for sign in text:
            name = _signs().get(ord(sign))
            if name is None:
                continue
            glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, x, 0)))
            x += font["hmtx"][name][0] * scale
        return str(pen.getCommands())


@cache
def _font() -> "TTFont":
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - see outline()

    return TTFont(DISPLAY_FONT)


@cache
def _signs() -> dict[int, str]:
    with _reading:
        return dict(_font().getBestCmap())
