"""Workbooks built to harm: refused quickly with one sentence, or read for what they are."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils.translation import override

from census_staff.lib.errors import Refused
from census_staff.lib.sheets import Limits, Mark, annotate, read_workbook
from recruitment.roster_columns import HEADERS
from tests.hostile.rosters.packages import Sheet, package, repacked, workbook
from tests.hostile.rosters.people import plain, table
from tests.hostile.watching import quick

SHEET = "xl/worksheets/sheet1.xml"
SUSPICIOUS, COMPLEX, DAMAGED = "workbook_suspicious", "workbook_too_complex", "workbook_damaged"


def bent(part: str, old: bytes, new: bytes) -> Callable[[], bytes]:
    """Return the builder of a good roster with some bytes of a part exchanged."""
    return lambda: repacked(plain(), **{part: lambda data: data.replace(old, new, 1)})


def added(**parts: Any) -> Callable[[], bytes]:
    """Return the builder of a good roster with more parts."""
    return lambda: repacked(plain(), **parts)


def declared(text: str, part: str = SHEET) -> Callable[[], bytes]:
    """Return the builder of a roster that declares something before its first tag."""
    return bent(part, b"?>", b"?>" + text.encode())


LAUGHS = "<!DOCTYPE l [<!ENTITY a0 'ha'>{}]>".format(
    "".join(f"<!ENTITY a{at} '{f'&a{at - 1};' * 10}'>" for at in range(1, 10))
)


def cells(*where: str) -> Callable[[], bytes]:
    """Return the builder of a roster with cells at these addresses as well."""
    rows = "".join(
        f'<row r="{one.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{one}"><v>1</v></c></row>'
        for one in where
    )
    return bent(SHEET, b"</sheetData>", rows.encode() + b"</sheetData>")


def many_entries() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for at in range(60_000):
            made.writestr(zipfile.ZipInfo(f"xl/{at}.xml"), b"")
    return out.getvalue()


def overlapping(copies: int = 300) -> bytes:
    """Return a zip whose directory names the same bytes again and again."""
    data = package({"a.xml": b"\0" * 2_000_000})
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    one = data[start:end]
    tail = data[end:]
    tail = tail[:8] + struct.pack("<HHII", copies, copies, len(one) * copies, start) + tail[20:]
    return data[:start] + one * copies + tail


def nested(depth: int = 5) -> bytes:
    data = b"\0" * 10_000_000
    for level in range(depth):
        data = package({f"{level}.zip": data, f"{level}b.zip": data})
    return data


def encoded(name: str, encoding: str) -> Callable[[], bytes]:
    """Return the builder of a roster whose sheet hides an entity in another encoding."""

    def change(data: bytes) -> bytes:
        text = (
            data.decode()
            .replace("UTF-8", name)
            .replace("?>", "?><!DOCTYPE a [<!ENTITY b 'c'>]>", 1)
        )
        return text.encode(encoding)

    return lambda: repacked(plain(), **{SHEET: change})


ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nested-zips": (nested, "workbook_wrong_kind"),
    "overlapping-entries": (overlapping, SUSPICIOUS),
    "60000-entries": (many_entries, SUSPICIOUS),
    "same-name-twice": (lambda: _twice(), SUSPICIOUS),
    "zeros-1-gib": (added(**{"xl/media/a.png": b"\0" * 450_000_000}), "workbook_too_large"),
    "zeros-60-mb": (added(**{"xl/a.xml": b" " * 60_000_000}), SUSPICIOUS),
    "laughs": (declared(LAUGHS), SUSPICIOUS),
    "laughs-in-strings": (declared(LAUGHS, "xl/sharedStrings.xml"), SUSPICIOUS),
    "laughs-in-types": (declared(LAUGHS, "[Content_Types].xml"), SUSPICIOUS),
    "laughs-in-relations": (declared(LAUGHS, "xl/_rels/workbook.xml.rels"), SUSPICIOUS),
    "outer-file": (declared('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'), SUSPICIOUS),
    "outer-address": (declared('<!DOCTYPE a SYSTEM "http://x.invalid/a.dtd">'), SUSPICIOUS),
    "parameter-entity": (declared('<!DOCTYPE a [<!ENTITY % b "c">%b;]>'), SUSPICIOUS),
    "utf-16": (encoded("UTF-16", "utf-16"), SUSPICIOUS),
    "utf-16-without-mark": (encoded("UTF-16LE", "utf-16-le"), SUSPICIOUS),
    "utf-32": (encoded("UTF-32", "utf-32"), SUSPICIOUS),
    "utf-7": (encoded("UTF-7", "utf-7"), SUSPICIOUS),
    "ebcdic": (encoded("cp037", "cp037"), DAMAGED),
    "gbk-declared": (encoded("GBK", "gbk"), SUSPICIOUS),
    "far-corner": (cells("XFD1048576"), COMPLEX),
    "far-below": (cells("CV1048576"), COMPLEX),
    "far-right": (cells("XFD9"), "workbook_too_wide"),
    "diagonal": (cells(*(f"{'ABCDEFGHIJ'[at % 10]}{at * 9000}" for at in range(1, 116))), ""),
    "address-beyond-the-sheet": (cells("ZZZZZ99999999"), COMPLEX),
    "row-number-4-billion": (bent(SHEET, b'<row r="2"', b'<row r="4294967295"'), ""),
    "row-number-negative": (bent(SHEET, b'<row r="2"', b'<row r="-1"'), ""),
    "strings-say-4-billion": (
        bent("xl/sharedStrings.xml", b"<si>", b'<x count="4294967295"/><si>'), ""),
    "strings-count-lies": (
        bent("xl/sharedStrings.xml", b"<sst ", b'<sst count="4294967295" uniqueCount="4294967295" '), ""),
    "deep-tags": (bent(SHEET, b"<sheetData>", b"<a>" * 500_000 + b"<sheetData>"), ""),
    "many-attributes": (
        bent(SHEET, b"<sheetData>", b"<sheetData " + b" ".join(b'a%d="1"' % at for at in range(90_000)) + b">"), ""),
    "string-of-30-mb": (bent("xl/sharedStrings.xml", b"<t xml", b"<t>" + "长".encode() * 4_000_000 + b"</t><t xml"), ""),
    "half-million-merged": (
        bent(SHEET, b"</sheetData>", b"</sheetData><mergeCells>" + b"".join(
            b'<mergeCell ref="A%d:XFD%d"/>' % (at, at) for at in range(5, 100_000)) + b"</mergeCells>"), ""),
    "bytes-after": (lambda: plain() + b"<script>alert(1)</script>", ""),
    "jpeg-and-zip": (lambda: b"\xff\xd8\xff\xe0" + plain(), "workbook_not_a_workbook"),
    "html-and-zip": (lambda: b"<html><!--" + plain() + b"-->", "workbook_not_a_workbook"),
    "link-in-the-package": (lambda: _linked(), ""),
    "way-out-in-the-package": (added(**{"../../../etc/cron.d/a": b"* * * * *"}), ""),
    "relation-to-a-file": (
        bent("xl/_rels/workbook.xml.rels", b'Target="worksheets/sheet1.xml"', b'Target="file:///etc/passwd" TargetMode="External"'), DAMAGED),
    "relation-out-of-it": (
        bent("xl/_rels/workbook.xml.rels", b'Target="worksheets/sheet1.xml"', b'Target="../../../../etc/passwd"'), DAMAGED),
    "sheet-that-is-itself": (
        bent("xl/_rels/workbook.xml.rels", b'Target="worksheets/sheet1.xml"', b'Target="workbook.xml"'), "workbook_empty"),
    "lone-surrogate-reference": (bent("xl/sharedStrings.xml", "胡守云".encode(), b"&#xD800;"), DAMAGED),
    "nul-reference": (bent("xl/sharedStrings.xml", "胡守云".encode(), b"&#0;"), ""),
    "broken-utf-8": (bent("xl/sharedStrings.xml", "胡守云".encode(), b"\xed\xa0\x80\xff"), DAMAGED),
}  # fmt: skip


def _twice() -> bytes:
    out = io.BytesIO(plain())
    with zipfile.ZipFile(out, "a") as made, pytest.warns(UserWarning):
        made.writestr(SHEET, b"<worksheet/>")
    return out.getvalue()


def _linked() -> bytes:
    out = io.BytesIO(plain())
    with zipfile.ZipFile(out, "a") as made:
        entry = zipfile.ZipInfo("xl/media/a.xml")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        made.writestr(entry, "/etc/passwd")
    return out.getvalue()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_one_sentence_or_is_read_for_what_it_is(name: str, tmp_path: Path) -> None:
    build, code = ATTACKS[name]
    path = tmp_path / "名册.xlsx"
    path.write_bytes(build())
    with quick():
        try:
            with read_workbook(path, headers=HEADERS) as book:
                rows = list(book)
        except Refused as refused:
            found = refused
        else:
            found = None
    if found is None:
        assert code == "" and len(rows) >= 3
        assert "root:" not in repr(rows)
        return
    assert found.code == code or (code == "" and found.code in (DAMAGED, COMPLEX)), found.code
    with override("zh-hans"):
        said = str(found)
    assert said.endswith("。") and not said.isascii()


def test_memory_taken_step_by_step_ends_the_child_alone(tmp_path: Path) -> None:
    row = "".join(f"<c><v>{at}</v></c>" for at in range(250)).encode()
    rows = b"".join(b'<row r="%d">%s</row>' % (at, row) for at in range(5, 30_005))
    path = tmp_path / "a.xlsx"
    path.write_bytes(repacked(plain(), **{SHEET: lambda data: data.replace(b"</sheetData>", rows + b"</sheetData>")}))  # fmt: skip
    with pytest.raises(Refused) as caught:
        read_workbook(path, headers=HEADERS, limits=Limits(ratio=10_000))
    assert caught.value.code in (COMPLEX, SUSPICIOUS)


def test_time_without_end_ends_the_child_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(Sheet("名册", table() * 4000)))
    with pytest.raises(Refused) as caught:
        read_workbook(path, headers=HEADERS, limits=Limits(wall_seconds=0))
    assert caught.value.code == COMPLEX


def sheet_of(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


@pytest.mark.parametrize("is_large", [False, True])
def test_what_is_handed_back_marked_holds_text_and_never_computes(
    tmp_path: Path, is_large: bool
) -> None:
    payloads = ["=cmd|' /C calc'!A0", "＝1+1", "@SUM(1)", "+1+1", "-1+1", "\t=1", "{{7*7}}", "<b>&"]
    rows = [[*table()[0], "备注"], *([*table()[2], text] for text in payloads)]
    if is_large:
        rows += [[*table()[2], "长" * 900]] * 13_000
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(Sheet("名册", rows)))
    marks = [Mark(3, "C", "=1+1"), Mark(4, "", "＝坏"), Mark(5, "F", "请核对。", False)]

    made = annotate(path, marks, sheet="名册", header_row=1, headers=HEADERS)

    sheet = sheet_of(made)
    assert [sheet.cell(at, 14).value for at in range(2, 10)] == payloads
    assert all(cell.data_type in "sn" for row in sheet.iter_rows(max_row=9) for cell in row)
    assert [sheet.cell(at, 15).value for at in (1, 3, 4, 5)] == [
        "错误说明",
        "=1+1。",
        "＝坏。",
        "请核对。",
    ]
    assert (sheet["C3"].fill.fgColor.rgb, sheet["F5"].fill.fgColor.rgb) == ("FFFFC7CE", "FFFFEB9C")
    assert sheet["C3"].value == "胡守云" and sheet["D3"].value == table()[2][3]


def test_a_merge_over_the_whole_sheet_does_not_end_the_marking(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(Sheet("名册", table(), after='<mergeCells><mergeCell ref="A5:XFD1048576"/></mergeCells>')))  # fmt: skip
    made = annotate(path, [Mark(3, "C", "坏。")], sheet="名册", header_row=1, headers=HEADERS)
    assert sheet_of(made)["C3"].fill.fgColor.rgb == "FFFFC7CE"
