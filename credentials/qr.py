"""The QR code of a card: made natively, drawn as squares, read back from the finished PDF."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pypdfium2
import zxingcpp

# What a QR code holds in its alphanumeric mode, of what a host name may have.
HOST = re.compile(r"[A-Z0-9.\-]+(:[0-9]+)?")
LEVEL = "Q"
QUIET = 4
# Dots per inch: the first is enough for every code we print, the second is for the doubtful.
FAST, FINE = 100, 220

Matrix = tuple[bytes, ...]


def address(host: str, token: str) -> str:
    """Return what the QR code says: all upper case, so that its code stays small."""
    upper = host.upper()
    if not HOST.fullmatch(upper):
        raise ValueError("a card's host is letters, digits, dots and hyphens")
    return f"HTTPS://{upper}/V/{token}"


def matrix(text: str) -> Matrix:
    """Return the rows of the code without quiet zone, one byte a module, dark is 1."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=LEVEL)
    image = memoryview(code.to_image(scale=1, add_quiet_zones=False))
    side = image.shape[0]
    flat = bytes(image.cast("B")) if image.contiguous else image.tobytes()
    dark = flat.translate(bytes([1]) + bytes(255))
    return tuple(dark[start : start + side] for start in range(0, side * side, side))


def path(rows: Matrix) -> str:
    """Return the dark modules as one path of whole rectangles, merged along the rows."""
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


def read_back(
    pdf: bytes | Path, *, first: int = 0, step: int = 1, dpi: int = FAST
) -> Iterator[str]:
    """Yield what the codes of these pages say, as a camera would read them from the paper."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number in range(first, len(document), step):
            page = document[number]
            bitmap = page.render(scale=dpi / 72, grayscale=True)
            # Our own print is upright and black on white: nothing else need be tried.
            found = zxingcpp.read_barcodes(
                bitmap.to_pil(),
                formats=zxingcpp.BarcodeFormat.QRCode,
                try_rotate=False,
                try_downscale=False,
                try_invert=False,
            )
            yield from (code.text for code in found)
            bitmap.close()
            page.close()
    finally:
        document.close()


def unread(
    pdf: bytes | Path, expected: Collection[str], *, first: int = 0, step: int = 1
) -> set[str]:
    """Return which of these codes the finished PDF does not show legibly; none, if all is well."""
    missing = set(expected) - set(read_back(pdf, first=first, step=step))
    if missing:
        missing -= set(read_back(pdf, first=first, step=step, dpi=FINE))
    return missing
