"""The signed pledge on paper: its text, who signed it, when, on what, and the text's hash."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime

from census_staff.lib.pdf import A4, Document, Drawing
from census_staff.lib.pdf_text import Style, box, paragraph, wrapped
from census_staff.lib.text_runs import spelled

INK, DIM, RULE = "#111111", "#4a5563", "#9aa5b1"
LEFT, WIDTH, BOTTOM = 25.0, 160.0, 262.0
KEPT_TOGETHER = 4
BODY = Style(4.2, leading=1.7)


@dataclass(frozen=True, slots=True)
class SignedPledge:
    """What was signed and how; times are already in the census's zone."""

    title: str
    version: str
    census: str
    office: str
    text: str
    text_sha256: str
    full_name: str
    signed_at: datetime
    device: str
    signature: bytes = field(default=b"", repr=False)
    typed_name: str = ""


def pledge_pdf(pledge: SignedPledge, *, made_at: datetime) -> bytes:
    """Return the pledge as a PDF whose last page carries the signature."""
    out = io.BytesIO()
    document = Document(out, title=pledge.title, made_at=made_at)
    pages = _pages(document, pledge.text)
    for number, lines in enumerate(pages, start=1):
        with document.page() as page:
            y = 24.0
            if number == 1:
                y = _draw_title(page, pledge)
            page.fill(INK)
            for line in lines:
                page.text(LEFT, y, line, BODY.size)
                y += BODY.size * BODY.leading
            if number == len(pages):
                _draw_signature(page, max(y + 8, 190), pledge)
            foot = f"{pledge.title} · 文本 {pledge.version} · 第 {number} / {len(pages)} 页"
            page.fill(DIM)
            page.text(A4[0] / 2, 284, foot, 2.8, align="centre")
    document.close()
    return out.getvalue()


def _pages(document: Document, text: str) -> list[list[str]]:
    """Return the lines of every page; the last has room for the signature."""
    weight, step = document.weight(bold=False), BODY.size * BODY.leading
    lines: list[str] = []
    for part in text.strip().splitlines():
        # Two ideographs of indent, as Chinese paragraphs begin.
        words = part.strip()
        lines += wrapped(weight, f"　　{words}" if words else "", BODY.size, WIDTH)
    first, other, last = (int((room) / step) for room in (BOTTOM - 55, BOTTOM - 24, 80))
    pages, most = [], first
    while len(lines) > most:
        pages.append(lines[:most])
        lines, most = lines[most:], other
    if len(lines) > most - last:
        # A signature never stands on a page without words.
        pages.append(lines[:-KEPT_TOGETHER])
        lines = lines[-KEPT_TOGETHER:]
    return [*pages, lines]


def _draw_title(page: Drawing, pledge: SignedPledge) -> float:
    page.fill(INK)
    box(page, LEFT, 22, pledge.title, Style(8, True, align="centre"), width=WIDTH)
    page.fill(DIM)
    subtitle = f"{pledge.census} · {pledge.office}"
    box(page, LEFT, 35, subtitle, Style(3.8, align="centre"), width=WIDTH)
    page.line((LEFT, 45), (LEFT + WIDTH, 45), colour=RULE, width=0.25)
    return 52.0


def _draw_signature(page: Drawing, y: float, pledge: SignedPledge) -> None:
    page.fill(DIM)
    page.text(LEFT, y, "承诺人签名", 3.6)
    page.fill(INK)
    if pledge.signature:
        name, ratio = page.document.picture(pledge.signature)
        height = min(24.0, 80 / ratio)
        page.place(name, LEFT + 24, y - 4, height * ratio, height)
    else:
        box(page, LEFT + 24, y - 3, spelled(pledge.typed_name), Style(9, True), width=100)
    page.line((LEFT + 24, y + 21), (LEFT + 120, y + 21), colour=RULE, width=0.25)
    way = "手写签名" if pledge.signature else "输入姓名签署"
    facts = (
        ("姓名", spelled(pledge.full_name)),
        ("签署时间", f"{pledge.signed_at:%Y-%m-%d %H:%M:%S} {pledge.signed_at.tzname() or ''}"),
        ("签署方式", way),
        ("设备", pledge.device),
        ("文本校验值", f"SHA-256 {pledge.text_sha256}"),
    )
    y += 27
    for label, value in facts:
        page.fill(DIM)
        page.text(LEFT, y, label, 3.2)
        page.fill(INK)
        y = max(y, paragraph(page, LEFT + 24, y, value, Style(3.2, leading=1.45), width=136))
        y += 1.6
