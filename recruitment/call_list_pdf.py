"""The printable call list before a run: whom to telephone, why, and whether they know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from census_staff.lib.pdf import Document
from census_staff.lib.pdf_table import Column, Heading, draw_list
from census_staff.lib.text_runs import spelled

COLUMNS = (
    Column("序号", 13, "right"),
    Column("姓名", 34),
    Column("普查机构", 40),
    Column("手机号码", 28),
    Column("未达标事项", 31),
    Column("通知", 14, "centre"),
    Column("联系结果", 20),
)


@dataclass(frozen=True, slots=True)
class Call:
    """One person to telephone."""

    full_name: str
    office: str
    masked_phone: str
    reason: str
    has_read: bool


def write_call_list(
    out: BinaryIO, calls: Iterable[Call], *, title: str, subtitle: str, made_at: datetime
) -> None:
    """Write the list; who has not read the notice is said in words."""
    document = Document(out, title=title, made_at=made_at)
    note = "电话完整号码在系统中按需查看，查看留痕。请提醒对方在截止时间前参加培训和考试。"
    foot = f"{title} · {made_at:%Y-%m-%d %H:%M} 生成"
    draw_list(document, Heading(title, subtitle, foot, (note,)), COLUMNS, _rows(calls))
    document.close()


def _rows(calls: Iterable[Call]) -> Iterator[tuple[str, ...]]:
    for order, one in enumerate(calls, start=1):
        read = "已读" if one.has_read else "未读"
        yield (
            str(order),
            spelled(one.full_name),
            spelled(one.office),
            one.masked_phone,
            one.reason,
            read,
            "",
        )
