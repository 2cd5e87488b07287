"""What one row of a roster says once it has been read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One person of a roster in stored form; what was missing or wrong is empty here."""

    row: int
    census: str = ""
    office_code: str = ""
    role: str = ""
    name: str = ""
    id_kind: str = "resident"
    id_number: str = field(default="", repr=False)
    sex: str = ""
    birth_on: date | None = field(default=None, repr=False)
    sex_declared: str = ""
    birth_declared: date | None = field(default=None, repr=False)
    schooling: str = ""
    phone: str = field(default="", repr=False)
    backup_phone: str = field(default="", repr=False)
    hiring: str = ""
    source: str = ""
    employer: str = ""
    experience: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    supervisor_id_number: str = field(default="", repr=False)
    supervisor_phone: str = field(default="", repr=False)
    reserve: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    photo_name: str = field(default="", repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return the line as plain values for storing (encrypted: it is personal data)."""
        made: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, date):
                value = value.isoformat()
            made[one.name] = list(value) if isinstance(value, tuple) else value
        return made

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> RosterLine:
        """Return the line that `as_json` wrote."""
        made = dict(stored)
        for name in ("birth_on", "birth_declared", "starts_on", "ends_on"):
            if name in made:
                made[name] = date.fromisoformat(made[name]) if made[name] else None
        for name in ("experience", "areas"):
            if name in made:
                made[name] = tuple(made[name] or ())
        return cls(**made)


@dataclass(frozen=True, slots=True)
class CellRepair:
    """A cell we understood although it was written otherwise; personal values are masked."""

    column: str
    row: int
    field: str
    code: str
    old: str
    new: str

    def as_json(self) -> dict[str, Any]:
        """Return the repair as plain values for storing."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that cannot be taken as it is; a warning only asks to look again."""

    column: str
    row: int
    field: str
    code: str
    value_masked: str
    sentence: str | _StrPromise
    fix: str | _StrPromise
    is_warning: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the error as plain values in the reader's language, for storing."""
        made = {one.name: getattr(self, one.name) for one in fields(self)}
        return made | {"sentence": str(self.sentence), "fix": str(self.fix)}


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row read: the line as far as it goes, what was repaired, what is wrong."""

    line: RosterLine
    repairs: list[CellRepair]
    errors: list[CellError]

    @property
    def is_sound(self) -> bool:
        """Return whether the row may go in: warnings do not hold it back."""
        return all(error.is_warning for error in self.errors)
