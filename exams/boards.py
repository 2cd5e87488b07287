"""How many must sit, have sat, have not, and passed; each number is the question of its list."""

from typing import Any

from django.db.models import Count, F, Q

from census_staff.accounts.service_record import roll_of

from .facts import passed, sat_online
from .models import Attempt

HERE = {"person": "person", "census": "census", "role": "role"}
SHOWN = ("due", "sat", "unsat", "passed", "unpassed")


def people(actor: Any, *, census_id: int, role: str = "", show: str = "due") -> Any:
    """Return the appointed staff within reach that the word `show` names."""
    rows = roll_of(actor, "exam.view", census_id=census_id)
    if role:
        rows = rows.filter(role=role)
    asked = {
        "sat": Q(sat_online(**HERE)),
        "unsat": ~Q(sat_online(**HERE)),
        "passed": Q(passed(**HERE)),
        "unpassed": ~Q(passed(**HERE)),
    }
    return rows.filter(asked[show]) if show in asked else rows


def board(actor: Any, *, census_id: int) -> list[dict[str, Any]]:
    """Return one line a role: due, sat, unsat, passed; one query."""
    rows = people(actor, census_id=census_id).order_by().values("role")
    counted = rows.annotate(
        due=Count("pk"),
        sat=Count("pk", filter=Q(sat_online(**HERE))),
        passed=Count("pk", filter=Q(passed(**HERE))),
    ).annotate(unsat=F("due") - F("sat"))
    return list(counted.order_by("role"))


def tries(rows: Any, *, census_id: int) -> dict[int, dict[str, Any]]:
    """Return, by person, how often they sat and their best score, for the people of one page."""
    persons = [row.person_id for row in rows]
    found: dict[int, dict[str, Any]] = {}
    kept = Attempt.objects.filter(person__in=persons, census=census_id, void=None)
    for person, score in kept.values_list("person", "score"):
        line = found.setdefault(person, {"number": 0, "best": None})
        line["number"] += 1
        line["best"] = max((x for x in (line["best"], score) if x is not None), default=None)
    return found
