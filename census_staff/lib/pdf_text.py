"""Break and fit Chinese text into boxes of a PDF."""

from __future__ import annotations

import re
from dataclasses import dataclass

from census_staff.lib.pdf import Align, Drawing
from census_staff.lib.pdf_fonts import Weight

# Words, numbers and the parts of a name joined by dots stay whole; ideographs may part anywhere.
PIECES = re.compile(r"[A-Za-z0-9./:@%+\-]+|\w+·|(?<=·)\w+|.", re.DOTALL)
NEVER_FIRST = frozenset("、，。；：！？）》〉」』】”’·…%,.;:!?)")
NEVER_LAST = frozenset("（《〈「『【“‘(")
SHRINK = 0.96


@dataclass(frozen=True, slots=True)
class Style:
    """How lines are set: size in millimetres, weight, leading and side."""

    size: float
    bold: bool = False
    leading: float = 1.4
    align: Align = "left"


def wrapped(weight: Weight, text: str, size: float, width: float) -> list[str]:
    """Return the text in lines no wider than this, broken where Chinese may be broken."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _pieces(paragraph):
            if line and weight.width((line + piece).rstrip(), size) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        lines.append(line.rstrip())
    return lines


def fitted(
    weight: Weight, text: str, style: Style, *, width: float, height: float
) -> tuple[float, list[str]]:
    """Return the largest size up to the style's at which the text fits a box, and its lines.

    Nothing is ever cut off: a very long name becomes small.
    """
    size = style.size
    while True:
        broken = wrapped(weight, text, size, width)
        is_low = len(broken) * size * style.leading <= height + 0.01
        if size < 1 or (is_low and all(weight.width(one, size) <= width for one in broken)):
            return size, _balanced(weight, text, size, broken)
        size *= SHRINK


def _balanced(weight: Weight, text: str, size: float, broken: list[str]) -> list[str]:
    """Return as many lines as before, but about equally long."""
    if len(broken) < 2 or "\n" in text:
        return broken
    narrow = max(weight.width(line, size) for line in broken)
    best = broken
    while narrow > size:
        narrow -= size / 2
        lines = wrapped(weight, text, size, narrow)
        if len(lines) > len(broken) or any(weight.width(one, size) > narrow for one in lines):
            break
        best = lines
    return best


def paragraph(
    drawing: Drawing, x: float, y: float, text: str, style: Style, *, width: float
) -> float:
    """Write the text in lines and return where the next one would begin."""
    weight = drawing.document.weight(bold=style.bold)
    return _lines(drawing, x, y, wrapped(weight, text, style.size, width), style, width)


def box(
    drawing: Drawing,
    x: float,
    y: float,
    text: str,
    style: Style,
    *,
    width: float,
    height: float = 0,
) -> float:
    """Write the text as large as the box allows and return where the next line would begin.

    Without a height the box is one line high.
    """
    weight = drawing.document.weight(bold=style.bold)
    one_line = style.size * style.leading
    size, broken = fitted(weight, text, style, width=width, height=height or one_line)
    # A smaller line stays in the middle of the place of a full one.
    y += (style.size - size) * 0.5 if len(broken) == 1 else 0
    return _lines(drawing, x, y, broken, Style(size, style.bold, style.leading, style.align), width)


def _lines(
    drawing: Drawing, x: float, y: float, lines: list[str], style: Style, width: float
) -> float:
    x += {"left": 0.0, "centre": width / 2, "right": width}[style.align]
    for line in lines:
        drawing.text(x, y, line, style.size, bold=style.bold, align=style.align)
        y += style.size * style.leading
    return y


def _pieces(text: str) -> list[str]:
    """Return what may not be parted: words, and marks with what they cling to."""
    pieces: list[str] = []
    for piece in PIECES.findall(text):
        clings = pieces and (piece[0] in NEVER_FIRST or pieces[-1][-1] in NEVER_LAST)
        if clings:
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces
