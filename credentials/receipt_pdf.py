"""The cover list of a printing batch: who receives which card, with a place to sign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import BinaryIO

from census_staff.lib.pdf import Document
from census_staff.lib.pdf_table import Column, Heading, draw_list
from credentials.numbers import grouped

COLUMNS = (
    Column("序号", 14, "right"),
    Column("姓名", 42),
    Column("人员类别", 26),
    Column("证件编号", 44),
    Column("版次", 14, "centre"),
    Column("领取日期", 18),
    Column("领取人签名", 22),
)
NOTES = (
    "请当面核对姓名、照片和编号后签收。无人领取的证件交回发证机关，不得由他人代用。",
    "旧版证件在领取新证时收回。",
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line of the list."""

    township: str
    full_name: str
    role_name: str
    number: str
    edition: int


def write_receipts(
    out: BinaryIO, receipts: Iterable[Receipt], *, census: str, batch: str, made_at: datetime
) -> int:
    """Write a list for every township, in the order they come, and return how many townships."""
    document = Document(out, title=f"{census}证件签收表 {batch}", made_at=made_at)
    townships = 0
    for township, group in groupby(receipts, key=lambda one: one.township):
        heading = Heading(
            f"{census}证件签收表", f"{township} · {batch}", f"{township} · {batch}", NOTES
        )
        draw_list(document, heading, COLUMNS, _rows(group))
        townships += 1
    document.close()
    return townships


def _rows(receipts: Iterable[Receipt]) -> Iterator[tuple[str, ...]]:
    for order, one in enumerate(receipts, start=1):
        yield (
            str(order),
            one.full_name,
            one.role_name,
            grouped(one.number),
            str(one.edition),
            "",
            "",
        )
