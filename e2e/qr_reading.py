"""What scanners read off a screen: two decoders that share no code."""

import io
from ctypes.util import find_library

import zxingcpp
from PIL import Image
from playwright.sync_api import FloatRect

_DARK = 128
_WHITE = 250


def read_with_zxing(picture: bytes) -> str:
    """The text of the one QR code in a picture, empty if there is none."""
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return found[0].text if len(found) == 1 else ""


def has_zbar() -> bool:
    """Whether the library of the other decoder is installed (Debian: libzbar0)."""
    return find_library("zbar") is not None


def read_with_zbar(picture: bytes) -> str:
    """The same by the other decoder."""
    from pyzbar import pyzbar  # noqa: PLC0415 - it looks for its library when it is imported

    found = pyzbar.decode(Image.open(io.BytesIO(picture)), symbols=[pyzbar.ZBarSymbol.QRCODE])
    return found[0].data.decode() if len(found) == 1 else ""


def count_quiet_modules(picture: bytes, box: FloatRect, *, scale: float, modules: int) -> int:
    """How many whole modules of pure white are around the symbol, as pixels show it.

    ``box`` is where the picture has the symbol, in CSS pixels of ``scale`` pixels each;
    ``modules`` are those of the symbol without a quiet zone.
    """
    shown = Image.open(io.BytesIO(picture)).convert("L")
    left, top = (round(box[side] * scale) for side in ("x", "y"))
    width, height = (round(box[side] * scale) for side in ("width", "height"))
    dark = shown.crop((left, top, left + width, top + height)).point(lambda v: 255 * (v < _DARK))
    inner = dark.getbbox()
    assert inner, "no symbol"
    symbol = (left + inner[0] - 1, top + inner[1] - 1, left + inner[2] + 1, top + inner[3] + 1)
    shown.paste(255, symbol)
    module = (inner[2] - inner[0]) / modules

    def is_white(count: int) -> bool:
        edge = int(count * module)
        ring = (symbol[0] - edge, symbol[1] - edge, symbol[2] + edge, symbol[3] + edge)
        return shown.crop(ring).getextrema()[0] >= _WHITE

    return next(count for count in range(modules) if not is_white(count + 1))
