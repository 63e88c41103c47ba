"""Symbols as pictures, for readers that know nothing of how they were made."""

import re

from PIL import Image, ImageDraw

from webapp.documents.qr import print_ticket_qr


def paint_runs(text: str) -> Image.Image:
    symbol = print_ticket_qr(text)
    image = Image.new("L", (symbol.size * 8, symbol.size * 8), 255)
    pen = ImageDraw.Draw(image)
    for run in symbol.runs:
        left, top = run.column * 8, run.row * 8
        pen.rectangle((left, top, left + run.length * 8 - 1, top + 7), fill=0)
    return image


def paint_svg(svg: str) -> Image.Image:
    """Paint the strokes of segno's path: ``m`` moves, ``h`` draws a row's dark run."""
    side = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    image = Image.new("L", (side * 8, side * 8), 255)
    pen = ImageDraw.Draw(image)
    strokes = re.search(r'class="qr-modules"[^>]* d="([^"]+)"', svg)[1]
    x = y = 0.0
    for step, numbers in re.findall(r"([Mmh])([^Mmh]+)", strokes):
        values = [float(value) for value in re.findall(r"-?[\d.]+", numbers)]
        if step == "h":
            top = round((y - 0.5) * 8)
            pen.rectangle((x * 8, top, (x + values[0]) * 8 - 1, top + 7), fill=0)
            x += values[0]
        else:
            x, y = (values[0], values[1]) if step == "M" else (x + values[0], y + values[1])
    return image
