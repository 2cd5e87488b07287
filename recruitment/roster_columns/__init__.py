"""The roster's columns: read what people send, and make the workbook they fill in."""

from recruitment.roster_columns.lines import CellError, CellRepair, ParsedRow, RosterLine
from recruitment.roster_columns.rows import RowReader, parse_row, parse_rows
from recruitment.roster_columns.table import (
    BY_KEY,
    COLUMNS,
    EXAMPLE_ID,
    EXAMPLE_NAME,
    HEADERS,
    Column,
    HeaderMap,
    map_headers,
)
from recruitment.roster_columns.template import (
    dirty_workbook,
    roster_workbook,
    synthetic_id,
    template_workbook,
)

__all__ = [
    "BY_KEY",
    "COLUMNS",
    "EXAMPLE_ID",
    "EXAMPLE_NAME",
    "HEADERS",
    "CellError",
    "CellRepair",
    "Column",
    "HeaderMap",
    "ParsedRow",
    "RosterLine",
    "RowReader",
    "dirty_workbook",
    "map_headers",
    "parse_row",
    "parse_rows",
    "roster_workbook",
    "synthetic_id",
    "template_workbook",
]
