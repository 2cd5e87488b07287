"""How a row of a roster is read: cell by cell, then as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from census_staff.lib import idcard, phones
from census_staff.lib.errors import Refused
from census_staff.lib.sheets import CellValue, Row, Workbook
from recruitment import words
from recruitment.roster_columns import cells
from recruitment.roster_columns.cells import Read
from recruitment.roster_columns.lines import CellError, CellRepair, ParsedRow, RosterLine
from recruitment.roster_columns.table import (
    ALWAYS,
    BY_KEY,
    COLUMNS,
    DEPLOYED,
    ENUMERATORS,
    EXAMPLE_ID,
    EXAMPLE_NAME,
    Column,
    HeaderMap,
    map_headers,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Most columns say the same few things in thousands of rows: so many texts are remembered of each.
REMEMBERED = 2_000
LONGEST_REMEMBERED = 80
# Read last, because others of their row decide how.
LAST = ("id_number", "supervisor")
SAID_BY_NUMBER = (str(words.IdKind.RESIDENT), str(words.IdKind.PERMIT))


def _needed(*needs: str) -> tuple[Column, ...]:
    return tuple(column for column in COLUMNS if column.need in needs)


OF_RESERVES = _needed(ALWAYS)
OF_DEPLOYED = _needed(ALWAYS, DEPLOYED)
OF_ENUMERATORS = _needed(ALWAYS, DEPLOYED, ENUMERATORS)


def parse_rows(
    book: Workbook, header: HeaderMap | None = None, *, today: date | None = None
) -> Iterator[ParsedRow]:
    """Yield every row of the roster, read; the template's example row is left out."""
    reader = RowReader(header or map_headers(book.headers), today)
    for row in book:
        parsed = reader.read(row)
        if parsed is not None:
            yield parsed


def parse_row(row: Row, header: HeaderMap, *, today: date | None = None) -> ParsedRow | None:
    """Return one row read, or None where it holds nothing of ours (or the example)."""
    return RowReader(header, today).read(row)


class RowReader:
    """Reads the rows of one sheet. A text that a column held before is not read again."""

    def __init__(self, header: HeaderMap, today: date | None) -> None:
        self.header, self.today = header, today
        # Column, its place, and the texts that were read without repair, with their values.
        self.columns: list[tuple[Column, int, dict[str, Any]]] = [
            (column, header.columns[column.key], {})
            for column in COLUMNS
            if column.key in header.columns and column.key not in LAST
        ]
        self.supervisors: dict[str, Any] = {}

    def read(self, row: Row) -> ParsedRow | None:
        """Return the row read, or None where it holds nothing of ours (or the example)."""
        found = self.values(row)
        if found is None:
            return None
        values, repairs, errors = found
        return ParsedRow(RosterLine(**values), repairs, errors)

    def values(self, row: Row) -> tuple[dict[str, Any], list[CellRepair], list[CellError]] | None:
        """Return the row read as the values of its line, with what was repaired and what is wrong."""
        reading = _Reading(row, self.header)
        found, values, width = reading.found, row.cells, len(row.cells)
        for column, at, known in self.columns:
            cell = values[at] if at < width else None
            if cell is None:
                continue
            value = known.get(cell) if type(cell) is str else None
            if value is not None:
                found[column.key] = value
            else:
                reading.take(column, cell, column.read, known)
        kind = found.get("id_kind") or SAID_BY_NUMBER[0]
        reading.take(
            BY_KEY["id_number"],
            reading.cell("id_number"),
            lambda cell: cells.id_number(cell, kind, self.today),
        )
        named = reading.cell("supervisor")
        known_name = self.supervisors.get(named) if type(named) is str else None
        if known_name is not None:
            found["supervisor"] = known_name
        else:
            reading.take(BY_KEY["supervisor"], named, cells.supervisor, self.supervisors)
        if not found and not reading.errors:
            return None
        reading.require()
        reading.compare(kind)
        made = reading.values()
        if made.get("name") == EXAMPLE_NAME and made.get("id_number") == EXAMPLE_ID:
            return None
        return made, reading.repairs, reading.errors


