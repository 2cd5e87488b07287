"""Impose cards on A4, fronts and backs in turn, ready to be printed on both sides and cut."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from census_staff.lib.pdf import A4, Document, Drawing
from credentials import qr
from credentials.card_faces import CardFace, CardSize, common, common_forms, draw_back, draw_front

GAP = 8.0
# Columns and rows of a sheet.
GRID = {CardSize.BADGE: (2, 2), CardSize.ID1: (2, 4)}
MARK_FROM, MARK_TO = 2.5, 6.0
GREY = "#5d6875"


def cards_pdf(faces: Iterable[CardFace], *, size: CardSize, title: str, made_at: datetime) -> bytes:
    """Return the sheets of these cards as one PDF."""
    out = io.BytesIO()
    write_cards(out, faces, size=size, title=title, made_at=made_at)
    return out.getvalue()


def write_cards(
    out: BinaryIO, faces: Iterable[CardFace], *, size: CardSize, title: str, made_at: datetime
) -> int:
    """Write the sheets of these cards as they come and return how many cards there were.

    Ask `blocked` about every face before: here a missing glyph ends the whole file.
    """
    document = Document(out, title=title, made_at=made_at)
    columns, rows = GRID[size]
    with document.form("Marks", *A4) as marks:
        _crop_marks(marks, size)
    forms: dict[tuple[str | bytes, ...], tuple[str, str]] = {}
    count = 0
    for sheet, group in enumerate(_sheets(faces, columns * rows), start=1):
        for face in group:
            if common(face) not in forms:
                forms[common(face)] = common_forms(document, face, size, str(len(forms)))
        for is_back in (False, True):
            with document.page() as page:
                page.place("Marks", 0, 0, *A4)
                _footer(page, title, sheet, is_back=is_back)
                for (x, y), face in zip(places(size, is_back=is_back), group, strict=False):
                    page.place(forms[common(face)][is_back], x, y, *size.value)
                    (draw_back if is_back else draw_front)(page, x, y, face, size)
        count += len(group)
    document.close()
    return count


def _sheets(faces: Iterable[CardFace], most: int) -> Iterator[tuple[CardFace, ...]]:
    waiting = iter(faces)
    while group := tuple(islice(waiting, most)):
        yield group


def unreadable(pdf: bytes | Path, faces: Iterable[CardFace]) -> list[str]:
    """Return the numbers of the cards whose code cannot be read from the finished sheets."""
    numbers = {face.address: face.number for face in faces}
    return sorted(numbers[code] for code in qr.unread(pdf, numbers, first=1, step=2))


def places(size: CardSize, *, is_back: bool) -> Iterator[tuple[float, float]]:
    """Yield the corners of the cards of a sheet; backs run from the right, so that they meet."""
    columns, rows = GRID[size]
    left, top = _margins(size)
    width, height = size.value
    for row in range(rows):
        for column in range(columns):
            place = columns - 1 - column if is_back else column
            yield left + place * (width + GAP), top + row * (height + GAP)


def _margins(size: CardSize) -> tuple[float, float]:
    (columns, rows), (width, height) = GRID[size], size.value
    across = columns * width + (columns - 1) * GAP
    down = rows * height + (rows - 1) * GAP
    return (A4[0] - across) / 2, (A4[1] - down) / 2


def _crop_marks(drawing: Drawing, size: CardSize) -> None:
    """Draw the lines to cut along, outside every card."""
    width, height = size.value
    for x, y in places(size, is_back=False):
        for edge in (y, y + height):
            _mark(drawing, (x - MARK_FROM, edge), (x - MARK_TO, edge))
            _mark(drawing, (x + width + MARK_FROM, edge), (x + width + MARK_TO, edge))
        for edge in (x, x + width):
            _mark(drawing, (edge, y - MARK_FROM), (edge, y - MARK_TO))
            _mark(drawing, (edge, y + height + MARK_FROM), (edge, y + height + MARK_TO))


def _mark(drawing: Drawing, start: tuple[float, float], end: tuple[float, float]) -> None:
    drawing.line(start, end, colour=GREY, width=0.1)


def _footer(page: Drawing, title: str, sheet: int, *, is_back: bool) -> None:
    side = "反面" if is_back else "正面"
    text = f"{title} · 第 {sheet} 张{side} · 按实际大小打印，双面，沿长边翻转"
    page.fill(GREY)
    page.text(A4[0] / 2, A4[1] - 7.6, text, 2.4, align="centre")
