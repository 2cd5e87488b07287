"""Roster workbooks made by us: the template to fill in, and samples for the demonstration."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter

from census_staff.lib import idcard
from recruitment.roster_columns import cells
from recruitment.roster_columns.lines import RosterLine
from recruitment.roster_columns.table import ALWAYS, COLUMNS, EXAMPLE_ID, EXAMPLE_NAME, NEVER

SHEET = "两员名册"
ROWS_PREPARED = 5_000

EXAMPLE = {
    "census": "四农普", "office_code": "341524112", "role": "普查员", "name": EXAMPLE_NAME,
    "id_kind": "居民身份证", "id_number": EXAMPLE_ID, "schooling": "高中",
    "phone": "13800000001", "backup_phone": "0564-3000001", "hiring": "村(居)推荐",
    "source": "村(居)委会", "employer": "流波䃥镇示例村委会 委员", "experience": "七人普;四经普",
    "areas": "341524112201;341524112202", "supervisor": "13800000002", "reserve": "否",
    "starts_on": "2026-12-25", "ends_on": "2027-05-31", "photo_name": f"{EXAMPLE_ID}.jpg",
}  # fmt: skip

NOTES = (
    "一、带 * 的列必填；负责普查区代码由非储备人员填写，对应普查指导员由非储备的普查员填写。",
    "二、列的先后次序可以改变，可以粘贴，也可以直接录入，不必逐格点选。多出的列会提示并忽略。",
    "三、证件号码和手机号码两列已设为“文本”。从别处粘贴时请选“只粘贴值”，以免号码末位丢失。",
    "四、性别、出生日期由证件号码得出，可以不填；填写后与证件号码不一致的，只作提示。",
    "五、负责普查区代码为 12 位，可填多个，用分号“;”隔开。",
    "六、对应普查指导员填其证件号码或手机号码；指导员可以在本文件中（不分先后），也可以已在系统中。",
    "七、同一份名册可以反复上传，内容没有变化的行不会重复写入。",
    "八、照片可在导入后以证件号码命名、打成一个 zip 上传；也可由本人用手机拍摄。",
    "九、示例行（姓名为“填写示例”）不会导入，可以删去。",
)


def template_workbook() -> bytes:
    """Return the empty template: marks, an example, drop-down lists, and a sheet of notes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(SHEET)
        title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        sheet.merge_range(0, 0, 0, len(COLUMNS) - 1, "普查指导员和普查员名册", title)
        _header(book, sheet, 1)
        example = book.add_format({"font_color": "#808080", "italic": True, "num_format": "@"})
        for at, column in enumerate(COLUMNS):
            sheet.write_string(2, at, EXAMPLE.get(column.key, ""), example)
        _lists(sheet, 2)
        sheet.freeze_panes(2, 4)
        notes = book.add_worksheet("填表说明")
        notes.set_column(0, 0, 110, book.add_format({"text_wrap": True}))
        notes.write_string(0, 0, "填表说明", book.add_format({"bold": True, "font_size": 14}))
        for at, note in enumerate(NOTES, 1):
            notes.write_string(at, 0, note)
    return out.getvalue()


def roster_workbook(lines: Iterable[RosterLine]) -> bytes:
    """Return a clean roster of these people in the shape of the template."""
    rows = [{column.key: _written(column.key, line) for column in COLUMNS} for line in lines]
    return _workbook([column.key for column in COLUMNS], rows)


def dirty_workbook(lines: Iterable[RosterLine]) -> bytes:
    """Return the same roster as people really send it: reordered, pasted, and partly wrong.

    Of every forty rows eleven are flawed: six can be repaired, five hold an error.
    """
    order = [column.key for column in reversed(COLUMNS) if column.key not in ("census", "id_kind")]
    rows = [{key: _written(key, line) for key in order} for line in lines]
    for at, row in enumerate(rows):
        spoil = _SPOILERS.get(at % 40)
        if spoil is not None:
            spoil(row)
    return _workbook(order, rows, extra="微信号", title="流波䃥镇两员名册（请于本周五前报送）")


