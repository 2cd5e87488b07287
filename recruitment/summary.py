"""The boards above the city: numbers at most a minute old, all of one snapshot, counted by the clock.

Triggers mark in the same transaction what numbers depend on; the clock counts only the offices of
what is marked. A mark that its snapshot does not see stays for the next time, as does the change.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from census_staff.censuses.models import Census
from census_staff.lib.database import TooLong, within
from census_staff.lib.paging import count_up_to
from census_staff.places.models import Office

from .board import ASKED, NUMBERS, WAITED, Line, Numbers, arranged, board, counted
from .models import Staff, Tally, TallyTime
from .querysets import StaffQuerySet
from .states import Service

FRESH = timedelta(seconds=60)
PERIOD = 15
LOCK = 4_715
# What a page may spend on counting for itself where the clock has not.
PATIENCE = 3
# What a list may spend on knowing its length, and on each look for its rows.
GLANCE, LOOK = 0.25, 1
# How far a list that reaches above the city is counted.
MOST = 2_000


@dataclass(frozen=True)
class Total:
    """How many a list has: counted now, or (`at`) as of the summary; None where too many to count."""

    count: int | None
    at: datetime | None = None

    @property
    def is_many(self) -> bool:
        """Return whether a page of them is found sooner on the way than by gathering them."""
        return self.count is None or self.count > MOST


@dataclass(frozen=True)
class Shown:
    """A board and the moment its numbers are of."""

    lines: list[Line]
    whole: Line
    at: datetime
    is_summary: bool = False
    is_late: bool = False


def refresh(census: Census) -> datetime | None:
    """Count what changed, in one snapshot, and return its moment; None if somebody is at it."""
    with _alone(census.pk) as alone:
        if not alone:
            return None
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            # The transaction began before its snapshot was taken: the summary is no older.
            cursor.execute("SELECT now()")
            at: datetime = cursor.fetchone()[0]
            before = TallyTime.objects.filter(census=census).values_list("at", flat=True).first()
            marks = _marks(cursor, census.pk)
            if before is None or (None, None) in marks:
                _count(census, None, at)
            elif offices := _offices(census, marks, before, at):
                _count(census, offices, at)
            TallyTime.objects.update_or_create(census=census, defaults={"at": at})
        return at


@contextmanager
def _alone(census_id: int) -> Iterator[bool]:
    """Say whether nobody else counts this census now. Before the transaction: its snapshot must
    not be older than what the one before has written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, census_id])
        alone = cursor.fetchone()[0]
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, census_id])


def _marks(cursor: Any, census_id: int) -> set[tuple[int | None, int | None]]:
    """Take the marks away that this snapshot sees, and return them (office, person)."""
    cursor.execute(
        "WITH seen AS (DELETE FROM recruitment_tallymark WHERE census_id = %s"
        " RETURNING office_id, person_id) SELECT DISTINCT office_id, person_id FROM seen",
        [census_id],
    )
    return set(cursor.fetchall())


def _offices(
    census: Census,
    marks: set[tuple[int | None, int | None]],
    before: datetime,
    at: datetime,
) -> set[int]:
    """Return the offices whose numbers may have changed."""
    rows = Staff.objects.filter(census=census)
    people = [person for _office, person in marks if person is not None]
    found = {office for office, _person in marks if office is not None}
    found.update(rows.filter(person__in=people).values_list("office_id", flat=True))
    # Nothing is written when somebody has waited too long.
    waiting = rows.filter(
        service=Service.UNDER_REVIEW,
        submitted_at__gte=before - WAITED,
        submitted_at__lt=at - WAITED,
    )
    found.update(waiting.values_list("office_id", flat=True))
    return found


def _count(census: Census, offices: set[int] | None, at: datetime) -> None:
    """Write the numbers of these offices (None: of all) anew."""
    rows, old = Staff.objects.filter(census=census), Tally.objects.filter(census=census)
    if offices is not None:
        rows, old = rows.filter(office__in=offices), old.filter(office__in=offices)
    found = counted(rows, at)
    old.delete()
    Tally.objects.bulk_create(
        (Tally(census=census, office_id=office, **numbers) for office, numbers in found.items()),
        batch_size=2_000,
    )


def shown(actor: Any, census: Census, top: Office, at: datetime) -> Shown:
    """Return the board of a wide office: the summary; where it is late, what can be counted in a
    moment; else the summary, said to be late."""
    summary = _summary(census, top) if _covers(actor, census, top) else None
    if summary and at - summary.at <= FRESH:
        return summary
    try:
        with _alone(census.pk) as alone, within(PATIENCE):
            if alone:
                return Shown(*board(actor, census, top, at), at)
    except TooLong:
        pass
    if summary is None:
        return Shown([], Line(top, dict.fromkeys(NUMBERS, 0)), at, is_summary=True, is_late=True)
    return Shown(summary.lines, summary.whole, summary.at, is_summary=True, is_late=True)


def _covers(actor: Any, census: Census, top: Office, action: str = "board.view") -> bool:
    """Return whether the actor sees all of this census below `top`, as the summary counts it."""
    return any(
        top.path.startswith(path) and of in (None, census.pk) for path, of in actor.reach(action)
    )


def total_of(
    actor: Any,
    census: Census,
    rows: StaffQuerySet,
    asked: Mapping[str, Any],
    at: datetime,
    top: Office | None,
) -> Total:
    """Return how many the list has. Of a list that reaches above the city (to `top`): what the
    summary says where it knows the question, else no more than a list's reader will count."""
    if top is None:
        return Total(rows.count())
    words = {
        name: value
        for name, value in asked.items()
        if value and name not in ("office", "before", "after")
    }
    number = next((code for code, question in ASKED.items() if words == question), None)
    if not words:
        number = "entered"
    if number and _covers(actor, census, top, "staff.view"):
        summary = _summary(census, top)
        if summary and at - summary.at <= FRESH:
            return Total(summary.whole.counts[number], summary.at)
    return Total(length_of(rows, top))


def length_of(rows: StaffQuerySet, top: Office | None) -> int | None:
    """Return how many rows there are; None where they reach above the city and are too many."""
    if top is None:
        return rows.count()
    try:
        with within(GLANCE):
            return count_up_to(rows, MOST)
    except TooLong:
        return None


def _summary(census: Census, top: Office) -> Shown | None:
    """Return what was counted last, its numbers and its moment read together."""
    depth = top.path.count(".")
    sums = ", ".join(f"sum(t.{name})::bigint" for name in NUMBERS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.at, s.* FROM recruitment_tallytime m LEFT JOIN LATERAL ("  # noqa: S608
            f" SELECT split_part(o.path, '.', %s) AS below, {sums} FROM recruitment_tally t"
            " JOIN places_office o ON o.id = t.office_id"
            " WHERE t.census_id = m.census_id AND starts_with(o.path, %s) GROUP BY 1"
            ") s ON true WHERE m.census_id = %s",
            [depth + 1, top.path, census.pk],
        )
        found = cursor.fetchall()
    if not found:
        return None
    parts: dict[str, Numbers] = {
        row[1]: dict(zip(NUMBERS, row[2:], strict=True)) for row in found if row[1] is not None
    }
    none = dict.fromkeys(NUMBERS, 0)
    below = Office.objects.filter(parent=top).order_by("path")
    lines = [Line(each, parts.get(each.path.split(".")[depth], none)) for each in below]
    whole = {code: sum(part[code] for part in parts.values()) for code in NUMBERS}
    lines, line = arranged(top, lines, parts.get(""), whole)
    return Shown(lines, line, found[0][0], is_summary=True)
