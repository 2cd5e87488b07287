"""The regions file: the real one arrives whole, another one loads, a wrong one is refused by line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from census_staff.lib.errors import Refused
from census_staff.places.regions_csv import LU_AN_2023, RegionRow, read_regions

HEAD = "code,level,name,parent_code\n"
HUANGSHAN = HEAD + (
    "341003100001,village,耿城社区居委会,341003100000\n"
    "341003100000,township,耿城镇,341003000000\n"
    "341003000000,county,黄山区,341000000000\n"
    "341000000000,city,黄山市,340000000000\n"
    "340000000000,province,安徽省,\n"
)


def regions_file(folder: Path, text: str) -> Path:
    path = folder / "regions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_lu_an_arrives_whole() -> None:
    counts = Counter(row.level for row in read_regions(LU_AN_2023))
    assert counts == {"province": 1, "city": 1, "county": 7, "township": 146, "village": 1970}


def test_the_township_that_gbk_cannot_spell_is_intact() -> None:
    named = {row.code: row.name for row in read_regions(LU_AN_2023)}
    assert named["341524112000"] == "流波\u40e5镇"
    with pytest.raises(UnicodeEncodeError):
        named["341524112000"].encode("gbk")


def test_another_prefecture_loads_in_any_order_with_parents_first(tmp_path: Path) -> None:
    rows = list(read_regions(regions_file(tmp_path, HUANGSHAN)))
    assert [row.short_code for row in rows] == ["34", "3410", "341003", "341003100", "341003100001"]
    assert rows[3] == RegionRow("341003100000", "township", "耿城镇", "341003000000")


def test_a_byte_order_mark_and_empty_lines_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    path.write_text(
        "\ufeff" + HUANGSHAN.replace("\n", "\r\n") + ",,,\r\n\r\n", encoding="utf-8", newline=""
    )
    assert len(list(read_regions(path))) == 5


def test_a_city_without_counties_keeps_its_towns(tmp_path: Path) -> None:
    text = (
        HEAD
        + "440000000000,province,广东省,\n441900000000,city,东莞市,440000000000\n441900101000,township,石碣镇,441900000000\n"
    )
    assert [row.name for row in read_regions(regions_file(tmp_path, text))] == [
        "广东省",
        "东莞市",
        "石碣镇",
    ]


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ("34100310000,township,少一位,341003000000", "region_code"),
        ("34100310100x,township,有字母,341003000000", "region_code"),
        ("３４１００３１０１０００,township,全角数字,341003000000", "region_code"),
        ("341003101000,village,层级不对,341003100000", "region_level"),
        ("341003101000,hamlet,层级不明,341003000000", "region_level"),
        ("341003101000,township, ,341003000000", "region_name"),
        ("341003100000,township,又一个耿城镇,341003000000", "region_twice"),
        ("341003101000,township,没有上级,341004000000", "region_parent"),
        ("341003101000,township,上级空着,", "region_parent"),
        ("341003101000,township,上级是村,341003100001", "region_parent"),
        ("341004100000,township,不在上级里,341003000000", "region_parent"),
        ("341003101000,township,341003000000", "region_cells"),
    ],
)
def test_a_wrong_line_is_refused_by_its_number(tmp_path: Path, extra: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_regions(regions_file(tmp_path, HUANGSHAN + extra + "\n"))
    assert (refused.value.code, refused.value.details["line"]) == (code, 7)


def test_a_file_saved_as_gbk_is_refused_at_its_first_chinese_line(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    path.write_bytes(HUANGSHAN.encode("gbk"))
    with pytest.raises(Refused) as refused:
        read_regions(path)
    assert (refused.value.code, refused.value.details["line"]) == ("regions_encoding", 2)


@pytest.mark.parametrize(
    ("text", "code"), [("", "regions_header"), ("a,b\n", "regions_header"), (HEAD, "regions_empty")]
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_regions(regions_file(tmp_path, text))
    assert refused.value.code == code
