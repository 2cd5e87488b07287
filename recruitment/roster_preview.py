"""Rows of a roster as a page shows them: masked, repaired cells beside what stood there, and why."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from census_staff.lib import idcard, phones
from census_staff.lib.paging import SIZE, Page, page_of
from census_staff.places.models import Region

from .models import RosterFile, RosterRow
from .roster_columns.cells import written
from .roster_words import repair_note, sentence, title

Outcome = RosterRow.Outcome
SHOWN = ("name", "role", "id_number", "phone", "areas", "supervisor")
KINDS = ("create", "update", "unchanged", "repaired", "error", "look")
BADGES: dict[str, tuple[str | Promise, str, str]] = {
    Outcome.CREATE: (_("New"), "go", "plus"),
    Outcome.UPDATE: (_("Update"), "off", "edit"),
    Outcome.UNCHANGED: (_("Unchanged"), "off", "minus"),
    Outcome.ERROR: (_("Error"), "bad", "bad"),
}
LONGEST = 32
# Shown by the names that their codes and numbers stand for.
BY_NAME = ("areas", "supervisor")
# Rows looked through for a name in one request: names lie encrypted in the file.
NAMES_LOOKED_AT = 60_000


@dataclass
class Cell:
    """A cell: its text, what stood there, how it was repaired, whether it is wrong."""

    field: str
    text: str
    old: str = ""
    note: str = ""
    is_error: bool = False
    is_fix: bool = False

    @property
    def is_long(self) -> bool:
        """Return whether the cell may break its line."""
        return len(self.old) + len(self.text) > LONGEST


@dataclass
class Line:
    """A row of the preview."""

    number: int
    badge: tuple[str | Promise, str, str]
    cells: list[Cell]
    # (sentence, tone)
    says: list[tuple[str, str]] = field(default_factory=list)


def chosen(file: RosterFile, kind: str, column: str) -> QuerySet[RosterRow]:
    """Return the rows of one kind, with something noted in one column."""
    rows = RosterRow.objects.filter(file=file)
    if kind in Outcome.values:
        rows = rows.filter(outcome=kind)
    elif kind == "repaired":
        rows = rows.exclude(repairs=[])
    elif kind == "look":
        rows = rows.exclude(errors=[], repairs=[])
    if column:
        noted = [{"field": column}]
        rows = rows.filter(Q(errors__contains=noted) | Q(repairs__contains=noted))
    return rows


def page(
    rows: QuerySet[RosterRow], *, text: str, before: str, after: str, total: int | None
) -> Page:
    """Return a page of rows; `text` is a row number or part of a name."""
    text = text.strip()
    if text.isdecimal():
        rows, total = rows.filter(number=int(text[:9])), None
    elif text:
        found: list[RosterRow] = []
        for row in rows.order_by("number")[:NAMES_LOOKED_AT].iterator(chunk_size=1000):
            if text in _said(row).get("line", {}).get("name", ""):
                found.append(row)
                if len(found) == SIZE:
                    break
        return Page(found, "", "", total=len(found))
    return page_of(rows, ["number"], before=before, after=after, total=total)


def lines_of(rows: Sequence[RosterRow], *, edition: int) -> list[Line]:
    """Return the rows as lines."""
    said = [_said(row) for row in rows]
    codes = {code for one in said for code in one.get("line", {}).get("areas", ())}
    known = Region.objects.filter(edition=edition, code__in=codes)
    names = dict(known.values_list("code", "name")) if codes else {}
    return [_line(row, one, names) for row, one in zip(rows, said, strict=True)]


def _said(row: RosterRow) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.line) if row.line else {}
    return found


def _line(row: RosterRow, said: dict[str, Any], names: dict[str, str]) -> Line:
    cells = {name: Cell(name, _text(name, said, names)) for name in SHOWN}
    line = Line(row.number, BADGES[row.outcome], list(cells.values()))
    for repair in row.repairs:
        name, note = repair["field"], repair_note(repair["code"])
        cell = cells.get(name)
        if cell is None:
            line.says.append(
                (f"{title(name)}：{repair['old']} → {repair['new']}（{note}）", "quiet")
            )
        else:
            cell.note, cell.is_fix = note, True
            if name not in BY_NAME:
                cell.old, cell.text = repair["old"], repair["new"] or cell.text
    for error in row.errors:
        name, warning = error["field"], error.get("is_warning", False)
        cell = cells.get(name)
        if cell is not None and not warning:
            cell.is_error, cell.is_fix = True, False
            cell.text = Truncator(error.get("value") or cell.text).chars(20)
        where = "" if cell is not None else f"{title(name)}：" if name else ""
        line.says.append((where + sentence(error), "warn" if warning else ""))
    return line


def _text(name: str, said: dict[str, Any], names: dict[str, str]) -> str:
    line = said.get("line", {})
    if name == "supervisor":
        named = line.get("supervisor_id_number", ""), line.get("supervisor_phone", "")
        number = phones.mask(named[1]) if named[1] else idcard.mask(named[0])
        return said.get("supervisor") or number or "–"
    if name == "areas":
        codes = line.get("areas", ())
        shown = "、".join(names.get(code, code) for code in codes[:2])
        return shown + ("…" if len(codes) > 2 else "") or "–"
    value = line.get(name, "")
    if name == "role":
        value = written("role", value)
    elif name == "id_number":
        value = idcard.mask(value)
    elif name == "phone":
        value = phones.mask(value)
    return value or "–"


def photo_lines(rows: Sequence[RosterRow]) -> list[dict[str, Any]]:
    """Return what was not taken of a zip: the name with its number hidden, and why."""
    return [
        {"number": row.number, "name": _hidden(_said(row).get("photo", "")), "says": [
            sentence(error) for error in row.errors]}
        for row in rows
    ]  # fmt: skip


def _hidden(name: str) -> str:
    return re.sub(r"\d{8,}[Xx]?", lambda found: idcard.mask(found[0]), name)
