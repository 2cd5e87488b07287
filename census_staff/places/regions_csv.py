"""Read a regions file: `code,level,name,parent_code`, twelve-digit statistical codes, one edition a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused

COLUMNS = ("code", "level", "name", "parent_code")
LU_AN_2023 = Path(__file__).parent / "data" / "lu-an-2023.csv"

# How many leading digits of the code say something at each level; the rest are zeros.
DIGITS = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}
LEVELS = tuple(DIGITS)


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One statistical region as the file states it; the province's `parent_code` is empty."""

    code: str
    level: str
    name: str
    parent_code: str

    @property
    def short_code(self) -> str:
        """Return the digits that say something: 341524112000 of a township becomes 341524112."""
        return self.code[: DIGITS[self.level]]


def read_regions(path: Path) -> Iterator[RegionRow]:
    """Return the file's regions, every parent before its children; refuse the whole file on the first fault."""
    found: dict[str, tuple[int, RegionRow]] = {}
    for line, row in _rows(path):
        _check_alone(line, row)
        if row.code in found:
            _refuse(
                "region_twice",
                _(
                    "Line {line}: the code {code} already stands on line {other}. Keep one of the two."
                ),
                line=line,
                code=row.code,
                other=found[row.code][0],
            )
        found[row.code] = (line, row)
    if not found:
        raise Refused("regions_empty", _("The regions file holds no region."))
    for line, row in found.values():
        _check_parent(line, row, found)
    rows = (row for _line, row in found.values())
    return iter(sorted(rows, key=lambda row: (LEVELS.index(row.level), row.code)))


def _rows(path: Path) -> Iterator[tuple[int, RegionRow]]:
    reader = csv.reader(_lines(path))
    if tuple(cell.strip() for cell in next(reader, [])) != COLUMNS:
        raise Refused(
            "regions_header",
            format_lazy(
                _("The first line of the regions file must read {columns}."),
                columns=",".join(COLUMNS),
            ),
        )
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(COLUMNS):
            _refuse(
                "region_cells", _("Line {line}: four cells are expected."), line=reader.line_num
            )
        yield reader.line_num, RegionRow(*(cell.strip() for cell in cells))


def _lines(path: Path) -> Iterable[str]:
    content = path.read_bytes()
    try:
        return io.StringIO(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        # Files saved by older spreadsheets are GBK, which cannot even spell 流波䃥镇.
        _refuse(
            "regions_encoding",
            _("Line {line} is not UTF-8. Save the file as UTF-8 and load it again."),
            line=content[: error.start].count(b"\n") + 1,
        )


def _check_alone(line: int, row: RegionRow) -> None:
    if len(row.code) != 12 or not (row.code.isascii() and row.code.isdigit()):
        _refuse(
            "region_code",
            _("Line {line}: “{code}” is not a code of 12 digits."),
            line=line,
            code=row.code,
        )
    if row.level not in DIGITS:
        _refuse(
            "region_level",
            _("Line {line}: “{level}” is not a level of region."),
            line=line,
            level=row.level,
        )
    if row.level != _level_of(row.code):
        _refuse(
            "region_level",
            _("Line {line}: the code {code} is not that of a {level}."),
            line=line,
            code=row.code,
            level=row.level,
        )
    if not row.name:
        _refuse(
            "region_name",
            _("Line {line}: the region {code} has no name."),
            line=line,
            code=row.code,
        )


def _level_of(code: str) -> str:
    return next(level for level, digits in DIGITS.items() if not code[digits:].strip("0"))


def _check_parent(line: int, row: RegionRow, found: dict[str, tuple[int, RegionRow]]) -> None:
    if row.level == LEVELS[0] and not row.parent_code:
        return
    if row.parent_code not in found:
        _refuse(
            "region_parent",
            _("Line {line}: the parent “{parent}” of {code} is not in the file."),
            line=line,
            parent=row.parent_code,
            code=row.code,
        )
    parent = found[row.parent_code][1]
    # A city without counties has townships of its own, so the parent may stand more than one level higher.
    is_above = LEVELS.index(parent.level) < LEVELS.index(row.level)
    if not (is_above and row.code.startswith(parent.short_code)):
        _refuse(
            "region_parent",
            _("Line {line}: {code} does not lie in {parent}, which the file calls its parent."),
            line=line,
            parent=row.parent_code,
            code=row.code,
        )


def _refuse(code: str, sentence: Any, /, *, line: int, **words: object) -> NoReturn:
    raise Refused(code, format_lazy(sentence, line=line, **words), details={"line": line})
