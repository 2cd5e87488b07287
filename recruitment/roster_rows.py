"""The rows of a roster file as they are stored: the line encrypted, the rest masked."""

import io
import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from census_staff.lib.crypto import encrypt

from .models import RosterRow
from .roster_columns import CellError, CellRepair, RosterLine
from .roster_judging import Verdict, shown_correction
from .roster_words import cell_remark

DATES = ("birth_on", "birth_declared", "starts_on", "ends_on")
ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def line_of(stored: dict[str, Any]) -> RosterLine:
    """Return the line of what `pack` returned."""
    return RosterLine.from_json(stored)


def pack(
    values: dict[str, Any], repairs: list[CellRepair], errors: list[CellError]
) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """Return a read row as it is stored: plain values, without what is empty."""
    line = {name: value for name, value in values.items() if value}
    for name in DATES:
        if name in line:
            line[name] = line[name].isoformat()
    shown = [
        {"field": one.field, "code": one.code, "old": one.old, "new": one.new} for one in repairs
    ]
    return line, shown, [cell_remark(error) for error in errors]


class Copy:
    """Writes rows of one file at COPY speed and counts what it wrote."""

    def __init__(self, file_id: int) -> None:
        self.file_id = file_id
        self.counts = {**dict.fromkeys(RosterRow.Outcome.values, 0), "repaired": 0, "look": 0}

    def write(self, judged: Iterable[tuple[Verdict, dict[str, Any], list[Any], list[Any]]]) -> None:
        """Store verdicts and their lines with the repairs and errors found in the cells."""
        lines: list[str] = []
        for verdict, said, repairs, errors in judged:
            if verdict.remarks:
                errors = errors + verdict.remarks
            if verdict.corrections:
                is_ours = verdict.staff_id is not None
                repairs = repairs + [
                    shown_correction(*one, is_ours=is_ours) for one in verdict.corrections
                ]
            self._count(verdict.outcome, repairs, errors)
            sealed = encrypt(_encoded({"line": said, "supervisor": verdict.supervisor_name}))
            lines.append(
                f"{self.file_id}\t{verdict.line.row}\t{verdict.outcome}\t\\\\x{sealed.hex()}\t"
                f"{_json(repairs)}\t{_json(errors)}\t{verdict.staff_id or chr(92) + 'N'}\n"
            )
        _copy(lines)

    def _count(self, outcome: str, repairs: list[Any], errors: list[Any]) -> None:
        self.counts[outcome] += 1
        self.counts["repaired"] += bool(repairs)
        self.counts["look"] += bool(repairs or errors)


def storable(value: Any) -> str:
    """Return JSON that the database takes: no NUL and no half characters, wherever they came from."""
    return _encoded(value).decode()


def _encoded(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text:
        text = json.dumps(_without_nul(value), ensure_ascii=False)
    return text.encode("utf-8", "replace")


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list | tuple):
        return [_without_nul(one) for one in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(one) for key, one in value.items()}
    return value


def _json(value: list[Any]) -> str:
    return storable(value).translate(ESCAPES) if value else "[]"


def _copy(lines: list[str]) -> None:
    if not lines:
        return
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(
            "COPY recruitment_rosterrow (file_id, number, outcome, line, repairs, errors, staff_id)"
            " FROM STDIN",
            io.StringIO("".join(lines)),
        )
