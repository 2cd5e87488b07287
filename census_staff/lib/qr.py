"""QR codes as rows of modules and as a path of whole rectangles."""

from __future__ import annotations

from typing import Literal

import zxingcpp

QUIET = 4
DARK_IS_ONE = bytes([1]) + bytes(255)

Matrix = tuple[bytes, ...]
Level = Literal["L", "M", "Q", "H"]


def matrix(text: str, level: Level = "M") -> Matrix:
    """Return the rows of the code without quiet zone, one byte a module, dark is 1."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    image = code.to_image(scale=1, add_quiet_zones=False)
    dark = memoryview(image).tobytes().translate(DARK_IS_ONE)  # type: ignore[arg-type]
    width = image.shape[1]
    return tuple(dark[start : start + width] for start in range(0, len(dark), width))


def path(rows: Matrix) -> str:
    """Return the dark modules as rectangles merged along the rows, inside the quiet zone."""
    parts = []
    for y, row in enumerate(rows, start=QUIET):
        x = row.find(1)
        while x >= 0:
            end = row.find(0, x)
            if end < 0:
                end = len(row)
            parts.append(f"{x + QUIET} {y} {end - x} 1 re")
            x = row.find(1, end)
    return " ".join(parts)


def side(rows: Matrix) -> int:
    """Return how many modules the code is wide, its quiet zone included."""
    return len(rows) + 2 * QUIET


def outline(rows: Matrix) -> str:
    """Return the dark modules as the path of an SVG drawing, inside the quiet zone."""
    parts = []
    for rectangle in path(rows).split(" re"):
        if rectangle:
            x, y, width, _height = rectangle.split()
            parts.append(f"M{x} {y}h{width}v1h-{width}z")
    return "".join(parts)
