"""The columns of a roster: what they are called, what they hold, where they stand in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from census_staff.lib import idcard, phones
from census_staff.lib.errors import Refused
from census_staff.lib.sheets import REASON_HEADER, CellValue, letter, plain
from recruitment import words
from recruitment.roster_columns import cells
from recruitment.roster_columns.cells import Read

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# The row the template shows as an example; left in by mistake, it is nobody.
EXAMPLE_NAME = "填写示例"
EXAMPLE_ID = idcard.make_checked("34152419000101001")

ALWAYS, DEPLOYED, ENUMERATORS, NEVER = "always", "deployed", "enumerators", "never"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its number in the official list, its names, its need and its reader."""

    key: str
    number: int
    title: str
    synonyms: str
    need: str
    read: Callable[[CellValue], Read] | None
    fix: str | _StrPromise
    mask: Callable[[str], str] | None = None
    choices: tuple[str, ...] = ()
    width: int = 16
    is_text: bool = False


def _choices(table: Mapping[Any, str]) -> tuple[str, ...]:
    return tuple(cells.choices(table))


COLUMNS = (
    Column("census", 1, "普查项目", "普查名称 普查", NEVER, cells.sentence(40, "census"),
           _("Choose the census of this upload or leave the cell empty.")),
    Column("office_code", 2, "所属普查机构代码", "普查机构代码 机构代码 所属机构代码 单位代码", ALWAYS,
           cells.office_code, _("Enter 6 digits for a county or 9 for a township."), is_text=True),
    Column("role", 3, "人员类别", "类别 人员类型 普查人员类别 两员类别 人员身份", ALWAYS,
           cells.word(words.ROLE_WORDS, "role_invalid"), _("Choose 普查指导员 or 普查员."),
           choices=_choices(words.ROLE_WORDS)),
    Column("name", 4, "姓名", "人员姓名 名字 真实姓名", ALWAYS, cells.name,
           _("Write the name as in the document."), width=14),
    Column("id_kind", 5, "证件类型", "证件种类 身份证件类型", NEVER,
           cells.word(words.ID_KIND_WORDS, "id_kind_invalid"),
           _("Choose a kind of document; empty means 居民身份证."),
           choices=_choices(words.ID_KIND_WORDS), width=20),
    Column("id_number", 6, "证件号码", "身份证号 身份证号码 身份证 证件号 公民身份号码 居民身份证号码", ALWAYS,
           None, _("Format the column as text and type the number from the document."),
           idcard.mask, width=24, is_text=True),
    Column("sex_declared", 7, "性别", "", NEVER, cells.sex,
           _("Leave the cell empty: the ID number tells."), choices=("男", "女"), width=8),
    Column("birth_declared", 8, "出生日期", "出生年月日 生日 出生年月", NEVER, cells.day,
           _("Leave the cell empty: the ID number tells."), lambda text: "*" * len(text)),
    Column("schooling", 11, "文化程度", "学历 教育程度 受教育程度 最高学历", ALWAYS,
           cells.word(words.SCHOOLING_WORDS, "schooling_invalid"), _("Choose from the list."),
           choices=_choices(words.SCHOOLING_WORDS)),
    Column("phone", 12, "手机号码", "手机 手机号 联系电话 电话 移动电话 联系方式 手机电话", ALWAYS,
           cells.phone, _("Enter the 11 digits of the mobile number."), phones.mask, is_text=True),
    Column("backup_phone", 13, "备用联系电话", "备用电话 其他联系电话 第二联系电话 备用手机", NEVER,
           cells.backup_phone, _("Enter a telephone with its area code or leave the cell empty."),
           phones.mask, is_text=True),
    Column("hiring", 14, "选聘方式", "聘用方式 选用方式 选调方式 选聘类型", ALWAYS,
           cells.word(words.HIRING_WORDS, "hiring_invalid"), _("Choose from the list."),
           choices=_choices(words.HIRING_WORDS)),
    Column("source", 15, "人员来源", "单位类型 来源 人员来源单位类型 人员来源类型", ALWAYS,
           cells.word(words.SOURCE_WORDS, "source_invalid"), _("Choose from the list."),
           choices=_choices(words.SOURCE_WORDS)),
    Column("employer", 16, "工作单位及职务", "工作单位 单位及职务 单位职务 工作单位职务 所在单位", ALWAYS,
           cells.sentence(120, "employer"), _("Enter the employer and position."), width=28),
    Column("experience", 18, "普查经历", "参加普查经历 曾参加普查 普查经验", NEVER, cells.experience,
           _("List earlier censuses, as in 七人普;四经普.")),
    Column("areas", 21, "负责普查区代码", "普查区代码 负责普查区 普查区 普查区编码 负责区域代码", DEPLOYED,
           cells.area_codes, _("Enter the 12-digit codes, separated by semicolons."), width=30,
           is_text=True),
    Column("supervisor", 23, "对应普查指导员", "普查指导员 所属指导员 所属普查指导员 对应指导员 指导员 "
           "指导员手机号 指导员证件号 对应普查指导员证件号或手机号", ENUMERATORS, cells.supervisor,
           _("Enter the ID number or mobile number of the supervisor."), idcard.mask, width=24,
           is_text=True),
    Column("reserve", 24, "是否储备人员", "是否储备 储备人员 储备", NEVER, cells.yes_no,
           _("Answer with 是 or 否; empty means 否."), choices=("否", "是")),
    Column("starts_on", 25, "上岗日期", "计划上岗日期 上岗时间 到岗日期", NEVER, cells.day,
           _("Write the date like 2026-12-01."), is_text=True),
    Column("ends_on", 25, "计划离岗日期", "离岗日期 离岗时间 计划离岗时间", NEVER, cells.day,
           _("Write the date like 2027-05-31."), is_text=True),
    Column("photo_name", 26, "照片文件名", "照片 照片名称 照片文件 相片文件名", NEVER,
           cells.sentence(120, "photo_name"), _("Enter the file name or leave the cell empty."),
           lambda text: "*" * len(text)),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
_MEANINGS = {
    plain(name): column.key
    for column in COLUMNS
    for name in (column.title, *column.synonyms.split())
}
HEADERS = frozenset(_MEANINGS)
# Columns a roster may carry that say nothing about a person.
SILENT = frozenset(plain(header) for header in ("序号", "编号", "行号", REASON_HEADER))
# Without these columns every row would fail: said once instead.
NEEDED = tuple(column.key for column in COLUMNS if column.need != NEVER)


@dataclass(frozen=True, slots=True)
class HeaderMap:
    """Where each known column stands in this file, and which headers are not ours."""

    columns: dict[str, int]
    unknown: list[str] = field(default_factory=list)

    def letter(self, key: str) -> str:
        """Return the letters of a column, empty when the file has none."""
        return letter(self.columns[key]) if key in self.columns else ""


def map_headers(headers: Mapping[int, str]) -> HeaderMap:
    """Return where the columns stand, in any order; refuse when needed ones are missing."""
    columns: dict[str, int] = {}
    unknown: list[str] = []
    for at, header in sorted(headers.items()):
        key = _MEANINGS.get(plain(header))
        if key is None:
            if plain(header) and plain(header) not in SILENT:
                unknown.append(header.strip())
        elif key in columns:
            raise Refused(
                "columns_repeated",
                format_lazy(
                    _("The column {column} appears twice ({first} and {second}). Please remove one."),
                    column=BY_KEY[key].title, first=letter(columns[key]), second=letter(at),
                ),
                field="file", details={"column": key},
            )  # fmt: skip
        else:
            columns[key] = at
    missing = [BY_KEY[key].title for key in NEEDED if key not in columns]
    if missing:
        raise Refused(
            "columns_missing",
            format_lazy(
                _("The roster lacks these columns: {columns}. Please add them or use the template."),
                columns="、".join(missing),
            ),
            field="file", details={"missing": missing},
        )  # fmt: skip
    return HeaderMap(columns, unknown)
