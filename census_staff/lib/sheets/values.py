"""A workbook that was read: its rows, its columns, and what is to be said about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, NamedTuple

CellValue = str | int | float | bool | date | datetime | None
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a workbook may ask of us."""

    file: int = 20 * MIB
    entries: int = 2_000
    unpacked: int = 400 * MIB
    ratio: int = 250
    sheets: int = 10
    rows: int = 50_000
    columns: int = 256
    # Of addresses, so that what is really held stays below it.
    memory: int = 256 * MIB
    output: int = 256 * MIB
    cpu_seconds: int = 30
    wall_seconds: int = 90


class Row(NamedTuple):
    """One row that holds something: its number in the sheet and its cells from column A on."""

    number: int
    cells: list[CellValue]

    def at(self, column: int) -> CellValue:
        """Return the cell of a column counted from 0, None where the row ends before it."""
        return self.cells[column] if column < len(self.cells) else None


class Mark(NamedTuple):
    """A reason to write beside a cell (or a row, when the column is empty)."""

    row: int
    column: str
    reason: str
    is_error: bool = True


@dataclass(slots=True)
class Workbook:
    """The sheet that fits, its header and its rows; iterate as often as needed, then close."""

    sheet: str
    header_row: int
    headers: dict[int, str]
    hidden_sheets: list[str]
    other_sheets: list[str]
    _spool: IO[bytes]
    _offset: int
    _start: int

    def __iter__(self) -> Iterator[Row]:
        pad: list[CellValue] = [None] * self._offset
        at = self._start
        while True:
            self._spool.seek(at)
            line = self._spool.readline()
            if not line:
                return
            at = self._spool.tell()
            for number, *cells in json.loads(line):
                yield Row(number, pad + [_dated(cell) if type(cell) is dict else cell
                                         for cell in cells])  # fmt: skip

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *about: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget the rows."""
        self._spool.close()


def letter(column: int) -> str:
    """Return the letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def index(letters: str) -> int:
    """Return the column counted from 0 that has these letters."""
    column = 0
    for one in letters.upper():
        column = column * 26 + ord(one) - 64
    return column - 1


def _dated(cell: dict[str, str]) -> date | datetime:
    text = cell["date"]
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
