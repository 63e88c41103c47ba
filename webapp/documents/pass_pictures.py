"""The pictures that a pass must bring along, drawn like the site's own icon."""

import io
from collections.abc import Mapping
from functools import cache

from PIL import Image, ImageDraw

BRAND = "#a8321b"
PAPER = "#fff6ee"
# The sides of the icon on a screen of one, two and three dots a point.
ICON_SIDES = {"icon.png": 29, "icon@2x.png": 58, "icon@3x.png": 87}
# Drawn so much larger and made small: smooth edges.
_FINER = 8


@cache
def pass_pictures() -> Mapping[str, bytes]:
    """Every picture by the name that the format gives it."""
    return {name: _icon(side) for name, side in ICON_SIDES.items()}


def _icon(side: int) -> bytes:
    """The ticket of ``static/icon.svg``, which is drawn on 32 units."""
    large = side * _FINER
    unit = large / 32
    picture = Image.new("RGB", (large, large), BRAND)
    draw = ImageDraw.Draw(picture)

    def box(left: float, top: float, right: float, bottom: float) -> list[float]:
        return [left * unit, top * unit, right * unit, bottom * unit]

    draw.rounded_rectangle(box(5, 10, 27, 22), radius=unit, fill=PAPER)
    for centre in (5, 27):
        draw.ellipse(box(centre - 2.5, 13.5, centre + 2.5, 18.5), fill=BRAND)
    for top in (11.5, 14.5, 17.5):
        draw.rectangle(box(18.25, top, 19.75, top + 1.5), fill=BRAND)
    png = io.BytesIO()
    picture.resize((side, side), Image.Resampling.LANCZOS).save(png, "PNG", optimize=True)
    return png.getvalue()