class _Reading:
    """One row on its way from cells to a line."""

    def __init__(self, row: Row, header: HeaderMap) -> None:
        self.row, self.header = row, header
        self.found: dict[str, Any] = {}
        self.failed: set[str] = set()
        self.repairs: list[CellRepair] = []
        self.errors: list[CellError] = []

    def cell(self, key: str) -> CellValue:
        at = self.header.columns.get(key)
        return None if at is None else self.row.at(at)

    def take(
        self,
        column: Column,
        cell: CellValue,
        read: Callable[[CellValue], Read] | None,
        known: dict[str, Any] | None = None,
    ) -> None:
        """Read one cell; empty cells are left to `require`. A plain text is added to `known`."""
        if read is None or cell is None or cells.text_of(cell) == "":
            return
        if cells.is_fault(cell):
            self.fail(
                column, f"{column.key}_fault",
                _("The cell shows an error of Excel instead of a value. Please type the value."),
            )  # fmt: skip
            return
        try:
            value, repaired = read(cell)
        except Refused as refused:
            self.fail(column, refused.code, str(refused.sentence))
            return
        self.found[column.key] = value
        if not repaired:
            if known is not None and type(cell) is str and len(cell) <= LONGEST_REMEMBERED:
                if len(known) >= REMEMBERED:
                    known.clear()
                known[cell] = value
        else:
            new = _shown(column, value)
            old = cells.text_of(cell)
            self.repairs.append(
                CellRepair(
                    self.header.letter(column.key), self.row.number, column.key, repaired,
                    (column.mask or cells.veiled)(old), new,
                )
            )  # fmt: skip

    def fail(
        self, column: Column, code: str, sentence: str | _StrPromise, *, warning: bool = False
    ) -> None:
        # What a person typed about their birth never decides: the ID number does.
        warning = warning or column.key in ("sex_declared", "birth_declared")
        if not warning:
            self.failed.add(column.key)
        shown = cells.text_of(self.cell(column.key))[:60]
        self.errors.append(
            CellError(
                self.header.letter(column.key), self.row.number, column.key, code,
                (column.mask or cells.veiled)(shown), sentence, column.fix, warning,
            )
        )  # fmt: skip

    def require(self) -> None:
        """Note what this person's row must hold and does not."""
        is_reserve = bool(self.found.get("reserve")) or "reserve" in self.failed
        if is_reserve:
            needed = OF_RESERVES
        else:
            is_enumerator = self.found.get("role") == words.Role.ENUMERATOR
            needed = OF_ENUMERATORS if is_enumerator else OF_DEPLOYED
        for column in needed:
            # None of these columns holds a value that says no.
            if not self.found.get(column.key) and column.key not in self.failed:
                self.fail(column, f"{column.key}_missing", _missing(column))

    def compare(self, kind: str) -> None:
        """Note where two cells of the row do not agree."""
        number = self.found.get("id_number", "")
        if number and kind in SAID_BY_NUMBER:
            sex, birth_on = idcard.sex_of(number), idcard.birth_of(number)
            self.found["sex"], self.found["birth_on"] = sex, birth_on
            self._differ("sex_declared", sex, "sex_mismatch")
            self._differ("birth_declared", birth_on, "birth_mismatch")
        starts, ends = self.found.get("starts_on"), self.found.get("ends_on")
        if starts and ends and ends < starts:
            self.fail(
                BY_KEY["ends_on"], "dates_reversed",
                _("The last day lies before the first day. Please correct the dates."),
            )  # fmt: skip
        named = self.found.get("supervisor")
        if named and named[1] in (number, self.found.get("phone")):
            self.fail(
                BY_KEY["supervisor"], "supervisor_is_self",
                _("Nobody is their own supervisor. Please enter the supervisor's number."),
            )  # fmt: skip

    def _differ(self, key: str, told: Any, code: str) -> None:
        said = self.found.get(key)
        if said not in (None, "") and said != told:
            self.fail(
                BY_KEY[key], code,
                _("This does not agree with the ID number, which is followed. Please check which "
                  "of the two is right."),
                warning=True,
            )  # fmt: skip

    def values(self) -> dict[str, Any]:
        """Return the values of the line, as far as they could be read."""
        found = self.found
        for key in self.failed:
            found.pop(key, None)
        found["row"] = self.row.number
        how, number = found.pop("supervisor", ("", ""))
        if how:
            found["supervisor_id_number" if how == "id" else "supervisor_phone"] = number
        return found


def _shown(column: Column, value: Any) -> str:
    """Return a stored value as the preview may show it."""
    if column.key == "supervisor":
        how, number = value
        return (idcard.mask if how == "id" else phones.mask)(number)
    if column.key in cells.WORDS:
        return cells.written(column.key, value)
    if isinstance(value, bool):
        return "是" if value else "否"
    text = cells.joined(value) if isinstance(value, tuple) else str(value)
    return (column.mask or cells.veiled)(text)


def _missing(column: Column) -> _StrPromise:
    return format_lazy(_("{column} is missing. Please fill it in."), column=column.title)
