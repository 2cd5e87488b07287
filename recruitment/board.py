"""The readiness board: the seven gates office by office; each number is the question of its list.

`counted` is the only place where people are counted: live for a city and below, and for the summary
of what lies above (recruitment/summary.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from census_staff.censuses.models import Census
from census_staff.lib.gates import GATES as WORDS
from census_staff.places.models import Office

from .filters import Term, roster, terms
from .querysets import StaffQuerySet

CODES = [gate.code for gate in WORDS]
Numbers = dict[str, int]


@dataclass(frozen=True)
class Line:
    """An office with how many of its people are through each gate."""

    office: Office
    counts: Numbers
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


# How long a review may take before somebody is told.
WAITED = timedelta(days=3)
# code, words, what the list is asked for, tone, the action that can settle it
WAITING: tuple[tuple[str, str | Promise, dict[str, str], str, str], ...] = (
    (
        "slow",
        _("waiting for review for more than 3 days"),
        {"service": "under_review", "waiting": str(WAITED.days)},
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
# Every number of a board by what its list is asked for.
ASKED: dict[str, dict[str, str]] = {
    **{code: {"gate": code} for code in CODES},
    "supervisors": {"role": "supervisor"},
    "enumerators": {"role": "enumerator"},
    **{code: asked for code, _label, asked, _tone, _action in WAITING},
}
# Shares that open no list.
SHARES = {
    "experienced": ~Q(experience=[]),
    "educated": Q(schooling__in=("postgraduate", "bachelor", "college")),
}
NUMBERS = (*ASKED, *SHARES)


def offices_in_reach(actor: Any, action: str = "board.view") -> list[Office]:
    """Return the offices at which `actor` was posted for this action, the highest first."""
    paths = sorted({path for path, _census in actor.reach(action)}, key=len)
    tops = [p for i, p in enumerate(paths) if not any(p.startswith(q) for q in paths[:i])]
    return list(Office.objects.filter(path__in=tops).order_by("level", "path"))


def _questions(at: datetime) -> dict[str, list[Term]]:
    """Return the terms of every number."""
    shares = {code: [*terms({}, at), Term(code, share)] for code, share in SHARES.items()}
    return {code: terms(asked, at) for code, asked in ASKED.items()} | shares


def counted(rows: StaffQuerySet, at: datetime) -> dict[int, Numbers]:
    """Return the numbers of each office's own people among the rows, in one query.

    Each term is looked up once for each person, however many numbers ask for it.
    """
    questions = _questions(at)
    asked = {term.name: term for found in questions.values() for term in found}
    names = {name: f"term_{place}" for place, name in enumerate(asked)}
    inner, values = (
        rows.order_by()
        .annotate(
            **{
                names[name]: ExpressionWrapper(term.condition, BooleanField())
                for name, term in asked.items()
            }
        )
        .values_list("office_id", *names.values())
        .query.sql_with_params()
    )
    sums = ", ".join(
        f"count(*) FILTER (WHERE {_conjunction(found, names)})" for found in questions.values()
    )
    with connection.cursor() as cursor:
        # OFFSET 0 keeps the planner from writing each term out again wherever it is asked for.
        cursor.execute(
            f"SELECT office_id, {sums} FROM ({inner} OFFSET 0) AS people GROUP BY 1",  # noqa: S608
            values,
        )
        return {row[0]: dict(zip(questions, row[1:], strict=True)) for row in cursor.fetchall()}


def _conjunction(found: Iterable[Term], names: Mapping[str, str]) -> str:
    return " AND ".join(("NOT " if t.is_negated else "") + names[t.name] for t in found)


def board(actor: Any, census: Census, top: Office, at: datetime) -> tuple[list[Line], Line]:
    """Return a line for each office below `top` (and for `top` itself where people are its own),
    and the line of them all, counted now."""
    rows = roster(actor, census_id=census.pk, action="board.view").in_office(top.pk)
    by_office = counted(rows, at)
    paths = dict(Office.objects.filter(pk__in=by_office).values_list("pk", "path"))
    below = list(Office.objects.filter(parent=top).order_by("path"))
    lines = [Line(each, _sum(by_office, paths, each.path)) for each in below]
    return arranged(top, lines, by_office.get(top.pk), _sum(by_office, paths, top.path))


def arranged(
    top: Office, lines: list[Line], own: Numbers | None, whole: Numbers
) -> tuple[list[Line], Line]:
    """Return the lines of a board and their sum; `own` are the people of the office itself."""
    if own and own["entered"]:
        lines = [*lines, Line(top, own, is_own=True)]
    return lines, Line(top, whole)


def _sum(by_office: dict[int, Numbers], paths: dict[int, str], prefix: str) -> Numbers:
    inside = [n for pk, n in by_office.items() if paths[pk].startswith(prefix)]
    return {code: sum(n[code] for n in inside) for code in NUMBERS}


def todos(whole: Line, may: frozenset[str]) -> list[Todo]:
    """Return what waits, most urgent first; only what this person's postings can settle."""
    return [
        Todo(
            code,
            whole.counts[code],
            label,
            "staff_list",
            urlencode({"office": str(whole.office.pk), **asked}),
            tone,
        )
        for code, label, asked, tone, action in WAITING
        if action in may and whole.counts[code]
    ]
