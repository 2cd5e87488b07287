"""The readiness board of each level, the lists behind its numbers, and the summary above the city."""

import resource
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.bench.report import Report

# How many people change between two counts of the summary: townships of a city on a busy evening.
CHANGED = 200


def run(size: int, quick: bool) -> Report:
    """Return how long each board and each list takes."""
    from django.conf import settings

    from census_staff.censuses.models import Census
    from census_staff.places.models import Office
    from tests.standing import make_user

    settings.ALLOWED_HOSTS.append("testserver")
    report = Report("board", "readiness board, every number's list, the summary", size, quick)
    census = Census.objects.get()
    times = 1 if quick else 5
    boards: dict[str, float] = {}
    for name, level, role in (
        ("township", 9, "township_clerk"), ("county", 6, "county_reviewer"), ("city", 4, "city_steward"),
    ):  # fmt: skip
        office = Office.objects.filter(level=level).order_by("path")[0]
        actor = make_user(role, office)
        boards[name] = _board(report, name, actor, census, office, times)
        report.holds(
            f"{name}: every number opens a list of exactly that many",
            _lists_agree(actor, census, office),
        )
        if name == "city":
            _naive(report, actor, census, office, boards[name])
    _wide(report, census, quick)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report.figures["peak memory"] = f"{peak:.0f} MB"
    for name, seconds in boards.items():
        report.at_most(f"live board of a {name}, seconds", seconds, 0.2)
    return report


def _median(times: int, work: Callable[[], Any]) -> float:
    work()
    found = []
    for _turn in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def _board(report: Report, name: str, actor: Any, census: Any, office: Any, times: int) -> float:
    from django.test import Client
    from django.utils import timezone

    from recruitment.board import board

    _lines, whole = board(actor, census, office, timezone.now())
    took = _median(times, lambda: board(actor, census, office, timezone.now()))
    client = Client()
    client.force_login(actor)
    page = _median(times, lambda: _fetch(client, "/board/"))
    report.side(
        f"{name}: {whole.entered:,} staff", 1 / took, "boards/s",
        note=f"counted in {1000 * took:.0f} ms; the whole page {1000 * page:.0f} ms",
    )  # fmt: skip
    return took


def _fetch(client: Any, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer


def _naive(report: Report, actor: Any, census: Any, office: Any, product: float) -> None:
    """Count each gate of each office by itself, as boards are usually written."""
    from django.db import connection

    from census_staff.places.models import Office
    from recruitment.filters import GATES, asked_for, roster

    def count() -> None:
        for below in Office.objects.filter(parent=office):
            rows = asked_for(
                roster(actor, census_id=census.pk, action="board.view"), {"office": below.pk}
            )
            for condition in GATES.values():
                rows.filter(condition()).count()

    took = _median(1, count)

    def least() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT s.office_id, count(*) FROM recruitment_staff s JOIN places_office o ON o.id = s.office_id"
                " WHERE o.path LIKE %s AND s.census_id = %s GROUP BY 1",
                [office.path + "%", census.pk],
            )
            cursor.fetchall()

    limit = _median(3, least)
    report.side(
        "naive: city, a count for each office and gate",
        1 / took,
        "boards/s",
        note=f"{1000 * took:.0f} ms",
    )
    report.side(
        "limit: city, one count by office", 1 / limit, "boards/s", note=f"{1000 * limit:.0f} ms"
    )
    report.figures["city: product / naive, product / limit"] = (
        f"{took / product:.1f}, {limit / product:.2f}"
    )


def _lists_agree(actor: Any, census: Any, office: Any) -> bool:
    """Compare each number of the board with the list it opens, both in one snapshot."""
    from urllib.parse import parse_qsl

    from django.db import transaction
    from django.utils import timezone

    from recruitment.board import board, todos
    from recruitment.filters import GATES, asked_for, roster

    with transaction.atomic():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        lines, whole = board(actor, census, office, timezone.now())
        rows = roster(actor, census_id=census.pk)
        for line in (*lines[:3], whole):
            asked = {"office": line.office.pk, **({"only": "1"} if line.is_own else {})}
            for code in GATES:
                if asked_for(rows, asked | {"gate": code}).count() != line.counts[code]:
                    return False
        return all(
            asked_for(rows, dict(parse_qsl(todo.query))).count() == todo.count
            for todo in todos(whole, actor.actions())
        )


def _wide(report: Report, census: Any, quick: bool) -> None:
    """Count the summary, all of it and what changed; read it; set it beside a live count."""
    from django.test import Client

    from recruitment import summary
    from recruitment.models import Staff
    from tests.standing import make_user

    whole = _once(lambda: summary.refresh(census))
    idle = _once(lambda: summary.refresh(census))
    people = list(Staff.objects.order_by("pk").values_list("pk", flat=True)[:CHANGED])
    Staff.objects.filter(pk__in=people).update(employer="另一村")
    few = _once(lambda: summary.refresh(census))
    report.figures["summary counted, all offices"] = f"{whole:.2f} s"
    report.figures["summary counted, nothing changed"] = f"{1000 * idle:.0f} ms"
    report.figures[f"summary counted, {len(people)} people changed"] = f"{1000 * few:.0f} ms"
    for name, top in _tops().items():
        actor = make_user("city_steward", top)
        client = Client()
        client.force_login(actor)
        took = _median(1 if quick else 5, partial(summary._summary, census, top))
        summary.refresh(census)
        address = f"/board/?office={top.pk}"
        page = _median(1 if quick else 5, partial(_fetch, client, address))
        report.side(
            f"{name}: summary", 1 / took, "boards/s",
            note=f"read in {1000 * took:.0f} ms; the whole page {1000 * page:.0f} ms",
        )  # fmt: skip
        report.at_most(f"page of the board of a {name}, seconds", page, 0.5)
    summary.refresh(census)
    report.holds("summary equals the live count of its snapshot", _equal(census))
    age = summary.PERIOD + 2 * few
    report.at_most("oldest summary while a city changes, seconds", age, 60)


def _tops() -> dict[str, Any]:
    from census_staff.places.models import Office

    wide = Office.objects.filter(level=2).order_by("path")
    return {"nation": wide[0], "province": wide[1]}


def _once(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    assert work() is not None
    return time.perf_counter() - start


def _equal(census: Any) -> bool:
    """Compare all numbers of the summary with those counted live, both in one snapshot."""
    from django.db import connection, transaction

    from census_staff.accounts.scope import System
    from recruitment import summary
    from recruitment.board import board

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for top in _tops().values():
            kept = summary._summary(census, top)
            lines, whole = board(System("bench"), census, top, kept.at)
            if kept.whole.counts != whole.counts:
                return False
            if [line.counts for line in kept.lines] != [line.counts for line in lines]:
                return False
    return True
