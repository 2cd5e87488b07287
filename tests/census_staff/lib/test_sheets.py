import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from census_staff.lib.errors import Refused
from census_staff.lib.sheets import Limits, Mark, annotate, index, letter, plain, read_workbook

KNOWN = ("姓名", "证件号码", "手机号码")


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of workbooks: fill(book) writes into it."""

    def make(fill: Callable[[Any], None], **options: Any) -> Path:
        path = tmp_path / "roster.xlsx"
        with xlsxwriter.Workbook(path, options) as book:
            fill(book)
        return path

    return make


def simple(book: Any, rows: int = 3) -> None:
    sheet = book.add_worksheet("名册")
    sheet.write_row(0, 0, KNOWN)
    for at in range(1, rows + 1):
        sheet.write_row(at, 0, [f"张三{at}", "341502190001010016", "13800000000"])


def changed(path: Path, change: Callable[[str, bytes], bytes | None], **extra: bytes) -> Path:
    """Rewrite a package part by part; None leaves a part out."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
        for name, data in extra.items():
            new.writestr(name, data)
    path.write_bytes(out.getvalue())
    return path


def refusal(path: Path, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        read_workbook(path, headers=KNOWN, **more)
    assert str(caught.value)
    return caught.value.code


def test_rows_come_with_their_own_numbers(made: Callable[..., Path]) -> None:
    with read_workbook(made(simple), headers=KNOWN) as book:
        assert (book.sheet, book.header_row, book.headers) == ("名册", 1, dict(enumerate(KNOWN)))
        assert [(row.number, row.at(0)) for row in book] == [
            (2, "张三1"),
            (3, "张三2"),
            (4, "张三3"),
        ]
        assert len(list(book)) == 3


def test_text_numbers_truth_and_dates_stay_apart(made: Callable[..., Path]) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, KNOWN)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_string(1, 0, "341502190001010016")
        sheet.write_number(1, 1, 341502190001010016)
        sheet.write_number(1, 2, 13800000000)
        sheet.write_datetime(1, 3, date(1900, 1, 1), day)
        sheet.write_datetime(1, 4, date(2026, 12, 1), day)
        sheet.write_boolean(1, 5, True)
        sheet.write_formula(1, 6, '="a"&"b"', None, "ab")

    (row,) = read_workbook(made(fill), headers=KNOWN)
    text, number, phone, *others = row.cells
    assert text == "341502190001010016"
    assert isinstance(number, float) and number > 1e17
    assert phone == 13800000000 and isinstance(phone, int)
    assert others == [date(1900, 1, 1), date(2026, 12, 1), True, "ab"]


def test_dates_counted_from_1904_are_the_same_dates(made: Callable[..., Path]) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, KNOWN)
        sheet.write_datetime(1, 0, date(2026, 12, 1), book.add_format({"num_format": "yyyy-mm-dd"}))

    (row,) = read_workbook(made(fill, date_1904=True), headers=KNOWN)
    assert row.at(0) == date(2026, 12, 1)


def test_a_merged_title_and_an_indent_do_not_hide_the_header(made: Callable[..., Path]) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 1, 6, "两员名册")
        sheet.write_string(2, 2, "填报单位：流波䃥镇")
        sheet.write_row(4, 2, ["姓 名*", "证件号码（18 位）", "3.手机号码："])
        sheet.write_row(6, 2, ["张三", "a", "b"])

    book = read_workbook(made(fill), headers=KNOWN)
    assert (book.header_row, sorted(book.headers)) == (5, [2, 3, 4])
    (row,) = book
    assert (row.number, row.cells) == (7, [None, None, "张三", "a", "b"])


def test_hidden_and_other_sheets_are_told_not_read(made: Callable[..., Path]) -> None:
    def fill(book: Any) -> None:
        book.add_worksheet("说明").write_string(0, 0, "请先读我")
        hidden = book.add_worksheet("旧名册")
        hidden.write_row(0, 0, KNOWN)
        hidden.hide()
        simple(book)

    book = read_workbook(made(fill), headers=KNOWN)
    assert (book.sheet, book.hidden_sheets, book.other_sheets) == ("名册", ["旧名册"], ["说明"])


