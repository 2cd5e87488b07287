"""What the roster can be asked for. A board's number and the list behind it are this same question."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from .models import Staff
from .querysets import StaffQuerySet
from .standards import STANDARDS
from .states import APPOINTED, Access, Service

# Words of the floor above, asked by the name of the relation: made and not withdrawn.
CARDED = ("printed", "handed_over", "damaged")


def _met(code: str) -> Callable[[], Q]:
    return lambda: Q(STANDARDS[code].met())


def _carded() -> Q:
    """True for who holds a printed card; nobody is on duty without one."""
    return Q(Exists(Staff.objects.filter(pk=OuterRef("pk"), cards__state__in=CARDED)))


# The seven gates of lib/gates.py; each may also be counted: `Count("pk", filter=GATES[code]())`.
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


def reached(rows: StaffQuerySet, code: str) -> StaffQuerySet:
    """Keep those who are through the gate (or meet the standard)."""
    return rows.filter(CONDITIONS[code]())


def lacking(rows: StaffQuerySet, code: str) -> StaffQuerySet:
    """Keep those who are not through the gate (or do not meet the standard)."""
    return rows.filter(~CONDITIONS[code]())


def roster(actor: Any, *, census_id: int, action: str = "staff.view") -> StaffQuerySet:
    """Return all records of the census within the actor's reach, those who left included."""
    return Staff.objects.allowed(actor, action).filter(census=census_id)


def asked_for(rows: StaffQuerySet, asked: Mapping[str, Any]) -> StaffQuerySet:
    """Keep what a query string asks for; words that are not on the list are not heard.

    office (key, with all below; `only=1` without them), role, service, access (or `open`), gate,
    missing, waiting (days since submission), people (keys), q.
    Without a word about service only those in the census count, as on the boards.
    """
    service = str(asked.get("service", ""))
    if service in Service.values:
        rows = rows.filter(service=service)
    elif service != "all":
        rows = rows.live()
    office = str(asked.get("office", ""))
    if office.isdecimal():
        alone = asked.get("only") == "1"
        rows = rows.filter(office=int(office)) if alone else rows.in_office(int(office))
    if asked.get("role") in ("enumerator", "supervisor"):
        rows = rows.filter(role=asked["role"])
    if asked.get("access") in Access.values:
        rows = rows.filter(access=asked["access"])
    elif asked.get("access") == "open":
        rows = rows.open_access()
    days = str(asked.get("waiting", ""))
    if days.isdecimal() and len(days) < 4:
        rows = rows.filter(submitted_at__lt=timezone.now() - timedelta(days=int(days)))
    if asked.get("gate") in CONDITIONS:
        rows = reached(rows, asked["gate"])
    if asked.get("missing") in CONDITIONS:
        rows = lacking(rows, asked["missing"])
    people = [int(each) for each in str(asked.get("people", "")).split(",") if each.isdecimal()]
    if people:
        rows = rows.filter(pk__in=people[:200])
    return named(rows, str(asked.get("q", "")))


def named(rows: StaffQuerySet, text: str) -> StaffQuerySet:
    """Keep the people whose name, pinyin or card number `text` begins or is part of."""
    digits = "".join(text.split())
    if digits.isdecimal() and digits.isascii() and len(digits) >= 6:
        return rows.filter(pk__in=Staff.objects.filter(cards__number__number__startswith=digits))
    return rows.search(text)
