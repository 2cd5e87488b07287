"""What the rest of the house sees of a workbook; the parsing itself happens in a child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from census_staff.lib.errors import Refused
from census_staff.lib.sheets import child
from census_staff.lib.sheets.sentences import SENTENCES

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
    memory: int = 320 * MIB
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


def read_workbook(
    path: str | Path, *, headers: Collection[str] = (), limits: Limits | None = None
) -> Workbook:
    """Return the sheet whose header fits the known headers best, or refuse the file.

    Nothing is yielded from a file that was not read to its end: the rows are whole or refused.
    """
    bounds = limits or Limits()
    _require_signature(path, bounds)
    known = sorted({child.plain(header) for header in headers} - {""})
    spool = _run({"verb": "read", "headers": known}, path, bounds)
    try:
        first = json.loads(spool.readline())
        return Workbook(
            sheet=first["sheet"],
            header_row=first["header_row"],
            headers=dict(first["headers"]),
            hidden_sheets=first["hidden"],
            other_sheets=first["others"],
            _spool=spool,
            _offset=first["offset"],
            _start=spool.tell(),
        )
    except BaseException:
        spool.close()
        raise


def require_workbook(path: str | Path) -> None:
    """Refuse what is no sound workbook without reading its rows: an answer within a second or two."""
    bounds = replace(Limits(), cpu_seconds=5, wall_seconds=8)
    _require_signature(path, bounds)
    _run({"verb": "check"}, path, bounds).close()


def annotate(
    path: str | Path,
    marks: Iterable[Mark],
    *,
    sheet: str,
    header_row: int,
    limits: Limits | None = None,
) -> bytes:
    """Return the user's own workbook with the marked cells coloured and the reasons beside them."""
    base = limits or Limits()
    # The whole workbook with its styles is held here, so this asks for more than reading does.
    bounds = replace(base, memory=max(base.memory, 2048 * MIB), cpu_seconds=180, wall_seconds=300)
    _require_signature(path, bounds)
    ask = {
        "verb": "annotate",
        "marks": [list(mark) for mark in marks],
        "sheet": sheet,
        "header_row": header_row,
    }
    with _run(ask, path, bounds) as spool:
        return spool.read()


def _dated(cell: dict[str, str]) -> date | datetime:
    text = cell["date"]
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def refusal(code: str, details: dict[str, Any] | None = None) -> Refused:
    """Return the refusal of a file with the sentence that belongs to the code."""
    return Refused(code, SENTENCES[code], field="file", details=details)


def _require_signature(path: str | Path, limits: Limits) -> None:
    """Refuse by its first bytes what is no .xlsx: no process is started for it."""
    size = os.path.getsize(path)
    if size == 0:
        raise refusal("workbook_empty")
    if size > limits.file:
        raise refusal("workbook_too_large", {"most": limits.file})
    with open(path, "rb") as file:
        head = file.read(8)
        if head.startswith(child.ZIP):
            return
        if head == child.OLE:
            locked = "EncryptedPackage".encode("utf-16-le") in file.read()
            raise refusal("workbook_encrypted" if locked else "workbook_is_xls")
        head += file.read(4096)
    raise refusal("workbook_is_text" if _is_table_text(head) else "workbook_not_a_workbook")


def _is_table_text(head: bytes) -> bool:
    """Return whether the bytes look like a CSV in one of the usual encodings."""
    if b"<" in head[:64] or head.startswith((b"%PDF", b"PK", b"{", b"\x89PNG", b"\xff\xd8")):
        return False
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            # The cut may fall into a character: what is left of it does not count.
            text = head.decode(encoding, errors="strict") if len(head) < 4096 else head.decode(
                encoding, errors="ignore")  # fmt: skip
        except UnicodeDecodeError:
            continue
        if text.isprintable() or all(c.isprintable() or c in "\r\n\t" for c in text):
            return any(sign in text for sign in ",;\t，；")
    return False


def _run(ask: dict[str, Any], path: str | Path, limits: Limits) -> IO[bytes]:
    """Return what the child wrote, or refuse with its code; the child is gone either way."""
    ask |= {"path": str(Path(path).resolve()), "limits": asdict(limits)}
    spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the workbook closes it
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(child.__file__))],
            input=json.dumps(ask).encode(),
            stdout=spool,
            stderr=subprocess.PIPE,
            env=_environment(),
            cwd="/",
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        spool.close()
        raise refusal("workbook_too_complex") from None
    except BaseException:
        spool.close()
        raise
    if done.returncode == 0:
        spool.seek(0)
        return spool
    spool.close()
    if done.returncode == 3:
        said = json.loads(done.stderr)
        raise refusal(said["code"], said["details"])
    if done.returncode == 1:  # the parser itself fell over: nothing of this file can be trusted
        raise refusal("workbook_damaged", {"exit": 1})
    # Killed by a limit, or the parser gave up its memory: the file asked for too much.
    raise refusal("workbook_too_complex", {"exit": done.returncode})


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"LC_ALL": "C.UTF-8", **kept}
