"""Rosters for the tests: lines of people who cannot exist, as files, read and written."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from census_staff.accounts.models import User
from census_staff.batches.models import Batch
from census_staff.batches.runner import run
from census_staff.lib.errors import Refused
from census_staff.places.models import Office
from recruitment import roster
from recruitment.models import RosterFile, RosterRow
from recruitment.roster_columns import RosterLine, roster_workbook, synthetic_id
from recruitment.roster_commit import confirm
from tests.standing import World

_serial = itertools.count(1)


def line(**more: Any) -> RosterLine:
    """Return a supervisor of the township whom nobody knows."""
    number = next(_serial)
    day = f"{1 + number // 28 % 12:02}{1 + number % 28:02}"
    values: dict[str, Any] = {
        "row": number,
        "census": "四农普",
        "office_code": "341524112",
        "role": "supervisor",
        "name": "汪德胜",
        "id_number": synthetic_id("341502", day, number % 1000),
        "schooling": "college",
        "phone": f"136{number:08}",
        "hiring": "seconded",
        "source": "village",
        "employer": "桃花村委会 委员",
        "areas": ("341524112201",),
    }
    return RosterLine(**(values | more))


def team(size: int, **more: Any) -> list[RosterLine]:
    """Return a supervisor and enumerators who name them by phone."""
    leader = line(**more)
    members = [
        line(role="enumerator", name="胡守云", supervisor_phone=leader.phone, **more)
        for _ in range(size)
    ]
    return [leader, *members]


def upload(
    world: World, lines: Iterable[RosterLine], user: User, office: Office | None = None
) -> RosterFile:
    """Return a roster that was taken in and read."""
    return upload_bytes(world, roster_workbook(lines), user, office)


def upload_bytes(world: World, data: bytes, user: User, office: Office | None = None) -> RosterFile:
    """Return an uploaded file, read."""
    file = roster.take_in(
        [data], name="名册.xlsx", census=world.census, office=office or world.township, actor=user
    )
    roster.read(file.pk)
    file.refresh_from_db()
    return file


def bring_in(
    world: World, lines: Iterable[RosterLine], user: User, office: Office | None = None
) -> Batch:
    """Return the finished batch of a roster that was uploaded and written."""
    return run(confirm(upload(world, lines, user, office), actor=user).pk)


def outcomes(file: RosterFile) -> dict[int, str]:
    """Return the outcome of each row by its number."""
    return dict(RosterRow.objects.filter(file=file).values_list("number", "outcome"))


def codes(file: RosterFile) -> list[str]:
    """Return what was remarked, in the order of the rows."""
    rows = RosterRow.objects.filter(file=file).order_by("number")
    return [one["code"] for row in rows for one in row.errors]


@contextmanager
def refused(code: str) -> Iterator[None]:
    """Hold that the block is refused with this code."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code
