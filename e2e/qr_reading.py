"""What scanners read off a screen: two decoders that share no code."""

import io
from ctypes.util import find_library

import zxingcpp
from PIL import Image


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
