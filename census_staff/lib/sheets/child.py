"""The process that opens other people's workbooks, run as a script under hard limits.

It imports nothing of ours and gets no environment, so that a hostile file finds no secret and
no database here; it answers in lines of JSON and ends.
"""

from __future__ import annotations

import datetime
import json
import re
import sys
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CHUNK = 500
HEADER_WITHIN = 40
# Of what is written in XML; opened with all its looks it takes some fifteen times as much.
HELD_WHOLE = 10 * 2**20
REASON_HEADER = "错误说明"
AUTHOR = "导入检查"
BAD, DOUBT = "FFFFC7CE", "FFFFEB9C"

_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
# Another encoding could hide an entity from the search above and show it to a parser.
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"'](?!utf-?8[\"']|us-ascii[\"'])", re.I)
_REMARKS = re.compile(r"^\d+|\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|[\s*★:。._\-/、'\"\u200b\ufeff]+")


# A cell that shows #N/A and the like: the reader of the rows sees it as empty.
_FAULTS = re.compile(
    rb"<(?:\w+:)?c\s(?=[^<>]*\bt=[\"']e[\"'])[^<>]*\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']"
)
FAULT = "#N/A"
MOST_FAULTS = 100_000


class Stop(Exception):
    """The file is refused: a code and what may be said about it."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code, self.details = code, details


def plain(header: object) -> str:
    """Return a header without width, spaces, marks and remarks, for comparing."""
    return _REMARKS.sub("", unicodedata.normalize("NFKC", str(header))).casefold()


# --- guards: nothing is parsed before these have passed -------------------------------------


def require_workbook(path: str, limits: dict[str, int]) -> dict[str, dict[int, set[int]]]:
    """Stop at anything that is not a plain, honest .xlsx package of reasonable size.

    Return where the sheets hold error cells: by part, row and column.
    """
    faults: dict[str, dict[int, set[int]]] = {}
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            _require_parts(entries, limits)
            for entry in entries:
                _require_honest(package, entry, faults)
            return faults
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError, OSError) as error:
        raise Stop("workbook_damaged") from error
    except (NotImplementedError, RuntimeError) as error:
        raise Stop("workbook_encrypted") from error
    except Exception as error:
        if isinstance(error, Stop):
            raise
        raise Stop("workbook_damaged") from error  # zlib.error and its like


def _require_parts(entries: list[zipfile.ZipInfo], limits: dict[str, int]) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > limits["entries"] or len(set(names)) != len(names):
        raise Stop("workbook_suspicious")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Stop("workbook_encrypted")
    lowered = {name.lower() for name in names}
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in lowered):
        raise Stop("workbook_has_macros")
    if "[content_types].xml" not in lowered or "xl/workbook.xml" not in lowered:
        raise Stop("workbook_wrong_kind")
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if total > limits["unpacked"]:
        raise Stop("workbook_too_large")
    if total > 16 * 2**20 and total / packed > limits["ratio"]:
        raise Stop("workbook_suspicious")


def _require_honest(
    package: zipfile.ZipFile, entry: zipfile.ZipInfo, faults: dict[str, dict[int, set[int]]]
) -> None:
    """Read an entry to its end: sizes and checksum must be as declared, no entity declared."""
    lowered = entry.filename.lower()
    is_xml = lowered.endswith((".xml", ".rels", ".vml"))
    tail = b""
    with package.open(entry) as stream:
        first = True
        while piece := stream.read(1 << 20):
            if is_xml:
                if first and (b"\0" in piece[:64] or _ENCODING.search(piece[:300])):
                    raise Stop("workbook_suspicious")
                joined = tail + piece
                if _ENTITIES.search(joined):
                    raise Stop("workbook_suspicious")
                has_faults = b'="e"' in joined or b"='e'" in joined
                for found in _FAULTS.finditer(joined) if has_faults else ():
                    where = faults.setdefault(lowered, {}).setdefault(int(found[2]), set())
                    where.add(_column(found[1]))
                    if len(faults[lowered]) > MOST_FAULTS:
                        raise Stop("workbook_suspicious")
                tail = piece[-200:]
            if lowered == "[content_types].xml" and b"macroEnabled" in piece:
                raise Stop("workbook_has_macros")
            first = False


def _column(letters: bytes) -> int:
    at = 0
    for one in letters:
        at = at * 26 + one - 64
    return at - 1


def _part_of(path: str, sheet: str) -> str:
    """Return the part that holds a sheet, in small letters."""
    from xml.etree import ElementTree

    with zipfile.ZipFile(path) as package:
        book = ElementTree.fromstring(package.read("xl/workbook.xml"))  # noqa: S314 - no entities
        links = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {one.get("Id"): one.get("Target", "") for one in links}
    for one in book.iter():
        if one.tag.endswith("}sheet") and one.get("name") == sheet:
            key = next((v for name, v in one.attrib.items() if name.endswith("}id")), "")
            target = targets.get(key, "").lower()
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


# --- reading ---------------------------------------------------------------------------------


def read(path: str, ask: dict[str, Any], faults: dict[str, dict[int, set[int]]]) -> Iterator[Any]:
    """Yield what was found about the workbook, then its rows in chunks."""
    from python_calamine import CalamineError, load_workbook

    limits, known = ask["limits"], set(ask["headers"])
    try:
        with load_workbook(path) as book:
            visible, hidden = _sheets(book)
            if not visible:
                raise Stop("workbook_no_sheet")
            best: tuple[int, int, Any] = (-1, 0, None)
            for name in visible[: limits["sheets"]]:
                sheet = book.get_sheet_by_name(name)
                score, header = _find_header(sheet, known)
                if score > best[0]:
                    best = (score, header, sheet)
            score, header, sheet = best
            if score < 1:
                raise Stop("workbook_empty" if score < 0 else "header_missing")
            if sheet.width > limits["columns"]:
                raise Stop("workbook_too_wide", most=limits["columns"])
            others = [name for name in visible if name != sheet.name]
            wrong = faults.get(_part_of(path, sheet.name), {}) if faults else {}
            yield from _rows(sheet, header, hidden, others, limits["rows"], wrong)
    except (CalamineError, ValueError, OSError) as error:
        raise Stop("workbook_damaged") from error


def _sheets(book: Any) -> tuple[list[str], list[str]]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    visible: list[str] = []
    hidden: list[str] = []
    for sheet in book.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet:
            (visible if sheet.visible == SheetVisibleEnum.Visible else hidden).append(sheet.name)
    return visible, hidden


def _find_header(sheet: Any, known: set[str]) -> tuple[int, int]:
    """Return how well the best row fits as a header, and its number; -1 for an empty sheet."""
    best, seen = (-1, 0), 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        texts = [cell for cell in row if isinstance(cell, str) and cell.strip()]
        if not texts and all(cell == "" for cell in row):
            continue
        seen += 1
        if known:
            score = len({plain(text) for text in texts} & known)
            score = score if score >= min(2, len(known)) else 0
        else:
            score = 1 if len(texts) > 1 else 0
        if score > best[0]:
            best = (score, number)
        if seen == HEADER_WITHIN:
            break
    return best


def _rows(
    sheet: Any,
    header: int,
    hidden: list[str],
    others: list[str],
    most: int,
    wrong: dict[int, set[int]],
) -> Iterator[Any]:
    offset = sheet.start[1] if sheet.start else 0
    chunk: list[Any] = []
    total = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number < header:
            continue
        cells = [_cell(cell) for cell in row]
        for at in wrong.get(number, ()):
            if 0 <= at - offset < len(cells) and cells[at - offset] is None:
                cells[at - offset] = FAULT
        while cells and cells[-1] is None:
            cells.pop()
        if number == header:
            headers = [
                [offset + at, str(text)] for at, text in enumerate(cells) if text is not None
            ]
            yield {
                "sheet": sheet.name, "header_row": header, "headers": headers, "offset": offset,
                "hidden": hidden, "others": others,
            }  # fmt: skip
        elif cells:
            total += 1
            if total > most:
                raise Stop("workbook_too_many_rows", most=most)
            chunk.append([number, *cells])
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
    yield chunk


def _cell(value: Any) -> Any:
    """Return a cell for JSON: text stays text, numbers stay numbers, dates are marked."""
    kind = type(value)
    if kind is str:
        return value if value and not value.isspace() else None
    if kind is float:
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if kind is int or kind is bool:
        return value
    if kind is datetime.datetime and value.time() == datetime.time(0):
        value = value.date()
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    return str(value)


# --- annotating ------------------------------------------------------------------------------


def annotate(path: str, ask: dict[str, Any], out: Any) -> None:
    """Write the workbook with its bad cells coloured and the reasons in a column at the end."""
    from openpyxl import load_workbook

    _require_small(path)
    # Values instead of formulas: what we hand out holds text, never something that computes.
    book = load_workbook(path, data_only=True, keep_links=False)
    sheet = book[ask["sheet"]]
    header_row: int = ask["header_row"]
    last = _clear(sheet, header_row)
    reasons: dict[int, list[str]] = {}
    for line in sys.stdin.buffer:
        row, column, reason, is_error = json.loads(line)
        reasons.setdefault(row, []).append(reason)
        if column:
            _mark(sheet[f"{column}{row}"], reason, is_error)
    _write_reasons(sheet, header_row, last + 1, reasons)
    book.active = book.worksheets.index(sheet)
    book.save(out)


def _require_small(path: str) -> None:
    """Stop where the cells with their looks would not fit into our memory."""
    with zipfile.ZipFile(path) as package:
        parts = package.infolist()
    if sum(one.file_size for one in parts if one.filename.endswith(".xml")) > HELD_WHOLE:
        raise Stop("workbook_too_complex")


def _clear(sheet: Any, header_row: int) -> int:
    """Remove what an earlier check left and return the last column in use."""
    from openpyxl.styles import PatternFill

    last, old = 1, 0
    for cell in sheet[header_row]:
        if cell.value == REASON_HEADER:
            old = cell.column
    for row in sheet.iter_rows(min_row=header_row):
        for cell in row:
            if cell.column == old:
                cell.value = None
            if cell.value is not None and cell.column > last:
                last = cell.column
            if cell.has_style and cell.fill.fgColor.rgb in (BAD, DOUBT):
                cell.fill = PatternFill()
            if cell.comment is not None and cell.comment.author == AUTHOR:
                cell.comment = None
    return last


def _mark(cell: Any, reason: str, is_error: bool) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell.fill = PatternFill("solid", fgColor=BAD if is_error else DOUBT)
    if type(cell).__name__ == "MergedCell":
        return
    said = f"{cell.comment.text}\n{reason}" if cell.comment else reason
    cell.comment = Comment(said, AUTHOR, width=320, height=24 + 18 * (len(said) // 20 + 1))


def _write_reasons(sheet: Any, header_row: int, column: int, reasons: dict[int, Any]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    head = sheet.cell(header_row, column)
    head.value, head.font = REASON_HEADER, Font(bold=True, color="FF9C0006")
    for row, said in reasons.items():
        cell = sheet.cell(row, column)
        cell.value = "；".join(dict.fromkeys(text.rstrip("。") for text in said)) + "。"
        cell.data_type = "s"  # a reason that begins with = is still a reason
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions[get_column_letter(column)].width = 48


# --- the process -----------------------------------------------------------------------------


def say(lines: Iterable[Any]) -> None:
    """Write each piece as one line of JSON, a list element by element: it is never held twice."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    write = sys.stdout.write
    for line in lines:
        if isinstance(line, list):
            for at, row in enumerate(line):
                write(("," if at else "[") + encode(row))
            write("]\n" if line else "[]\n")
        else:
            write(encode(line) + "\n")


def main() -> NoReturn:
    """Do what standard input asks and end: 0 done, 3 refused with a code, else too much asked."""
    ask = json.loads(sys.stdin.buffer.readline())
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        faults = require_workbook(ask["path"], ask["limits"])
        if ask["verb"] == "annotate":
            annotate(ask["path"], ask, sys.stdout.buffer)
        elif ask["verb"] == "read":
            say(read(ask["path"], ask, faults))
        sys.stdout.flush()
        code = 0
    except Stop as stop:
        json.dump({"code": stop.code, "details": stop.details}, sys.stderr)
        code = 3
    except MemoryError:
        code = 4
    sys.exit(code)


if __name__ == "__main__":
    main()