def test_a_lying_dimension_loses_no_row(made: Callable[..., Path]) -> None:
    path = made(lambda book: simple(book, 200))
    changed(path, lambda name, data: data.replace(b'ref="A1:C201"', b'ref="A1:C5"'))
    assert sum(1 for _ in read_workbook(path, headers=KNOWN)) == 200


def test_a_million_empty_rows_cost_nothing(made: Callable[..., Path]) -> None:
    def fill(book: Any) -> None:
        simple(book)
        sheet = book.worksheets()[0]
        sheet.write_blank(1_048_575, 2, None, book.add_format({"bold": True}))

    path = made(fill)
    rows = b"".join(
        b'<row r="%d" spans="1:3" s="1" customFormat="1"/>' % at for at in range(5, 1_048_000)
    )
    changed(path, lambda name, data: data.replace(b'<row r="1048576"', rows + b'<row r="1048576"'))
    assert sum(1 for _ in read_workbook(path, headers=KNOWN)) == 3


def test_a_cell_at_the_end_of_the_world_ends_only_the_child(made: Callable[..., Path]) -> None:
    def fill(book: Any) -> None:
        simple(book)
        book.worksheets()[0].write_string(1_048_575, 16_383, "x")

    assert refusal(made(fill)) == "workbook_too_complex"


def test_too_many_rows_or_columns_are_refused_not_cut(made: Callable[..., Path]) -> None:
    path = made(lambda book: simple(book, 20))
    assert refusal(path, limits=Limits(rows=19)) == "workbook_too_many_rows"
    assert sum(1 for _ in read_workbook(path, headers=KNOWN, limits=Limits(rows=20))) == 20
    assert refusal(path, limits=Limits(columns=2)) == "workbook_too_wide"


