"""The readiness board of each level, the lists behind its numbers, and the pages of lists."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from tests.bench.report import Report, say

LARGE = ("recruitment_staff", "people_person", "credentials_card", "exams_attempt", "accounts_user")


def run(size: int, quick: bool) -> Report:
    """Return how long each board and each list takes."""
    from django.conf import settings

    from census_staff.censuses.models import Census
    from census_staff.places.models import Office
    from tests.standing import make_user

    settings.ALLOWED_HOSTS.append("testserver")
    report = Report(
        "board", "readiness board, every number's list, the pages of lists", size, quick
    )
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
            _pages(report, actor, quick)
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


def _pages(report: Report, actor: Any, quick: bool) -> None:
    """Open the pages of lists as a city does, and see how many questions they ask and how."""
    from django.test import Client

    from credentials.models import Card
    from recruitment.models import Staff

    row = (
        Staff.objects.select_related("person")
        .order_by("-pk")
        .filter(office__path__startswith=actor.reach("staff.view")[0][0])[0]
    )
    number = Card.objects.order_by("pk").values_list("number_id", flat=True)[0]
    client = Client()
    client.force_login(actor)
    slowest = 0.0
    for name, path in (
        ("roster", "/staff/"),
        ("roster, two characters", f"/staff/?q={row.person.name[-2:]}"),
        ("roster, pinyin", f"/staff/?q={row.person.name_key.split()[0]}"),
        ("roster, card number", f"/staff/?q={number}"),
        ("roster, who lacks the exam", "/staff/?missing=sat_online&access=open"),
        ("cards", "/cards/"),
        ("cards, number", f"/cards/?q={number}"),
    ):
        took, asked, scans = _page(client, path)
        slowest = max(slowest, took)
        report.figures[f"page: {name}"] = f"{1000 * took:.0f} ms, {asked} questions" + (
            f", reads whole: {', '.join(scans)}" if scans else ""
        )
        if asked > 40:
            say(f"  {name} asks {asked} questions")
            report.holds(f"{name}: a bounded number of questions", False)
    report.at_most("slowest page of a list, seconds", slowest, 1.0)


def _page(client: Any, path: str) -> tuple[float, int, list[str]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    _fetch(client, path)
    start = time.perf_counter()
    _fetch(client, path)
    took = time.perf_counter() - start
    with CaptureQueriesContext(connection) as asked:
        _fetch(client, path)
    scans: set[str] = set()
    for query in asked.captured_queries:
        if query["sql"].lstrip().upper().startswith("SELECT") and "%" not in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + query["sql"])
                for (line,) in cursor.fetchall():
                    scans |= {table for table in LARGE if f"Seq Scan on {table} " in line}
    return took, len(asked), sorted(scans)
