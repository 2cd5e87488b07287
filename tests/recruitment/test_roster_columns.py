import io
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from census_staff.lib.errors import Refused
from census_staff.lib.sheets import CellValue, Row, Workbook, read_workbook
from recruitment.roster_columns import (
    BY_KEY,
    COLUMNS,
    HEADERS,
    ParsedRow,
    RosterLine,
    dirty_workbook,
    map_headers,
    parse_row,
    parse_rows,
    roster_workbook,
    synthetic_id,
    template_workbook,
)

HEADER = map_headers({at: column.title for at, column in enumerate(COLUMNS)})
WANG = RosterLine(
    row=2, census="四农普", office_code="341524112", role="enumerator", name="汪德胜",
    id_number=synthetic_id("341524", "0101", 1), schooling="college", phone="13800000001",
    backup_phone="05643631234", hiring="seconded", source="village", employer="桃花村委会 委员",
    experience=("七人普", "四经普"), areas=("341524112201", "341524112202"),
    supervisor_phone="13900000002", starts_on=date(2026, 12, 25), ends_on=date(2027, 5, 31),
    sex="male", birth_on=date(1900, 1, 1),
)  # fmt: skip
GOOD: dict[str, CellValue] = {
    "census": "四农普", "office_code": "341524112", "role": "普查员", "name": "汪德胜",
    "id_number": WANG.id_number, "schooling": "专科", "phone": "13800000001",
    "backup_phone": "0564-3631234", "hiring": "借调", "source": "村(居)委会",
    "employer": "桃花村委会 委员", "experience": "七人普;四经普",
    "areas": "341524112201;341524112202", "supervisor": "13900000002", "reserve": "否",
    "starts_on": "2026-12-25", "ends_on": "2027-05-31",
}  # fmt: skip


def parse(**cells: CellValue) -> ParsedRow:
    """Read the good row with some cells exchanged."""
    values = GOOD | cells
    found = parse_row(Row(2, [values.get(column.key) for column in COLUMNS]), HEADER)
    assert found is not None
    return found


def codes(found: ParsedRow) -> list[str]:
    return [error.code for error in found.errors]


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[bytes], Workbook]:
    def read(data: bytes) -> Workbook:
        path = tmp_path / "roster.xlsx"
        path.write_bytes(data)
        return read_workbook(path, headers=HEADERS)

    return read


def test_a_good_row_is_read_without_a_word() -> None:
    assert parse() == ParsedRow(WANG, [], [])


def test_a_line_survives_being_stored() -> None:
    assert RosterLine.from_json(WANG.as_json()) == WANG


def test_a_line_shown_in_a_log_holds_no_number() -> None:
    assert WANG.id_number not in repr(WANG) and WANG.phone not in repr(WANG)


@given(st.randoms(use_true_random=False))
def test_columns_may_stand_in_any_order_under_any_of_their_names(chance: random.Random) -> None:
    order = list(COLUMNS)
    chance.shuffle(order)
    headers = {
        at: chance.choice([one.title, *one.synonyms.split()]) for at, one in enumerate(order)
    }
    found = parse_row(Row(2, [GOOD.get(one.key) for one in order]), map_headers(headers))
    assert found == ParsedRow(WANG, [], [])


def test_no_two_columns_share_a_name() -> None:
    names = [name for one in COLUMNS for name in (one.title, *one.synonyms.split())]
    assert len(names) == len(set(names)) == len(HEADERS)


def test_the_columns_are_those_of_the_official_list() -> None:
    assert {one.number for one in COLUMNS} == {*range(1, 9), *range(11, 17), 18, 21, *range(23, 27)}


def test_unknown_columns_are_reported_and_row_numbers_are_not() -> None:
    headers = {at: one.title for at, one in enumerate(COLUMNS)} | {
        90: "序号",
        91: "微信号 ",
        92: "错误说明",
    }
    assert map_headers(headers).unknown == ["微信号"]


def test_missing_columns_are_said_once_and_together() -> None:
    headers = {at: one.title for at, one in enumerate(COLUMNS) if one.key not in ("phone", "role")}
    with pytest.raises(Refused) as caught:
        map_headers(headers)
    assert caught.value.code == "columns_missing"
    assert caught.value.details == {"missing": ["人员类别", "手机号码"]}
    assert "人员类别、手机号码" in str(caught.value)


def test_the_same_column_twice_is_refused() -> None:
    headers = {at: one.title for at, one in enumerate(COLUMNS)} | {99: "手机"}
    with pytest.raises(Refused) as caught:
        map_headers(headers)
    assert caught.value.code == "columns_repeated"


