"""A marked copy of a roster too large to be opened whole: its cells as text, row by row."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from census_staff.lib.sheets.child import REASON_HEADER
from census_staff.lib.sheets.values import CellValue, Mark, Workbook, index, letter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DAY_ZERO = date(1899, 12, 30).toordinal()
PLAIN, BAD, DOUBT, HEAD, REASON = range(5)
DATES = 5  # the same looks again, as dates
# What XML cannot say, wherever it came from.
_UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
}


def annotated_copy(book: Workbook, marks: Iterable[Mark]) -> bytes:
    """Return a workbook with the rows where they stood, marked; `marks` come in order of rows."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
        for name, text in _PARTS.items():
            package.writestr(name, text)
        package.writestr("xl/styles.xml", _styles())
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet '
            f'name={quoteattr(_said(book.sheet))} sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            _write(sheet, book, marks)
    return out.getvalue()


def _write(sheet: IO[bytes], book: Workbook, marks: Iterable[Mark]) -> None:
    old = {at for at, text in book.headers.items() if text == REASON_HEADER}
    width = max((len(row.cells) for row in book), default=1)
    last = max([width - 1, *book.headers])
    reasons = min([last + 1, *old])
    sheet.write(
        f'<worksheet xmlns="{MAIN}"><cols><col min="1" max="{last + 1}" width="16" customWidth="1"/>'
        f'<col min="{last + 2}" max="{last + 2}" width="48" customWidth="1"/></cols>'
        "<sheetData>".encode()
    )
    heads: list[CellValue] = [book.headers.get(at) for at in range(last + 1)]
    heads = [None if at in old else one for at, one in enumerate(heads)]
    looks = dict.fromkeys(range(last + 2), HEAD)
    sheet.write(_row(book.header_row, heads, looks, reasons, REASON_HEADER))
    noted = _ByRow(marks)
    for row in book:
        found = noted.of(row.number)
        looks = {
            index(one.column): BAD if one.is_error else DOUBT
            for one in sorted(found, key=lambda one: one.is_error)
            if one.column
        }
        said = dict.fromkeys(one.reason.rstrip("。") for one in found)
        cells = [None if at in old else one for at, one in enumerate(row.cells)]
        sheet.write(_row(row.number, cells, looks, reasons, "；".join(said) + "。" if said else ""))
    sheet.write(b"</sheetData></worksheet>")


class _ByRow:
    """Marks in the order of their rows, handed out row by row."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._marks = iter(marks)
        self._next = next(self._marks, None)

    def of(self, row: int) -> list[Mark]:
        """Return the marks of a row; rows are asked for in their order."""
        found: list[Mark] = []
        while self._next is not None and self._next.row <= row:
            if self._next.row == row:
                found.append(self._next)
            self._next = next(self._marks, None)
        return found


def _row(
    number: int, cells: list[CellValue], looks: dict[int, int], reasons: int, said: str
) -> bytes:
    filled = dict(enumerate(cells)) | {at: None for at in looks if at >= len(cells)}
    if said:
        filled[reasons] = said
        looks = looks | {reasons: HEAD if said == REASON_HEADER else REASON}
    pieces = [
        _cell(f"{letter(at)}{number}", value, looks.get(at, PLAIN))
        for at, value in sorted(filled.items())
        if value is not None or at in looks
    ]
    return f'<row r="{number}">{"".join(pieces)}</row>'.encode()


def _cell(where: str, value: CellValue, look: int) -> str:
    if value is None:
        return f'<c r="{where}" s="{look}"/>'
    if isinstance(value, bool):
        return f'<c r="{where}" s="{look}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{where}" s="{look}"><v>{value!r}</v></c>'
    if isinstance(value, date) and value.year >= 1900:
        part = (value.hour * 60 + value.minute) / 1440 if isinstance(value, datetime) else 0
        serial = value.toordinal() - DAY_ZERO + part
        return f'<c r="{where}" s="{look + DATES}"><v>{serial}</v></c>'
    text = escape(_said(str(value)))
    return (
        f'<c r="{where}" s="{look}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    )


def _said(text: str) -> str:
    return _UNSAYABLE.sub("\ufffd", text)


def _styles() -> str:
    fills = "".join(
        f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/></patternFill></fill>'
        for colour in ("FFFFC7CE", "FFFFEB9C")
    )
    looks = (
        '<xf numFmtId="{}" fontId="0" fillId="0"/>',
        '<xf numFmtId="{}" fontId="0" fillId="2" applyFill="1"/>',
        '<xf numFmtId="{}" fontId="0" fillId="3" applyFill="1"/>',
        '<xf numFmtId="{}" fontId="1" fillId="0" applyFont="1"/>',
        '<xf numFmtId="{}" fontId="0" fillId="0"><alignment wrapText="1" vertical="top"/></xf>',
    )
    every = "".join(look.format(kind) for kind in (49, 14) for look in looks)
    return (
        f'<styleSheet xmlns="{MAIN}"><fonts count="2"><font/><font><b/></font></fonts>'
        '<fills count="4"><fill><patternFill patternType="none"/></fill>'
        f'<fill><patternFill patternType="gray125"/></fill>{fills}</fills>'
        '<borders><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        f'<cellXfs count="10">{every}</cellXfs><cellStyles count="1"><cellStyle name="Normal" '
        'xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
