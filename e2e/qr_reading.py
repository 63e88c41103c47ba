"""What scanners read off a screen: two decoders that share no code."""

import io
from ctypes.util import find_library

import pytest
import zxingcpp
from PIL import Image


def read_with_zxing(picture: bytes) -> str:
    """The text of the one QR code in a picture, empty if there is none."""
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return found[0].text if len(found) == 1 else ""


def read_with_zbar(picture: bytes) -> str:
    """The same by the other decoder; the test is skipped where its library is not installed."""
    if find_library("zbar") is None:
        pytest.skip("zbar is not installed (Debian: libzbar0)")
    from pyzbar import pyzbar  # noqa: PLC0415 - it looks for its library when it is imported

    found = pyzbar.decode(Image.open(io.BytesIO(picture)), symbols=[pyzbar.ZBarSymbol.QRCODE])
    return found[0].data.decode() if len(found) == 1 else ""