@pytest.mark.parametrize(
    "cell", [341502190001010016, 3.4150219000101e17, "3.41502E+17", "３.４１５E１７"]
)
def test_an_id_number_excel_made_a_number_has_exactly_its_own_error(cell: CellValue) -> None:
    assert codes(parse(id_number=cell)) == ["id_number_lost_digits"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"role": "组长"}, "role_invalid"),
        ({"role": None}, "role_missing"),
        ({"name": "张3"}, "name_digit"),
        ({"id_number": "341502190001010017"}, "id_checksum"),
        ({"id_number": None}, "id_number_missing"),
        ({"id_kind": "驾驶证"}, "id_kind_invalid"),
        ({"schooling": "博士后"}, "schooling_invalid"),
        ({"phone": "1380000000"}, "phone_invalid"),
        ({"phone": " "}, "phone_missing"),
        ({"backup_phone": "3631234"}, "backup_phone_invalid"),
        ({"hiring": "内推"}, "hiring_invalid"),
        ({"source": "亲戚"}, "source_invalid"),
        ({"employer": "长" * 121}, "employer_too_long"),
        ({"employer": None}, "employer_missing"),
        ({"office_code": "3415"}, "office_code_invalid"),
        ({"areas": "341524112"}, "area_code_invalid"),
        ({"areas": "341524112000"}, "area_code_invalid"),
        ({"areas": 3.41524112201341e23}, "area_lost_digits"),
        ({"areas": None}, "areas_missing"),
        ({"supervisor": None}, "supervisor_missing"),
        ({"supervisor": "陈家财"}, "supervisor_invalid"),
        ({"supervisor": 3.415e17}, "supervisor_lost_digits"),
        ({"supervisor": "13800000001"}, "supervisor_is_self"),
        ({"reserve": "也许"}, "yes_no_invalid"),
        ({"starts_on": 46000}, "date_invalid"),
        ({"starts_on": "2026-02-30"}, "date_invalid"),
        ({"ends_on": "2026-12-24"}, "dates_reversed"),
    ],
)
def test_each_fault_is_one_error_with_its_code(cells: dict[str, CellValue], code: str) -> None:
    found = parse(**cells)
    assert codes(found) == [code] and not found.is_sound
    (error,) = found.errors
    assert error.row == 2 and error.column and str(error.sentence) and str(error.fix)


@pytest.mark.parametrize("key", ["role", "id_kind", "schooling", "hiring", "source", "reserve"])
def test_the_words_the_template_offers_need_no_repair(key: str) -> None:
    for word in BY_KEY[key].choices:
        found = parse(**{key: word})
        assert found.repairs == [] and getattr(found.line, key) != ""
        assert all(error.field != key for error in found.errors)


@pytest.mark.parametrize(
    ("cells", "field", "value"),
    [
        ({"role": "普察员"}, "role", "enumerator"),
        ({"role": " 指导员 ", "supervisor": None}, "role", "supervisor"),
        ({"schooling": "大专"}, "schooling", "college"),
        ({"schooling": "硕士"}, "schooling", "postgraduate"),
        ({"hiring": "村推荐"}, "hiring", "recommended"),
        ({"source": "村委会"}, "source", "village"),
        ({"source": "公务员"}, "source", "government"),
        ({"phone": "+86 138-0000-0001"}, "phone", "13800000001"),
        ({"name": "买买提•吐尔逊"}, "name", "买买提·吐尔逊"),
        ({"office_code": "341524112000"}, "office_code", "341524112"),
        ({"office_code": "341524000000"}, "office_code", "341524"),
        ({"areas": "341524112201，341524112202、\n341524112201"}, "areas", WANG.areas),
        ({"areas": "341524112201桃花村 341524112202 (瓦庙村)"}, "areas", WANG.areas),
        ({"experience": "第七次全国人口普查、四经普"}, "experience", WANG.experience),
        ({"supervisor": "陈家财 139 0000 0002"}, "supervisor_phone", "13900000002"),
        ({"starts_on": "2026年12月25日"}, "starts_on", date(2026, 12, 25)),
        ({"starts_on": "2026/12/25"}, "starts_on", date(2026, 12, 25)),
        ({"starts_on": 20261225}, "starts_on", date(2026, 12, 25)),
        ({"reserve": "Y"}, "reserve", True),
    ],
)
def test_what_people_type_and_paste_is_understood_and_told(
    cells: dict[str, CellValue], field: str, value: Any
) -> None:
    found = parse(**cells)
    assert getattr(found.line, field) == value
    assert codes(found) == [] and len(found.repairs) == 1


@pytest.mark.parametrize(
    "cells",
    [
        {"phone": 13800000001},
        {"office_code": 341524112},
        {"starts_on": date(2026, 12, 25)},
        {"experience": "无"},
        {"reserve": None},
        {"id_kind": None},
        {"backup_phone": None},
        {"supervisor": WANG.id_number[:6] and synthetic_id("341524", "0202", 7)},
    ],
)
def test_what_is_right_in_another_form_is_no_repair(cells: dict[str, CellValue]) -> None:
    found = parse(**cells)
    assert found.repairs == [] and found.errors == []


