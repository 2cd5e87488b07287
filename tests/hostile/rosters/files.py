"""Files of every kind that offices send: programs, layouts, and what is no roster at all."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from recruitment.roster_columns import template_workbook
from tests.hostile.rosters.packages import (
    MAIN,
    Flavour,
    Formula,
    Sheet,
    package,
    repacked,
    workbook,
)
from tests.hostile.rosters.people import (
    HEAD,
    KEYS,
    SECOND,
    THIRD,
    Answer,
    case,
    plain,
    table,
)

NAME, ID = KEYS.index("name"), KEYS.index("id_number")

# --- programs ----------------------------------------------------------------------------------

FLAVOURS = {
    "excel": Flavour(),
    "wps-inline": Flavour(strings="inline"),
    "text-as-formula-result": Flavour(strings="str"),
    "rich-text-with-reading": Flavour(strings="rich"),
    "prefix-x": Flavour(prefix="x"),
    "prefix-long-inline": Flavour(prefix="ns0", strings="inline"),
    "no-dimension": Flavour(dimension=None),
    "dimension-too-small": Flavour(dimension="A1"),
    "dimension-too-large": Flavour(dimension="A1:XFD1048576"),
    "absolute-parts": Flavour(absolute=True),
    "no-cell-addresses": Flavour(addresses=False),
    "no-addresses-at-all": Flavour(addresses=False, row_numbers=False),
    "strict": Flavour(is_strict=True),
    "spaces-between-tags": Flavour(spaces=True),
    "template-kind": Flavour(kind="template.main+xml"),
    "other-part-names": Flavour(sheet_path="worksheets/Sheet-{}.XML"),
    "stored-not-packed": Flavour(stored=True),
    "from-1904": Flavour(from_1904=True),
}
for kind, how in FLAVOURS.items():
    case(f"program-{kind}", lambda how=how: plain(how))
case(
    "program-dimension-nonsense",
    lambda: plain(Flavour(dimension="ZZZZ99999999:A0")),
    refused="workbook_damaged",
)
case("program-backslashes", lambda: plain(Flavour(backslashes=True)), refused="workbook_wrong_kind")


def by_xlsxwriter(fill: Callable[[Any, Any], None], **options: Any) -> bytes:
    """Return the three people as XlsxWriter writes them, with something done to the sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, **options}
    ) as book:
        sheet = book.add_worksheet("两员名册")
        for at, row in enumerate(table()):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write_string(at, column, value)
        fill(book, sheet)
    return out.getvalue()