def _written(key: str, line: RosterLine) -> str:
    if key in cells.WORDS:
        return cells.written(key, getattr(line, key))
    if key == "supervisor":
        return line.supervisor_id_number or line.supervisor_phone
    if key == "sex_declared":
        return {"male": "男", "female": "女"}.get(line.sex_declared, "")
    value: Any = getattr(line, key)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return cells.joined(value)
    return "" if value is None else str(value)


def _put(key: str, change: Any) -> Any:
    def spoil(row: dict[str, Any]) -> None:
        row[key] = change(row[key])

    return spoil


def _wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def _wrong_check(number: str) -> str:
    return number[:17] + ("1" if number[17:] != "1" else "2")


_SPOILERS = {
    2: _put("id_number", lambda number: float(number) if number.isdigit() else 3.415e17),
    5: _put("phone", _wide),
    8: _put("name", lambda name: f"{name[:1]} {name[1:]}"),
    11: _put("id_number", _wrong_check),
    14: _put("role", lambda role: {"普查员": "普察员"}.get(role, "指导员")),
    17: _put("phone", lambda phone: ""),
    20: _put("id_number", lambda number: f" {number[:6]} {number[6:14]} {number[14:]} "),
    23: _put("schooling", lambda word: "博士后进修班"),
    26: _put("schooling", lambda word: {"专科": "大专"}.get(word, word + "学历")),
    29: _put("areas", lambda codes: codes.replace(";", "、 ") + "、"),
    32: _put("areas", lambda codes: codes[:9] or "341524"),
}


def _workbook(
    order: list[str], rows: list[dict[str, Any]], *, extra: str = "", title: str = ""
) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(SHEET)
        columns = {column.key: column for column in COLUMNS}
        first = 0
        if title:
            sheet.merge_range(0, 0, 0, len(order) - 1, title, book.add_format({"bold": True}))
            first = 1
        text = book.add_format({"num_format": "@"})
        for at, key in enumerate(order):
            sheet.write_string(first, at, columns[key].title)
            sheet.set_column(at, at, columns[key].width, text)
        if extra:
            sheet.write_string(first, len(order), extra)
        for number, row in enumerate(rows, first + 1):
            for at, key in enumerate(order):
                value = row[key]
                if isinstance(value, float):
                    sheet.write_number(number, at, value)
                elif value:
                    sheet.write_string(number, at, value, text)
    return out.getvalue()


def _header(book: Any, sheet: Any, row: int) -> None:
    look = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1}
    must = book.add_format(look | {"bg_color": "#DCE3EF", "font_color": "#9C0006"})
    when = book.add_format(look | {"bg_color": "#DCE3EF"})
    may = book.add_format(look | {"bg_color": "#F2F2F2"})
    text = book.add_format({"num_format": "@"})
    for at, column in enumerate(COLUMNS):
        mark = {ALWAYS: "*", NEVER: ""}.get(column.need, "(*)")
        sheet.write_string(row, at, column.title + mark,
                           must if mark == "*" else when if mark else may)  # fmt: skip
        sheet.set_column(at, at, column.width, text)
    sheet.set_row(row, 32)


def _lists(sheet: Any, first: int) -> None:
    for at, column in enumerate(COLUMNS):
        if column.choices:
            # A warning, not a stop: typed and pasted synonyms are read as well.
            sheet.data_validation(first, at, first + ROWS_PREPARED, at, {
                "validate": "list", "source": list(column.choices), "error_type": "information",
                "error_title": "提示", "error_message": "建议从列表中选择。",
            })  # fmt: skip


def synthetic_id(county: str, day: str, order: int) -> str:
    """Return a checked ID number of a person who cannot exist: `day` is a MMDD of 1900."""
    return idcard.make_checked(f"{county}1900{day}{order:03d}")
