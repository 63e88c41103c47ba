"""An event as the picture that chats and networks show beside a link to it."""

from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont

from webapp.documents.lettering import FALLBACKS, WHOLE, font_signs
from webapp.documents.poster import compose
from webapp.documents.poster_lettering import DISPLAY_FONT, FONTS_DIR
from webapp.documents.poster_shapes import HEIGHT, WIDTH, Disc, Letters, Polygon, Shape, Slice

PICTURE_WIDTH = 1200
PICTURE_HEIGHT = 630
TEXT_FONT = FONTS_DIR / "InstrumentSans-Medium-Latin.woff"
INK, CREAM, SAND, CORAL = "#201812", "#fbf1e2", "#cdbba4", "#ff8a70"
# The art stands on the right of this, the words on the left of it.
FOLD = 660
MARGIN = 64
# Drawn larger and made small again: Pillow draws hard edges.
FINER = 2
TITLE_SIZES = (104, 92, 80, 70, 60, 52, 44)
TITLE_HEIGHT = 330
MAX_TITLE_LINES = 4


def poster_png(*, slug: str, title: str, colour: str, when: str, where: str) -> bytes:
    """A PNG of 1200 by 630 with the event's art, name, date and place."""
    picture = Image.new("RGB", (PICTURE_WIDTH, PICTURE_HEIGHT), INK)
    picture.paste(_art(compose(slug=slug, title=title, colour=colour)), (FOLD, 0))
    draw = ImageDraw.Draw(picture)
    width = FOLD - 2 * MARGIN + 24
    lines, font = _fit_title(title.upper(), width)
    y = float(MARGIN)
    for line in lines:
        draw.text((MARGIN, y), line, font=font, fill=CREAM)
        y += font.size * 1.14
    y += 36
    for text, size, fill in ((when, 34, CORAL), (where, 30, SAND)):
        small = _font(TEXT_FONT, text, size)
        for line in _wrap(text, small, width)[:2]:
            draw.text((MARGIN, y), line, font=small, fill=fill)
            y += size * 1.34
        y += 8
    sign = _open(DISPLAY_FONT, 34)
    draw.text((MARGIN, PICTURE_HEIGHT - MARGIN), "YARDPASS", font=sign, fill=CREAM, anchor="ls")
    buffer = BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _fit_title(title: str, width: int) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """The title in the largest letters with which it fits; what is too long is cut."""
    lines, font = [title], _font(DISPLAY_FONT, title, TITLE_SIZES[-1])
    for size in TITLE_SIZES:
        font = _font(DISPLAY_FONT, title, size)
        lines = _wrap(title, font, width)
        is_whole = {*title.split()} <= {word for line in lines for word in line.split()}
        if is_whole and len(lines) * size * 1.14 <= TITLE_HEIGHT:
            return lines, font
    kept = lines[:MAX_TITLE_LINES]
    return ([*kept[:-1], f"{kept[-1]}…"] if len(lines) > len(kept) else kept), font


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The text in lines; a word that is wider than a line is broken."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        lines.append("")
        for sign in word:
            if lines[-1] and font.getlength(lines[-1] + sign) > width:
                lines.append("")
            lines[-1] += sign
    return lines


def _font(wanted: Path, text: str, size: int) -> ImageFont.FreeTypeFont:
    """The wanted font, or the one of ours that has most of the signs of ``text``."""
    signs = {ord(sign) for sign in text if not sign.isspace()}
    choices = (wanted, WHOLE.bold, *FALLBACKS.values())
    best = max(choices, key=lambda path: len(signs & font_signs(path)))
    return _open(best, size)


@cache
def _open(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def _art(shapes: list[Shape]) -> Image.Image:
    """The middle of the poster, as high as the picture."""
    width, height = PICTURE_WIDTH - FOLD, PICTURE_HEIGHT
    scale = FINER * height / HEIGHT
    sheet = Image.new("RGB", (round(WIDTH * scale), round(HEIGHT * scale)), CREAM)
    for shape in shapes:
        _draw(sheet, shape, scale)
    left = (sheet.width - width * FINER) // 2
    middle = sheet.crop((left, 0, left + width * FINER, sheet.height))
    return middle.resize((width, height), Image.Resampling.LANCZOS)


def _draw(sheet: Image.Image, shape: Shape, scale: float) -> None:
    draw = ImageDraw.Draw(sheet)
    if isinstance(shape, Disc):
        draw.ellipse(_bounds(shape, scale), fill=shape.fill)
    elif isinstance(shape, Slice):
        draw.pieslice(_bounds(shape, scale), shape.begins, shape.ends, fill=shape.fill)
    elif isinstance(shape, Polygon):
        draw.polygon([(x * scale, y * scale) for x, y in shape.points], fill=shape.fill)
    else:
        _letter(sheet, shape, scale)


def _letter(sheet: Image.Image, shape: Letters, scale: float) -> None:
    font = _open(DISPLAY_FONT, round(shape.size * scale))
    place = shape.x * scale, shape.y * scale
    if shape.within is None:
        ImageDraw.Draw(sheet).text(place, shape.text, font=font, fill=shape.fill, anchor="ls")
        return
    mask = Image.new("L", sheet.size)
    ImageDraw.Draw(mask).ellipse(_bounds(shape.within, scale), fill=255)
    letters = Image.new("L", sheet.size)
    ImageDraw.Draw(letters).text(place, shape.text, font=font, fill=255, anchor="ls")
    sheet.paste(shape.fill, mask=ImageChops.multiply(mask, letters))


def _bounds(shape: Disc | Slice, scale: float) -> tuple[float, float, float, float]:
    x, y, radius = shape.x * scale, shape.y * scale, shape.radius * scale
    return x - radius, y - radius, x + radius, y + radius
