"""The readiness board: the seven gates, counted live; each number is the question of its list."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from census_staff.censuses.models import Census
from census_staff.lib.gates import GATES as WORDS
from census_staff.places.models import Office, OfficeLevel

from .filters import GATES, asked_for, roster
from .querysets import StaffQuerySet

CODES = [gate.code for gate in WORDS]


@dataclass(frozen=True)
class Line:
    """An office with how many of its people are through each gate."""

    office: Office
    counts: dict[str, int]
    is_own: bool = False

    @property
    def entered(self) -> int:
        """Return how many are in the census here."""
        return self.counts["entered"]

    def worst(self) -> tuple[str, int] | None:
        """Return the gate before which most people wait, and how many."""
        steps = pairwise(CODES)
        losses = [(self.counts[a] - self.counts[b], b) for a, b in steps]
        most, code = max(losses)
        return (code, most) if most > 0 else None


@dataclass(frozen=True)
class Todo:
    """Something that waits for somebody: how many, what, and the list behind it."""

    code: str
    count: int
    label: str | Promise
    route: str
    query: str
    tone: str


# code, words, what the list is asked for, tone, the action that can settle it
WAITING: tuple[tuple[str, str | Promise, dict[str, str], str, str], ...] = (
    (
        "slow",
        _("waiting for review for more than 3 days"),
        {"service": "under_review", "waiting": "3"},
        "bad",
        "staff.review",
    ),
    (
        "due",
        _("have not taken the online exam and would be disabled"),
        {"missing": "sat_online", "access": "open"},
        "bad",
        "board.view",
    ),
    (
        "offline",
        _("passed in a room only: the present rule would list them"),
        {"missing": "sat_online", "gate": "passed", "access": "open"},
        "warn",
        "run.view",
    ),
    ("returned", _("returned for correction"), {"service": "returned"}, "warn", "staff.view"),
    ("reminded", _("reminded, still open"), {"access": "reminded"}, "off", "staff.view"),
    ("disabled", _("disabled, in the remedy area"), {"access": "disabled"}, "off", "staff.view"),
)


def offices_in_reach(actor: Any, action: str = "board.view") -> list[Office]:
    """Return the offices at which `actor` was posted for this action, the highest first."""
    paths = sorted({path for path, _census in actor.reach(action)}, key=len)
    tops = [p for i, p in enumerate(paths) if not any(p.startswith(q) for q in paths[:i])]
    return list(Office.objects.filter(path__in=tops).order_by("level", "path"))


class Probe(Exists):
    """An `Exists` that is looked up row by row: for a part of the tree, reading all evidence of all
    people once and keeping it in a table, as the planner prefers, takes many times as long."""

    template = "((%(subquery)s) IS NOT NULL)"


def _probed(condition: Q) -> Q:
    """Return the condition with every `Exists` in it turned into a look-up."""
    children = [
        Probe(each.query) if isinstance(each, Exists) else each for each in condition.children
    ]
    return Q(*children, _connector=condition.connector, _negated=condition.negated)


def counted(rows: StaffQuerySet, *, is_part: bool = True) -> dict[int, dict[str, int]]:
    """Return for each office how many of the rows are through each gate, in one query."""
    ask = _probed if is_part else Q
    numbers = {code: Count("pk", filter=ask(GATES[code]())) for code in CODES}
    grouped = rows.order_by().values("office_id").annotate(**numbers)
    return {row["office_id"]: {code: row[code] for code in CODES} for row in grouped}


def board(actor: Any, census: Census, top: Office) -> tuple[list[Line], Line]:
    """Return a line for each office below `top` (and for `top` itself where people are its own),
    and the line of them all."""
    rows = asked_for(roster(actor, census_id=census.pk, action="board.view"), {"office": top.pk})
    by_office = counted(rows, is_part=top.level >= OfficeLevel.CITY)
    paths = dict(Office.objects.filter(pk__in=by_office).values_list("pk", "path"))
    below = list(Office.objects.filter(parent=top).order_by("path"))
    lines = [Line(each, _sum(by_office, paths, each.path)) for each in below]
    own = by_office.get(top.pk)
    if own:
        lines.append(Line(top, own, is_own=True))
    return lines, Line(top, _sum(by_office, paths, top.path))


def _sum(
    by_office: dict[int, dict[str, int]], paths: dict[int, str], prefix: str
) -> dict[str, int]:
    inside = [n for pk, n in by_office.items() if paths[pk].startswith(prefix)]
    return {code: sum(n[code] for n in inside) for code in CODES}


def todos(actor: Any, census: Census, top: Office, may: frozenset[str]) -> list[Todo]:
    """Return what waits, most urgent first; only what this person's postings can settle."""
    rows = roster(actor, census_id=census.pk, action="board.view")
    found = []
    for code, label, asked, tone, action in WAITING:
        if action in may:
            asked = {"office": str(top.pk), **asked}
            count = asked_for(rows, asked).count()
            found.append(Todo(code, count, label, "staff_list", urlencode(asked), tone))
    return [todo for todo in found if todo.count]


def quality(rows: StaffQuerySet) -> dict[str, int]:
    """Return how many of the rows bring earlier census experience, and how many a college degree."""
    return rows.aggregate(
        experienced=Count("pk", filter=~Q(experience=[])),
        educated=Count("pk", filter=Q(schooling__in=("postgraduate", "bachelor", "college"))),
        supervisors=Count("pk", filter=Q(role="supervisor")),
        enumerators=Count("pk", filter=Q(role="enumerator")),
    )
