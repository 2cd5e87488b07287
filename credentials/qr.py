"""The QR code of a card: made natively, drawn as squares, read back from the finished PDF."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pypdfium2
import zxingcpp

from census_staff.lib import qr as lib_qr
from census_staff.lib.qr import QUIET, Matrix, path, side

__all__ = ["QUIET", "Matrix", "address", "matrix", "path", "read_back", "side", "unread"]

# What a QR code holds in its alphanumeric mode, of what a host name may have.
HOST = re.compile(r"[A-Z0-9.\-]+(:[0-9]+)?")
LEVEL: lib_qr.Level = "Q"
# Dots per inch: the first is enough for every code we print, the second is for the doubtful.
FAST, FINE = 100, 220


def address(host: str, token: str) -> str:
    """Return what the QR code says: all upper case, so that its code stays small."""
    upper = host.upper()
    if not HOST.fullmatch(upper):
        raise ValueError("a card's host is letters, digits, dots and hyphens")
    return f"HTTPS://{upper}/V/{token}"


def matrix(text: str) -> Matrix:
    """Return the rows of a card's code."""
    return lib_qr.matrix(text, LEVEL)


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
                formats=zxingcpp.BarcodeFormat.QRCode,  # type: ignore[arg-type]
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