def test_reserves_need_neither_area_nor_supervisor() -> None:
    assert codes(parse(reserve="是", areas=None, supervisor=None)) == []


def test_a_sex_or_birth_typed_otherwise_only_warns() -> None:
    found = parse(sex_declared="女", birth_declared="1900-01-02")
    assert codes(found) == ["sex_mismatch", "birth_mismatch"] and found.is_sound
    assert (found.line.sex, found.line.birth_on) == ("male", date(1900, 1, 1))
    assert parse(birth_declared="很久以前").is_sound


def test_other_documents_are_checked_by_their_own_rule() -> None:
    assert parse(id_kind="其他", id_number="E1234567").line.id_number == "E1234567"
    assert parse(id_kind="永居证", id_number="USA310190010101").is_sound
    assert codes(parse(id_number="E1234567")) == ["id_length"]


def test_personal_numbers_are_masked_wherever_they_were_put() -> None:
    number = WANG.id_number
    found = parse(name=number, employer="x" * 121 + number, schooling=number, supervisor=f"{number}?1",
                  phone=number, id_number=f"{number[:17]}Q")  # fmt: skip
    said = str(
        [error.as_json() for error in found.errors] + [one.as_json() for one in found.repairs]
    )
    assert number not in said and number[:17] not in said
    spaced = parse(id_number=f" {number[:6]} {number[6:]}", phone="１３８００００００01")
    assert all("0000000" not in one.old + one.new for one in spaced.repairs)


@given(st.dictionaries(
    st.sampled_from([one.key for one in COLUMNS]),
    st.none() | st.text(max_size=40) | st.integers() | st.booleans() | st.dates()
    | st.floats(allow_nan=True, allow_infinity=True),
))  # fmt: skip
def test_no_cell_whatever_it_holds_stops_the_reading(cells: dict[str, CellValue]) -> None:
    found = parse(**cells)
    for error in found.errors:
        assert error.as_json()["sentence"]
    assert RosterLine.from_json(found.line.as_json()) == found.line


def test_the_template_reads_back_as_an_empty_roster(opened: Callable[[bytes], Workbook]) -> None:
    book = opened(template_workbook())
    assert list(map_headers(book.headers).columns) == [one.key for one in COLUMNS]
    assert map_headers(book.headers).unknown == []
    assert list(parse_rows(book)) == []


def test_the_templates_number_columns_are_text_and_its_lists_do_not_bind() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(template_workbook()))["两员名册"]
    titles = {str(cell.value).rstrip("(*)"): cell.column_letter for cell in sheet[2]}
    for title in ("证件号码", "手机号码", "负责普查区代码"):
        assert sheet[f"{titles[title]}3"].number_format == "@"
    assert all(one.number_format == "@" for one in sheet.column_dimensions.values())
    lists = sheet.data_validations.dataValidation
    assert len(lists) == sum(bool(one.choices) for one in COLUMNS)
    assert all(one.errorStyle == "information" for one in lists)


def people(count: int) -> list[RosterLine]:
    return [
        replace(
            WANG, id_number=synthetic_id("341524", f"{at % 12 + 1:02d}{at % 28 + 1:02d}", at % 1000),
            phone=f"138{at:08d}", name=("汪德胜", "𠮷学文", "买买提·吐尔逊")[at % 3],
        )
        for at in range(count)
    ]  # fmt: skip


def test_the_clean_sample_is_clean(opened: Callable[[bytes], Workbook]) -> None:
    read = list(parse_rows(opened(roster_workbook(people(80)))))
    assert [(one.line.id_number, one.line.phone) for one in read] == [
        (one.id_number, one.phone) for one in people(80)
    ]
    assert all(one.errors == [] and one.repairs == [] for one in read)


def test_the_dirty_sample_shows_every_kind_of_fault(opened: Callable[[bytes], Workbook]) -> None:
    book = opened(dirty_workbook(people(80)))
    assert map_headers(book.headers).unknown == ["微信号"]
    read = list(parse_rows(book))
    assert len(read) == 80
    assert Counter(error.code for one in read for error in one.errors) == {
        "id_number_lost_digits": 2, "id_checksum": 2, "phone_missing": 2, "schooling_invalid": 2,
        "area_code_invalid": 2,
    }  # fmt: skip
    assert Counter(fix.code for one in read for fix in one.repairs) == {
        "phone_normalised": 2, "name_spaces": 2, "word_understood": 4, "id_normalised": 2,
        "areas_normalised": 2,
    }  # fmt: skip
