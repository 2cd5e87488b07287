"""Print a handbook (`handbook.json`, pages of the blocks that courses are made of) as an A5 PDF beside it.

Run as `python -m training.content.make_handbook training/content/laws/handbook.json`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Frame, PageBreak, PageTemplate, Paragraph, Spacer, Table
from reportlab.platypus.doctemplate import BaseDocTemplate

from training.content_files import Block, read_blocks

FONTS = Path(__file__).parents[2] / "census_staff" / "lib" / "fonts"
INK, DEEP, LINE, WASH = (HexColor(code) for code in ("#182230", "#14304f", "#dbe1e8", "#e9f0f8"))
# The same ink and wash as the notices of the screens.
TONES = {"go": ("#1f4e87", "#e9f0f8"), "ok": ("#14603a", "#e5f3eb"), "warn": ("#744600", "#fdf1da")}
TONES |= {"bad": ("#9c1f1a", "#fcebe9")}

# Without it a table asks for Helvetica, which is then named in the file and not embedded.
BASE = ("FONT", (0, 0), (-1, -1), "Sans")

PLAIN = ParagraphStyle(
    "plain", fontName="Sans", fontSize=11, leading=17.5, textColor=INK, wordWrap="CJK"
)
HEADING = ParagraphStyle(
    "heading", PLAIN, fontName="Sans-Bold", fontSize=13.5, leading=20, spaceBefore=3 * mm
)
LISTED = ParagraphStyle(
    "listed", PLAIN, leftIndent=6 * mm, bulletIndent=1 * mm, bulletFontName="Sans"
)
CELL = ParagraphStyle("cell", PLAIN, fontSize=9.8, leading=15)
CELL_HEAD = ParagraphStyle("cell_head", CELL, fontName="Sans-Bold")
HEADING.textColor = CELL_HEAD.textColor = DEEP


def make_handbook(source: Path) -> Path:
    """Write the PDF beside its source and return its path."""
    for name, file in (("Sans", "NotoSansSC-Regular.ttf"), ("Sans-Bold", "NotoSansSC-Bold.ttf")):
        pdfmetrics.registerFont(TTFont(name, FONTS / file))
    stated = json.loads(source.read_text(encoding="utf-8"))
    pages = [read_blocks(page) for page in stated["pages"]]

    def furnish(canvas: Canvas, document: BaseDocTemplate) -> None:
        width, height = A5
        canvas.setFillColor(DEEP)
        canvas.rect(0, height - 15 * mm, width, 15 * mm, stroke=0, fill=1)
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.setFont("Sans-Bold", 14)
        canvas.drawString(12 * mm, height - 10 * mm, stated["title"])
        canvas.setFont("Sans", 8)
        canvas.drawRightString(width - 12 * mm, height - 9.5 * mm, stated["edition"])
        canvas.setFillColor(INK)
        canvas.drawCentredString(width / 2, 6 * mm, f"{document.page} / {len(pages)}")

    target = source.with_suffix(".pdf")
    document = BaseDocTemplate(
        str(target),
        pagesize=A5,
        title=stated["title"],
        lang="zh-Hans",
        invariant=1,
        initialFontName="Sans",
    )
    frame = Frame(12 * mm, 10 * mm, A5[0] - 24 * mm, A5[1] - 27 * mm, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=furnish))
    flow = [part for page in pages for part in [*_drawn(page, frame.width), PageBreak()]]
    document.build(flow[:-1])
    return target


def _drawn(blocks: tuple[Block, ...], width: float) -> list[Flowable]:
    return [part for block in blocks for part in [*_parts(block, width), Spacer(0, 2 * mm)]]


def _parts(block: Block, width: float) -> list[Flowable]:
    if block.items:
        marks = [
            f"{place}." if block.kind == "steps" else "·"
            for place in range(1, len(block.items) + 1)
        ]
        return [
            Paragraph(escape(item), LISTED, mark)
            for mark, item in zip(marks, block.items, strict=True)
        ]
    if block.kind == "table":
        return [_table(block, width)]
    if block.kind == "note":
        ink, wash = TONES[block.tone or "go"]
        boxed = ParagraphStyle("note", PLAIN, fontName="Sans-Bold", textColor=HexColor(ink))
        style = [BASE, ("BACKGROUND", (0, 0), (-1, -1), wash)]
        return [Table([[Paragraph(escape(block.text), boxed)]], [width], style=style)]
    return [Paragraph(escape(block.text), HEADING if block.kind == "heading" else PLAIN)]


def _table(block: Block, width: float) -> Table:
    head = [Paragraph(escape(cell), CELL_HEAD) for cell in block.head]
    rows = [[Paragraph(escape(cell), CELL) for cell in row] for row in block.rows]
    # Columns share the width by their longest cell, but none gets less than a sixth of the rest.
    longest = [
        max(4, *(len(row[at]) for row in (block.head, *block.rows)))
        for at in range(len(block.head))
    ]
    weights = [max(length, max(longest) / 6) ** 0.75 for length in longest]
    widths = [width * weight / sum(weights) for weight in weights]
    grid = ("GRID", (0, 0), (-1, -1), 0.5, LINE)
    style = [BASE, grid, ("BACKGROUND", (0, 0), (-1, 0), WASH), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table([head, *rows], widths, style=style)


if __name__ == "__main__":
    make_handbook(Path(sys.argv[1]))