def test_a_roster_without_its_header_is_refused(made: Callable[..., Path]) -> None:
    path = made(lambda book: book.add_worksheet().write_row(0, 0, ["甲", "乙", "丙"]))
    assert refusal(path) == "header_missing"
    assert refusal(made(lambda book: book.add_worksheet())) == "workbook_empty"


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "workbook_empty"),
        (OLE + b"\0" * 600, "workbook_is_xls"),
        (OLE + b"\0" * 99 + "EncryptedPackage".encode("utf-16-le"), "workbook_encrypted"),
        ("姓名,证件号码\r\n张三,1\r\n".encode(), "workbook_is_text"),
        ("姓名,证件号码\r\n张三,1\r\n".encode("gb18030"), "workbook_is_text"),
        ("姓名\t证件号码\r\n".encode("utf-16"), "workbook_is_text"),
        (("姓名,证件号码,张三\n" * 2000).encode("gb18030"), "workbook_is_text"),
        (b"<html><table><tr><td>1</td></tr></table>", "workbook_not_a_workbook"),
        (b"%PDF-1.7 ,;", "workbook_not_a_workbook"),
        (b"\x00\x01\x02" * 500, "workbook_not_a_workbook"),
        (b"PK\x03\x04" + b"x" * 200, "workbook_damaged"),
    ],
)
def test_what_is_no_workbook_is_told_by_its_kind(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "any.xlsx"
    path.write_bytes(data)
    assert refusal(path) == code


def test_packages_of_another_kind_and_macros_are_refused(made: Callable[..., Path]) -> None:
    path = made(simple)
    assert (
        refusal(changed(path, lambda name, data: None if name == "xl/workbook.xml" else data))
        == "workbook_wrong_kind"
    )
    assert (
        refusal(changed(made(simple), lambda name, data: data, **{"xl/vbaProject.bin": b"x"}))
        == "workbook_has_macros"
    )


@pytest.mark.parametrize(
    "text",
    [
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>',
        b" " * (2**20 - 44) + b"<!DOCTYPE a>",
    ],
)
def test_declared_entities_are_refused(made: Callable[..., Path], text: bytes) -> None:
    path = changed(
        made(simple),
        lambda name, data: data.replace(b"?>", b"?>" + text, 1) if "sheet1" in name else data,
    )
    assert refusal(path) == "workbook_suspicious"


def test_bombs_are_refused_before_they_are_opened(made: Callable[..., Path]) -> None:
    bomb = changed(made(simple), lambda name, data: data, **{"xl/media/a.bin": b"\0" * 60_000_000})
    assert refusal(bomb) == "workbook_suspicious"
    assert refusal(bomb, limits=Limits(unpacked=10_000_000)) == "workbook_too_large"
    crowd = changed(
        made(simple), lambda name, data: data, **{f"xl/{at}": b"" for at in range(2100)}
    )
    assert refusal(crowd) == "workbook_suspicious"


def test_a_part_larger_than_it_says_is_refused(made: Callable[..., Path]) -> None:
    path = made(lambda book: simple(book, 50))
    with zipfile.ZipFile(path) as package:
        size = package.getinfo("xl/worksheets/sheet1.xml").file_size
    raw = path.read_bytes()
    path.write_bytes(raw.replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little")))
    assert refusal(path) == "workbook_damaged"


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_cut_or_bent_workbook_is_refused_or_whole(
    made: Callable[..., Path], data: st.DataObject
) -> None:
    path = made(simple)
    raw = bytearray(path.read_bytes())
    at = 4 + data.draw(st.integers(0, 2**16)) % (len(raw) - 4)
    raw[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw[: len(raw) if data.draw(st.booleans()) else at + 1])
    try:
        assert sum(1 for _ in read_workbook(path, headers=KNOWN)) == 3
    except Refused as refused:
        assert refused.code.startswith(("workbook_", "header_"))


def test_the_child_gets_no_environment(
    made: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from census_staff.lib import sandbox

    monkeypatch.setenv("DATABASE_URL", "geheim")
    assert "geheim" not in str(sandbox.environment())


def test_the_users_own_file_comes_back_with_its_errors_marked(made: Callable[..., Path]) -> None:
    def fill(book: Any) -> None:
        simple(book)
        sheet = book.worksheets()[0]
        sheet.write_string(0, 3, "备注", book.add_format({"bold": True}))
        sheet.write_formula(1, 3, "=1+1", None, 2)
        sheet.write_string(2, 3, "=HYPERLINK(1)")

    path = made(fill, strings_to_formulas=False)
    marks = [
        Mark(2, "B", "末位已丢失。"),
        Mark(2, "C", "=1+1"),
        Mark(4, "", "已在别处服务。"),
        Mark(3, "A", "请核对。", False),
    ]
    once = annotate(path, marks, sheet="名册", header_row=1)
    sheet = openpyxl.load_workbook(io.BytesIO(once))["名册"]
    assert sheet["B2"].value == "341502190001010016"
    assert sheet["B2"].fill.fgColor.rgb == "FFFFC7CE" and "末位已丢失" in sheet["B2"].comment.text
    assert sheet["A3"].fill.fgColor.rgb == "FFFFEB9C"
    assert [sheet.cell(row, 5).value for row in range(1, 5)] == [
        "错误说明", "末位已丢失；=1+1。", "请核对。", "已在别处服务。",
    ]  # fmt: skip
    assert sheet["D1"].font.bold
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    # Marked again after a correction, nothing of the first time is left.
    path.write_bytes(once)
    again = openpyxl.load_workbook(
        io.BytesIO(annotate(path, [Mark(3, "B", "又错了。")], sheet="名册", header_row=1))
    )["名册"]
    assert again["B2"].comment is None and again["B2"].fill.fgColor.rgb != "FFFFC7CE"
    assert [again.cell(row, 5).value for row in range(1, 5)] == ["错误说明", None, "又错了。", None]


@given(st.integers(0, 16_383))
def test_letters_and_columns_are_one(column: int) -> None:
    assert index(letter(column)) == column


def test_headers_are_compared_without_marks_and_remarks() -> None:
    assert plain("３．姓　名 *（必填）：") == plain("姓名")
