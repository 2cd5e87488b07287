"""Every roster file of the kinds that really arrive, read as its answer key says."""

from pathlib import Path
from typing import Any

import pytest

from census_staff.lib.errors import Refused
from census_staff.lib.sheets import read_workbook
from recruitment.roster_columns import HEADERS, ParsedRow, map_headers, parse_rows
from tests.hostile.rosters import cells, files  # noqa: F401 - they fill the list
from tests.hostile.rosters.people import CASES, NAMES, STORED, Answer, Case
from tests.hostile.watching import quick


def wanted(answer: Answer, at: int) -> dict[str, Any]:
    """Return the values a row must have; None means that nothing may be left of the cell."""
    return STORED[at] | dict(answer.values)


def said(row: ParsedRow, name: str) -> Any:
    value = getattr(row.line, name)
    return value.isoformat() if hasattr(value, "isoformat") else value


def compare(row: ParsedRow, answer: Answer, at: int) -> None:
    for name, value in wanted(answer, at).items():
        found = said(row, name)
        assert (not found) if value is None else found == value, (name, found, value)
    assert {f"{one.field}:{one.code}" for one in row.repairs} == answer.repairs
    assert {f"{one.field}:{one.code}" for one in row.errors} == answer.errors
    # Nothing that is shown of a row holds a whole number.
    shown = repr([(one.old, one.new) for one in row.repairs])
    shown += repr([one.value_masked for one in row.errors])
    assert all(f"13600000{number}" not in shown for number in range(101, 104))


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)
def test_a_file_is_read_as_its_key_says(case: Case, tmp_path: Path) -> None:
    path = tmp_path / f"名册{case.suffix}"
    path.write_bytes(case.build())
    # Read or refused, it costs us and the child that opens it less than two seconds, and little
    # memory: what a file says of its size is not believed.
    with quick():
        try:
            with read_workbook(path, headers=HEADERS) as book:
                where = map_headers(book.headers)
                rows = {row.line.row: row for row in parse_rows(book, where)}
        except Refused as refused:
            assert refused.code == case.refused, str(refused)
            assert str(refused.sentence).count("。") >= 1 or str(refused.sentence).endswith(".")
            return
    assert not case.refused
    for at, (number, answer) in enumerate(case.rows.items()):
        assert number in rows, sorted(rows)
        compare(rows.pop(number), answer, at)
    # What else stands in the sheet is no person, and is never taken for one.
    assert all(row.errors and row.line.name not in NAMES for row in rows.values())
    assert where.unknown == list(case.unknown)
    assert len(book.hidden_sheets) == case.hidden


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 60
