"""What the rest of the house sees of a workbook; the parsing itself happens in a child process."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from census_staff.lib import sandbox
from census_staff.lib.errors import Refused
from census_staff.lib.sandbox import Bounds
from census_staff.lib.sheets import child
from census_staff.lib.sheets.copying import annotated_copy
from census_staff.lib.sheets.sentences import SENTENCES
from census_staff.lib.sheets.values import MIB, Limits, Mark, Workbook


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
    headers: Collection[str] = (),
    limits: Limits | None = None,
) -> bytes:
    """Return the user's own workbook with the marked cells coloured and the reasons beside them.

    One too large to be held whole, or too odd, comes back as a copy of its roster alone: same rows, same cells,
    same marks, without the user's own looks. `marks` come in the order of their rows.
    """
    bounds = replace(limits or Limits(), cpu_seconds=60, output=64 * MIB)
    _require_signature(path, bounds)
    ask = {"verb": "annotate", "sheet": sheet, "header_row": header_row}
    with tempfile.TemporaryFile() as kept:
        for mark in marks:
            kept.write(json.dumps(mark).encode() + b"\n")
        try:
            with _run(ask, path, bounds, kept) as spool:
                return spool.read()
        except Refused as refused:
            # It was read before: what the other library cannot open is copied as well.
            if refused.code not in ("workbook_too_complex", "workbook_damaged"):
                raise
        kept.seek(0)
        with read_workbook(path, headers=headers, limits=limits) as book:
            return annotated_copy(book, (Mark(*json.loads(line)) for line in kept))


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


def _run(
    ask: dict[str, Any], path: str | Path, limits: Limits, marks: IO[bytes] | None = None
) -> IO[bytes]:
    """Return what the child wrote, or refuse with its code; the child is gone either way."""
    ask |= {"path": str(Path(path).resolve()), "limits": asdict(limits)}
    bounds = Bounds(limits.memory, limits.cpu_seconds, limits.wall_seconds, limits.output)
    with tempfile.TemporaryFile() as said:
        said.write(json.dumps(ask).encode() + b"\n")
        if marks is not None:
            marks.seek(0)
            shutil.copyfileobj(marks, said)
        said.flush()
        ended = sandbox.run(str(Path(child.__file__)), said, bounds)
    if ended.code == 0:
        return ended.output
    ended.output.close()
    if ended.code == 3:
        words = json.loads(ended.words)
        raise refusal(words["code"], words["details"])
    if ended.code == 1:  # the parser itself fell over: nothing of this file can be trusted
        raise refusal("workbook_damaged", {"exit": 1})
    # Killed by a limit, or the parser gave up its memory: the file asked for too much.
    raise refusal("workbook_too_complex", {"exit": ended.code})
