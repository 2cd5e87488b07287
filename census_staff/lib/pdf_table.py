"""Lists on paper: a heading, a table with its head on every page, a line at the foot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from census_staff.lib.pdf import Align, Document, Drawing
from census_staff.lib.pdf_text import Style, box

INK, DIM, RULE, GROUND = "#111111", "#4a5563", "#9aa5b1", "#eef1f5"
LEFT, RIGHT, BOTTOM = 15.0, 195.0, 280.0


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a printed list."""

    title: str
    width: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above and below every page of a list."""

    title: str
    subtitle: str
    foot: str
    notes: tuple[str, ...] = ()


def draw_list(
    document: Document,
    heading: Heading,
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    *,
    height: float = 9.5,
) -> int:
    """Draw the rows on as many pages as they need and return how many pages; none is empty."""
    waiting, pages = iter(rows), 0
    while True:
        top = 44 + 5 * len(heading.notes)
        group = list(islice(waiting, int((BOTTOM - top) / height)))
        if pages and not group:
            return pages
        pages += 1
        with document.page() as page:
            _draw_heading(page, heading, pages)
            _draw_table(page, columns, group, top - 9, height)


def _draw_heading(page: Drawing, heading: Heading, number: int) -> None:
    page.fill(INK)
    width = RIGHT - LEFT
    box(page, LEFT, 14, heading.title, Style(6.5, True, align="centre"), width=width)
    page.fill(DIM)
    box(page, LEFT, 24, heading.subtitle, Style(3.6, align="centre"), width=width)
    for order, note in enumerate(heading.notes):
        box(page, LEFT, 31 + 5 * order, note, Style(3.2), width=width)
    box(page, LEFT, 285, heading.foot, Style(2.8), width=150)
    page.text(RIGHT, 285, f"第 {number} 页", 2.8, align="right")


def _draw_table(
    page: Drawing, columns: Sequence[Column], rows: Sequence[Sequence[str]], y: float, height: float
) -> None:
    top = y
    page.fill(GROUND)
    page.rectangle(LEFT, y, RIGHT - LEFT, 9)
    page.fill(INK)
    _draw_row(page, columns, [column.title for column in columns], y, 9, bold=True)
    y += 9
    for row in rows:
        page.line((LEFT, y), (RIGHT, y), colour=RULE, width=0.15)
        _draw_row(page, columns, row, y, height, bold=False)
        y += height
    x = LEFT
    for width in (0.0, *(column.width for column in columns)):
        x += width
        page.line((x, top), (x, y), colour=RULE, width=0.15)
    for edge in (top, y):
        page.line((LEFT, edge), (RIGHT, edge), colour=RULE, width=0.3)


def _draw_row(
    page: Drawing,
    columns: Sequence[Column],
    texts: Sequence[str],
    y: float,
    height: float,
    *,
    bold: bool,
) -> None:
    x = LEFT
    for column, text in zip(columns, texts, strict=True):
        if text:
            style = Style(3.4, bold, 1.25, column.align)
            top = y + (height - style.size) / 2
            if page.document.weight(bold=bold).width(text, style.size) > column.width - 3:
                top = y + 1
            box(page, x + 1.5, top, text, style, width=column.width - 3, height=height - 1.5)
        x += column.width
