"""What the roster can be asked for. A board's number and the list behind it are this same question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from .models import Staff
from .querysets import StaffQuerySet
from .standards import STANDARDS
from .states import APPOINTED, LIVE, OPEN, Access, Service

# Words of the floor above, asked by the name of the relation: made and not withdrawn.
CARDED = ("printed", "handed_over", "damaged")


class Probe(Exists):
    """An `Exists` that is looked up row by row: for a part of the tree, or for the first rows of a
    list, reading all evidence of all people once and keeping it in a table, as the planner prefers,
    takes many times as long."""

    template = "((%(subquery)s) IS NOT NULL)"


def _met(code: str) -> Callable[[], Q]:
    return lambda: Q(Probe(STANDARDS[code].met().query))


def _carded() -> Q:
    """True for who holds a printed card; nobody is on duty without one."""
    cards: Any = Staff._meta.get_field("cards").related_model
    return Q(Probe(cards._default_manager.filter(staff=OuterRef("pk"), state__in=CARDED)))


# The seven gates of lib/gates.py.
GATES: dict[str, Callable[[], Q]] = {
    "entered": lambda: Q(pk__isnull=False),
    "reviewed": lambda: Q(service__in=APPOINTED),
    "trained": _met("trained"),
    "passed": _met("passed"),
    "pledged": _met("pledged"),
    "carded": _carded,
    "on_duty": lambda: Q(service=Service.ON_DUTY),
}
CONDITIONS = GATES | {code: _met(code) for code in STANDARDS if code not in GATES}


@dataclass(frozen=True)
class Term:
    """One thing that is asked of a record: a name that tells it from others, and the condition."""

    name: str
    condition: Q
    is_negated: bool = False

    def __call__(self) -> Q:
        """Return the condition as it is asked."""
        return ~self.condition if self.is_negated else self.condition


def reached(rows: StaffQuerySet, code: str) -> StaffQuerySet:
    """Keep those who are through the gate (or meet the standard)."""
    return rows.filter(CONDITIONS[code]())


def lacking(rows: StaffQuerySet, code: str) -> StaffQuerySet:
    """Keep those who are not through the gate (or do not meet the standard)."""
    return rows.filter(~CONDITIONS[code]())


def roster(actor: Any, *, census_id: int, action: str = "staff.view") -> StaffQuerySet:
    """Return all records of the census within the actor's reach, those who left included."""
    return Staff.objects.allowed(actor, action).filter(census=census_id)


def terms(asked: Mapping[str, Any], at: datetime) -> list[Term]:
    """Return what is asked of the record itself: role, service, access (or `open`), gate, missing,
    waiting (days since submission). Words that are not on the list are not heard.

    Without a word about service only those in the census count, as on the boards.
    """
    found = []
    service = str(asked.get("service", ""))
    if service in Service.values:
        found.append(Term(f"service={service}", Q(service=service)))
    elif service != "all":
        found.append(Term("live", Q(service__in=LIVE)))
    if (role := asked.get("role")) in ("enumerator", "supervisor"):
        found.append(Term(f"role={role}", Q(role=role)))
    if (access := asked.get("access")) in Access.values:
        found.append(Term(f"access={access}", Q(access=access)))
    elif access == "open":
        found.append(Term("open", Q(access__in=OPEN)))
    days = str(asked.get("waiting", ""))
    if days.isdecimal() and len(days) < 4:
        before = at - timedelta(days=int(days))
        found.append(Term(f"waiting={days}", Q(submitted_at__lt=before)))
    if (gate := asked.get("gate")) in CONDITIONS:
        found.append(Term(gate, CONDITIONS[gate]()))
    if (missing := asked.get("missing")) in CONDITIONS:
        found.append(Term(missing, CONDITIONS[missing](), is_negated=True))
    return found


def asked_for(
    rows: StaffQuerySet, asked: Mapping[str, Any], *, everywhere: bool = True
) -> StaffQuerySet:
    """Keep what a query string asks for: the terms, and beside them office (key, with all below;
    `only=1` without them), people (keys), q. `everywhere` as for `search`."""
    for term in terms(asked, timezone.now()):
        rows = rows.filter(term())
    office = str(asked.get("office", ""))
    if office.isdecimal():
        alone = asked.get("only") == "1"
        rows = rows.filter(office=int(office)) if alone else rows.in_office(int(office))
    people = [int(each) for each in str(asked.get("people", "")).split(",") if each.isdecimal()]
    if people:
        rows = rows.filter(pk__in=people[:200])
    return named(rows, str(asked.get("q", "")), everywhere=everywhere)


def named(rows: StaffQuerySet, text: str, *, everywhere: bool = True) -> StaffQuerySet:
    """Keep the people whose name, pinyin or card number `text` begins or is part of."""
    digits = "".join(text.split())
    if digits.isdecimal() and digits.isascii() and len(digits) >= 6:
        cards: Any = Staff._meta.get_field("cards").related_model
        held = cards._default_manager.filter(number__number__startswith=digits)
        return rows.filter(pk__in=held.values("staff"))
    return rows.search(text, everywhere=everywhere)