def by_openpyxl(fill: Callable[[Any, Any], None]) -> bytes:
    """Return the three people as openpyxl writes them."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in table():
        sheet.append(row)
    fill(book, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _conditional(book: Any, sheet: Any) -> None:
    red = book.add_format({"bg_color": "red"})
    sheet.conditional_format("F2:F9", {"type": "duplicate", "format": red})
    sheet.conditional_format("A1:M99999", {"type": "formula", "criteria": "=A1=1", "format": red})


def _lists(book: Any, sheet: Any) -> None:
    sheet.data_validation("B2:B65536", {"validate": "list", "source": ["普查员", "普查指导员"]})
    sheet.data_validation("D2:D9", {"validate": "custom", "value": "=LEN(D2)=18"})


def _picture(book: Any, sheet: Any) -> None:
    from census_staff.lib.portraits import draw_portrait

    sheet.insert_image(6, 2, "a.jpg", {"image_data": io.BytesIO(draw_portrait("a"))})


def _chart(book: Any, sheet: Any) -> None:
    chart = book.add_chart({"type": "pie"})
    chart.add_series({"values": "=两员名册!$A$2:$A$4"})
    sheet.insert_chart("P2", chart)


def _names(book: Any, sheet: Any) -> None:
    book.defined_names["下拉"] = DefinedName("下拉", attr_text="'[1]旧表'!$A$1:$A$9")
    sheet["O1"] = None


THINGS: dict[str, Callable[[], bytes]] = {
    "comments": lambda: by_openpyxl(
        lambda book, sheet: setattr(sheet["D3"], "comment", Comment("请核对", "县普查办"))
    ),
    "notes-by-excel": lambda: by_xlsxwriter(lambda book, sheet: sheet.write_comment("D3", "核对")),
    "drop-down-lists": lambda: by_xlsxwriter(_lists),
    "conditional-formats": lambda: by_xlsxwriter(_conditional),
    "protected-sheet": lambda: by_xlsxwriter(lambda book, sheet: sheet.protect("a")),
    "picture": lambda: by_xlsxwriter(_picture),
    "chart": lambda: by_xlsxwriter(_chart),
    "names-to-another-book": lambda: by_openpyxl(_names),
    "filter": lambda: by_xlsxwriter(lambda book, sheet: sheet.autofilter("A1:M4")),
    "table-object": lambda: by_xlsxwriter(lambda book, sheet: sheet.add_table("A1:M4", {"columns": [{"header": one} for one in HEAD]})),
    "frozen-and-grouped": lambda: by_xlsxwriter(lambda book, sheet: (sheet.freeze_panes(1, 3), sheet.set_row(2, None, None, {"level": 2, "hidden": True}))),
    "hidden-column": lambda: by_xlsxwriter(lambda book, sheet: sheet.set_column(3, 5, 9, None, {"hidden": True})),
    "printing-set-up": lambda: by_xlsxwriter(lambda book, sheet: (sheet.repeat_rows(0), sheet.set_landscape(), sheet.set_header("&C两员名册"))),
    "constant-memory": lambda: by_xlsxwriter(lambda book, sheet: None, constant_memory=False),
    "openpyxl-plain": lambda: by_openpyxl(lambda book, sheet: None),
}  # fmt: skip
for kind, build in THINGS.items():
    case(f"thing-{kind}", build)
case("thing-hidden-row", lambda: plain(row_marks={3: ' hidden="1"'}))

EXTERNAL = '<externalLink xmlns="{}"><externalBook xmlns:r="r" r:id="rId1"/></externalLink>'
case("thing-external-link", lambda: repacked(plain(), **{
    "xl/externalLinks/externalLink1.xml": EXTERNAL.format(MAIN),
    "xl/externalLinks/_rels/externalLink1.xml.rels": "<Relationships/>",
}))  # fmt: skip
case("thing-pivot", lambda: repacked(plain(), **{
    "xl/pivotCache/pivotCacheDefinition1.xml": f'<pivotCacheDefinition xmlns="{MAIN}"/>',
    "xl/pivotTables/pivotTable1.xml": f'<pivotTableDefinition xmlns="{MAIN}"/>',
}))  # fmt: skip
case("thing-embedded-object", lambda: repacked(plain(), **{
    "xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900
}))  # fmt: skip
case(
    "thing-wps-part",
    lambda: repacked(plain(), **{"xl/wpsComment.xml": "<a/>", "docProps/custom.xml": "<a/>"}),
)
case("thing-macros", lambda: repacked(plain(), **{"xl/vbaProject.bin": b"x"}),
     refused="workbook_has_macros", suffix=".xlsm")  # fmt: skip
case("thing-macro-kind", lambda: repacked(plain(), **{"[Content_Types].xml": lambda data: data.replace(
    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")}),
    refused="workbook_has_macros", suffix=".xlsm")  # fmt: skip
case("thing-excel-4-macros", lambda: repacked(plain(), **{"xl/macrosheets/sheet1.xml": "<a/>"}),
     refused="workbook_has_macros")  # fmt: skip

# --- layouts -----------------------------------------------------------------------------------


def above(*lines: list[Any]) -> list[list[Any]]:
    """Return the three people with these rows above the header."""
    return [*lines, *table()]


def sheets(*made: Sheet, **more: Any) -> Callable[[], bytes]:
    """Return the builder of a workbook of these sheets."""
    return lambda: workbook(*made, **more)


ROSTER = Sheet("两员名册", table())
NOTES = Sheet("填表说明", [["填表说明"], ["一、姓名、证件号码必填。"], ["姓名", "写全称"]])
TITLE = ["金寨县流波䃥镇普查指导员和普查员名册"]
case("layout-title", sheets(Sheet("名册", above(TITLE))), first=3)
case("layout-header-on-row-5", sheets(Sheet("名册", above(
    TITLE, [], ["填报单位：", "流波䃥镇", None, "填报人：", "张三"], ["单位：人"]))), first=6)  # fmt: skip
case("layout-merged-county-header", sheets(Sheet("名册", above(
    TITLE, ["基本情况", None, None, None, None, "联系方式", None, "选聘", None, None, "职责"]),
    after='<mergeCells count="3"><mergeCell ref="A1:M1"/><mergeCell ref="A2:E2"/>'
    '<mergeCell ref="F2:G2"/></mergeCells>')), first=4)  # fmt: skip
case(
    "layout-indented",
    sheets(Sheet("名册", [[], [], *([None, None, *row] for row in table())])),
    first=4,
)
case("layout-serial-numbers", sheets(Sheet("名册", [
    ["序号" if at == 0 else at, *row] for at, row in enumerate(table())])))  # fmt: skip
case("layout-wrong-order", sheets(Sheet("名册", [list(reversed(row)) for row in table()])))
case("layout-marks-and-remarks", sheets(Sheet("名册", [
    [f"{at}. {text}*（必填）\n" for at, text in enumerate(HEAD, 1)], *table()[1:]])))  # fmt: skip
case("layout-spaced-headers", sheets(Sheet("名册", [
    [" \u3000".join(text) for text in HEAD], *table()[1:]])))  # fmt: skip
SYNONYMS = ["机构代码", "类别", "姓 名", "身份证号", "学历", "联系电话", "聘用方式", "单位类型", "工作单位", "普查区",
            "所属指导员", "上岗时间", "离岗时间"]  # fmt: skip
case("layout-synonyms", sheets(Sheet("名册", [SYNONYMS, *table()[1:]])))
case("layout-unknown-columns", sheets(Sheet("名册", [
    [*row, *more] for row, more in zip(table(), (["微信号", "备注"], ["a", ""], [None], ["c", "好"]), strict=True)])),
    unknown=("微信号", "备注"))  # fmt: skip
case("layout-reason-column-kept", sheets(Sheet("名册", [
    [*row, text] for row, text in zip(table(), ["错误说明", "末位已丢失。", "", ""], strict=True)])))  # fmt: skip
case("layout-repeated-column", sheets(Sheet("名册", [[*row, row[NAME]] for row in table()])),
     refused="columns_repeated")  # fmt: skip
case("layout-two-phones", sheets(Sheet("名册", [[*row, "联系电话" if at == 0 else "13600000199"] for at, row in enumerate(table())])),
     refused="columns_repeated")  # fmt: skip
case("layout-column-missing", sheets(Sheet("名册", [row[:ID] + row[ID + 1:] for row in table()])),
     refused="columns_missing")  # fmt: skip
case("layout-english-headers", sheets(Sheet("Staff", [
    ["office", "role", "name", "ID number", "schooling", "phone"], *table()[1:]])), refused="header_missing")  # fmt: skip
case("layout-no-header", sheets(Sheet("名册", table()[1:])), refused="header_missing")
case("layout-header-below-row-60", sheets(Sheet("名册", [
    *([f"说明{at}", "请勿删除"] for at in range(60)), *table()])), refused="header_missing")  # fmt: skip
case("layout-empty-rows-between", sheets(Sheet("名册", [
    table()[0], [], table()[1], [None] * 13, table()[2], [" ", "\u3000"], table()[3]])), first=3, gaps=(0, 2, 4))  # fmt: skip
case("layout-header-repeated-on-each-page", sheets(Sheet("名册", [*table()[:3], table()[0], table()[3]])),
     gaps=(0, 1, 3))  # fmt: skip
case("layout-example-row-kept", lambda: template_and(table()), first=4)
case(
    "layout-footer",
    sheets(Sheet("名册", [*table(), [], ["填表人：", None, None, "审核人：", None, "日期："]])),
)
case("layout-notes-first", sheets(NOTES, ROSTER))
case("layout-empty-first", sheets(Sheet("Sheet1", []), ROSTER, Sheet("Sheet3", [])))
case("layout-hidden-sheet", sheets(Sheet("旧名册", table(), state="hidden"), ROSTER), hidden=1)
case(
    "layout-very-hidden-sheet",
    sheets(Sheet("dict", [["普查员"]], state="veryHidden"), ROSTER),
    hidden=1,
)
case(
    "layout-all-hidden", sheets(Sheet("名册", table(), state="hidden")), refused="workbook_no_sheet"
)
case("layout-roster-on-sheet-12", sheets(*(Sheet(f"S{at}", [["a", "b"]]) for at in range(11)), ROSTER),
     refused="header_missing")  # fmt: skip
case("layout-odd-sheet-name", sheets(Sheet("<&\">'名册 {{7*7}}", table())))
case("layout-header-only", sheets(Sheet("名册", table()[:1])), gaps=())
case("layout-formulas-throughout", sheets(Sheet("名册", [
    table()[0], *([Formula(f"旧!A{at}", text) if text else None for text in row]
                  for at, row in enumerate(table()[1:]))])))  # fmt: skip
case("layout-shared-formula", sheets(Sheet("名册", [
    table()[0],
    *([*row[:NAME], Formula("A1" if at == 0 else "", row[NAME],
       ' t="shared" ref="C2:C4" si="0"' if at == 0 else ' t="shared" si="0"'), *row[NAME + 1:]]
      for at, row in enumerate(table()[1:]))])))  # fmt: skip
case("layout-never-computed", sheets(Sheet("名册", [
    *table()[:2], [*table()[2][:NAME], Formula("旧!A1"), *table()[2][NAME + 1:]], table()[3]])),
    answers={SECOND: Answer({"name": None}, errors=frozenset({"name:name_missing"}))})  # fmt: skip
case("layout-county-without-supervisors", sheets(Sheet("名册", table({(THIRD, "supervisor"): None}))),
     answers={THIRD: Answer({"supervisor_phone": None}, errors=frozenset({"supervisor:supervisor_missing"}))})  # fmt: skip

BLANK = '<row r="{}" s="1" customFormat="1"/>'


def _trailing(rows: range, mark: str = BLANK) -> Callable[[], bytes]:
    def build() -> bytes:
        tail = "".join(mark.replace("{}", str(at)) for at in rows).encode()
        return repacked(plain(), **{"xl/worksheets/sheet1.xml": lambda data: data.replace(b"</sheetData>", tail + b"</sheetData>")})  # fmt: skip

    return build


case("layout-million-empty-rows", _trailing(range(5, 1_048_577)))
case("layout-formatted-cells-below", _trailing(
    range(5, 60_005), '<row r="{}"><c r="A{}" s="1"/><c r="F{}" s="1"/></row>'))  # fmt: skip
case(
    "layout-formatted-to-the-last-row",
    _trailing(range(1_048_576, 1_048_577), '<row r="{}"><c r="M{}" s="1"/></row>'),
)
case("layout-16384-columns", sheets(Sheet("名册", [[*row, *[None] * 16_370, "x"] for row in table()])),
     refused="workbook_too_wide")  # fmt: skip
case(
    "layout-16384-formatted-columns",
    sheets(
        Sheet("名册", table(), before='<cols><col min="1" max="16384" width="9" style="1"/></cols>')
    ),
)
case("layout-formatted-to-the-last-column", lambda: repacked(plain(), **{
    "xl/worksheets/sheet1.xml": lambda data: data.replace(b"</row>", b'<c r="XFD1" s="1"/></row>', 1)}))  # fmt: skip


def template_and(rows: list[list[Any]]) -> bytes:
    """Return our own template with people below its example."""
    book = openpyxl.load_workbook(io.BytesIO(template_workbook()))
    sheet = book.worksheets[0]
    titles = [str(cell.value).rstrip("*()") for cell in sheet[2]]
    for at, row in enumerate(rows[1:], 4):
        for title, value in zip(rows[0], row, strict=True):
            sheet.cell(at, titles.index(title) + 1).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- what is no roster -------------------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CSV = "\r\n".join(",".join(str(one or "") for one in row) for row in table())
HTML = (
    "<table>"
    + "".join("<tr>" + "".join(f"<td>{one or ''}</td>" for one in row) + "</tr>" for row in table())
    + "</table>"
)
LOCKED = OLE + b"\0" * 1200 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 900
XML_2003 = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>'
ODS = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}
OTHERS: dict[str, tuple[bytes | Callable[[], bytes], str, str]] = {
    "xls": (OLE + b"\0" * 2000, "workbook_is_xls", ".xls"),
    "xls-named-xlsx": (OLE + b"\0" * 2000, "workbook_is_xls", ".xlsx"),
    "et": (OLE + b"\0" * 600 + "ETExtData".encode("utf-16-le"), "workbook_is_xls", ".et"),
    "xlsb": (lambda: package({"[Content_Types].xml": "<a/>", "xl/workbook.bin": b"\x83\x01\0"}), "workbook_wrong_kind", ".xlsb"),
    "ods": (lambda: package(ODS), "workbook_wrong_kind", ".ods"),
    "numbers": (lambda: package({"Index/Document.iwa": b"\0", "preview.jpg": b"\xff\xd8"}), "workbook_wrong_kind", ".xlsx"),
    "docx": (lambda: package({"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"}), "workbook_wrong_kind", ".xlsx"),
    "zip-with-the-roster": (lambda: package({"名册.xlsx": plain()}), "workbook_wrong_kind", ".xlsx"),
    "csv-gb18030": (CSV.encode("gb18030"), "workbook_is_text", ".csv"),
    "csv-utf8": (CSV.encode(), "workbook_is_text", ".csv"),
    "csv-utf8-mark": (CSV.encode("utf-8-sig"), "workbook_is_text", ".xlsx"),
    "tsv-utf16": (CSV.replace(",", "\t").encode("utf-16"), "workbook_is_text", ".txt"),
    "csv-long-gb18030": ((CSV + "\r\n").encode("gb18030") * 90, "workbook_is_text", ".xlsx"),
    "html-named-xls": (f"<html>{HTML}</html>".encode(), "workbook_not_a_workbook", ".xls"),
    "html-named-xlsx": (f"\ufeff<!DOCTYPE html><body>{HTML}".encode(), "workbook_not_a_workbook", ".xlsx"),
    "html-table-alone": (HTML.encode("gb18030"), "workbook_not_a_workbook", ".xlsx"),
    "mhtml": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n", "workbook_is_text", ".xls"),
    "xml-2003": (XML_2003.encode(), "workbook_not_a_workbook", ".xml"),
    "json": (json.dumps(table(), ensure_ascii=False).encode(), "workbook_is_text", ".xlsx"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "workbook_not_a_workbook", ".xlsx"),
    "rar": (b"Rar!\x1a\x07\x01\0" + b"\0" * 90, "workbook_not_a_workbook", ".xlsx"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\x04" + b"\0" * 90, "workbook_not_a_workbook", ".xlsx"),
    "program": (b"MZ\x90\0" + b"\0" * 500, "workbook_not_a_workbook", ".xlsx"),
    "photo": (b"\xff\xd8\xff\xe0" + b"\0" * 500, "workbook_not_a_workbook", ".xlsx"),
    "lock-file-of-excel": (b"\x05Zhang" + b" " * 49 + b"Z\0h\0" + b" \0" * 50, "workbook_not_a_workbook", ".xlsx"),
    "encrypted": (LOCKED, "workbook_encrypted", ".xlsx"),
    "encrypted-et": (LOCKED, "workbook_encrypted", ".et"),
    "empty": (b"", "workbook_empty", ".xlsx"),
    "one-byte": (b"P", "workbook_not_a_workbook", ".xlsx"),
    "only-zeros": (b"\0" * 9000, "workbook_not_a_workbook", ".xlsx"),
    "empty-zip": (b"PK\x05\x06" + b"\0" * 18, "workbook_not_a_workbook", ".xlsx"),
    "empty-sheet": (sheets(Sheet("Sheet1", [])), "workbook_empty", ".xlsx"),
    "truncated": (lambda: plain()[:-300], "workbook_damaged", ".xlsx"),
    "half": (lambda: plain()[: len(plain()) // 2], "workbook_damaged", ".xlsx"),
    "damaged-inside": (lambda: _bent(plain()), "workbook_damaged", ".xlsx"),
    "bytes-before": (lambda: b"GET / HTTP/1.1\r\n\r\n" + plain(), "workbook_not_a_workbook", ".xlsx"),
    "no-sheet-part": (lambda: _without("xl/worksheets/sheet1.xml"), "workbook_damaged", ".xlsx"),
    "no-strings": (lambda: _without("xl/sharedStrings.xml"), "workbook_damaged", ".xlsx"),
    "broken-xml": (lambda: repacked(plain(), **{"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row><c"}), "workbook_damaged", ".xlsx"),
    "string-number-too-high": (lambda: repacked(plain(), **{"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"/>'}), "workbook_damaged", ".xlsx"),
}  # fmt: skip


def _bent(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        at = made.getinfo("xl/worksheets/sheet1.xml").header_offset + 120
    return data[:at] + bytes(one ^ 0x55 for one in data[at : at + 40]) + data[at + 40 :]


def _without(part: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(plain())) as made:
        return package({name: made.read(name) for name in made.namelist() if name != part})


for kind, (source, code, suffix) in OTHERS.items():
    case(f"no-roster-{kind}", source if callable(source) else lambda source=source: source,
         refused=code, suffix=suffix)  # fmt: skip
