"""Workbooks from other people: read within limits, and hand back with the errors marked."""

from census_staff.lib.sheets.child import REASON_HEADER, plain
from census_staff.lib.sheets.reading import annotate, read_workbook, require_workbook
from census_staff.lib.sheets.values import (
    CellValue,
    Limits,
    Mark,
    Row,
    Workbook,
    index,
    letter,
)

__all__ = [
    "REASON_HEADER",
    "CellValue",
    "Limits",
    "Mark",
    "Row",
    "Workbook",
    "annotate",
    "index",
    "letter",
    "plain",
    "read_workbook",
    "require_workbook",
]
