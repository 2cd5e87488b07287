"""The pages of lists: first and deep pages, every filter and every search, of a county and a nation."""

import json
import re
import resource
import statistics
import time
from collections.abc import Iterator
from typing import Any

from tests.bench.report import Report, say

LARGE = (
    "recruitment_staff", "people_person", "credentials_card", "credentials_cardnumber",
    "exams_attempt", "training_completion", "recruitment_pledge", "accounts_user", "audit_entry",
)  # fmt: skip
ROSTER = {
    "all": "",
    "one kind": "role=supervisor",
    "under review": "service=under_review",
    "nobody": "service=returned",
    "through a gate": "gate=passed",
    "lack training": "missing=trained",
    "lack the exam": "missing=sat_online&access=open",
    "pledged, no card": "gate=pledged&missing=carded",
    "waiting, one kind": "service=under_review&waiting=3&role=supervisor",
}
CARDS = {
    "all": "",
    "replaced": "state=replaced",
    "lost (none)": "state=lost",
    "recall": "only=to_recall",
}
TRAIL = {"all": "", "one event": "event=access", "rare event": "event=staff.exported",
         "no such": "event=reveal", "somebody": "actor=user:7", "by name": "who=nobody"}  # fmt: skip
MOST_QUESTIONS = 40
TARGET = 0.3
# Rows beyond which a table is read whole rather than until a limit.
SCAN = 50_000


def run(size: int, quick: bool) -> Report:
    """Return how long each page takes, how much it asks, and whether anything is read whole."""
    from django.conf import settings

    from census_staff.places.models import Office
    from recruitment.models import Staff

    settings.ALLOWED_HOSTS.append("testserver")
    report = Report("lists", "pages of lists: first, deep, filtered, searched", size, quick)
    _remember(size)
    tops = {
        "county": Office.objects.filter(level=6).order_by("path")[0],
        "nation": Office.objects.filter(level=2).order_by("path")[0],
    }
    found = Staff.objects.select_related("person", "office").filter(
        office__path__startswith=tops["county"].path
    )
    someone = found.order_by("pk")[77]
    took: dict[str, list[float]] = {"first": [], "deep": [], "search": []}
    worst = ("", 0.0)
    asked, scans, removed = 0, set(), 0
    for level, top in tops.items():
        clients = _clients(top)
        for kind, name, client, path, form in _pages(clients, someone, top, size):
            times, questions = _timed(client, path, form, 2 if quick else 5)
            middle = statistics.median(times)
            took[kind].append(middle)
            worst = max(worst, (f"{level}, {name}", middle), key=lambda each: each[1])
            whole, most = _explained(client, path, form)
            asked, removed = max(asked, questions), max(removed, most)
            scans |= {f"{level}, {name}: {table}" for table in whole}
            report.figures[f"{level}: {name}"] = (
                f"p50 {1000 * middle:.0f} ms, worst {1000 * max(times):.0f} ms, {questions} questions,"
                f" {most:,} rows looked at in vain{', reads whole ' + ', '.join(whole) if whole else ''}"
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for kind, times in took.items():
        report.side(
            f"{kind} pages", 1 / statistics.median(times), "pages/s", peak_mb=peak,
            note=f"p50 {1000 * statistics.median(times):.0f} ms, worst {1000 * max(times):.0f} ms",
        )  # fmt: skip
    report.figures["slowest"] = f"{worst[0]}: {1000 * worst[1]:.0f} ms"
    report.holds(
        f"at most {MOST_QUESTIONS} questions for a page ({asked})", asked <= MOST_QUESTIONS
    )
    report.holds("no large table is read whole", not scans)
    report.at_most("rows looked at in vain by one question", removed, 200_000)
    for line in sorted(scans):
        say(f"  reads whole: {line}")
    report.at_most("slowest page, p50, seconds", worst[1], TARGET)
    return report


def _remember(size: int) -> None:
    """Write a trail as long as the roster, by many hands, with a few rare events among it."""
    from django.db import connection, connections

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (actor, subject, subject_id, event, old, new, reason, details,"
            " office_id, census_id) SELECT 'user:' || s.id %% 500, 'recruitment_staff', s.id,"
            " CASE WHEN s.id %% 9973 = 0 THEN 'staff.exported' WHEN s.id %% 2 = 0 THEN 'access'"
            " ELSE 'service' END, '', '', '', '{}', s.office_id, s.census_id FROM recruitment_staff s"
            " WHERE s.id <= %s ORDER BY hashint8(s.id)",
            [size],
        )
    # As the database does by itself within a minute or two of so many rows.
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE audit_entry")


def _clients(top: Any) -> dict[str, Any]:
    from django.test import Client

    from tests.standing import make_user

    clients = {}
    for role in ("city_steward", "county_reviewer", "auditor", "security_admin"):
        clients[role] = Client()
        clients[role].force_login(make_user(role, top))
    return clients


def _pages(
    clients: dict[str, Any], someone: Any, top: Any, size: int
) -> Iterator[tuple[str, str, Any, str, dict[str, str] | None]]:
    """Yield kind, name, client, address and form of every page."""
    from credentials import ledger
    from credentials.models import Card
    from recruitment.models import Staff
    from recruitment.views.staff import ORDER

    roster = issuer = clients["city_steward"]
    for name, asked in ROSTER.items():
        yield "first", f"roster, {name}", roster, f"/staff/?{asked}", None
    here = Staff.objects.select_related("office", "person")
    last = here.filter(office__path__startswith=top.path, pk__lte=size).order_by("-pk")[0]
    deep = here.get(pk=1 + (last.pk - 1) * 9 // 10)
    for name in ("all", "lack the exam"):
        address = f"/staff/?{ROSTER[name]}&after={_after(deep, ORDER)}"
        yield "deep", f"roster, {name}, deep", roster, address, None
    for name, asked in CARDS.items():
        yield "first", f"cards, {name}", issuer, f"/cards/?{asked}", None
    card = (
        Card.objects.select_related("staff__office").filter(staff__lte=deep.pk).order_by("-staff")
    )
    yield "deep", "cards, deep", issuer, f"/cards/?after={_after(card[0], ledger.ORDER)}", None
    yield "first", "review", clients["county_reviewer"], "/review/", None
    yield "first", "accounts", clients["security_admin"], "/users/", None
    yield "search", "accounts, name", clients["security_admin"], "/users/?q=county", None
    for name, asked in TRAIL.items():
        yield "first", f"audit, {name}", clients["auditor"], f"/audit/?{asked}", None
    yield from _searches(roster, issuer, someone)


def _searches(
    roster: Any, issuer: Any, someone: Any
) -> Iterator[tuple[str, str, Any, str, dict[str, str] | None]]:
    from credentials.models import Card

    person, number = someone.person, Card.objects.order_by("pk")[0].number_id
    for name, text in {
        "first character": person.name[0],
        "two characters": person.name[-2:],
        "whole name": person.name,
        "rare character": "䃥",
        "unknown": "爨爨",
        "pinyin": person.name_key.split()[0],
        "whole pinyin": person.name_key,
        "number": number,
        "beginning of a number": number[:8],
    }.items():
        yield "search", f"roster, {name}", roster, f"/staff/?q={text}", None
    for name, text in {"name": person.name, "character": person.name[0], "number": number}.items():
        yield "search", f"cards, {name}", issuer, f"/cards/?q={text}", None
    for name, text in {"telephone": person.phone, "ID number": person.id_number}.items():
        yield "search", f"roster, {name}", roster, "/staff/find/", {"q": text}


def _after(row: Any, order: Any) -> str:
    from census_staff.lib.paging import _key

    return _key(row, order)


def _fetch(client: Any, path: str, form: dict[str, str] | None) -> Any:
    answer = client.post(path, form) if form else client.get(path)
    assert answer.status_code in (200, 302), (path, answer.status_code)
    return answer


def _timed(
    client: Any, path: str, form: dict[str, str] | None, times: int
) -> tuple[list[float], int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        _fetch(client, path, form)
        # Later requests empty the log.
        questions = len(asked)
    found = []
    for _turn in range(times):
        start = time.perf_counter()
        _fetch(client, path, form)
        found.append(time.perf_counter() - start)
    return found, questions


def _explained(client: Any, path: str, form: dict[str, str] | None) -> tuple[list[str], int]:
    """Return the large tables that the page reads whole, and the most rows that one of its
    questions looked at in vain."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        _fetch(client, path, form)
    whole: set[str] = set()
    most = 0
    for query in asked.captured_queries:
        if re.match(r"SELECT (?!set_config|current_setting)", query["sql"]):
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query["sql"])
                plan = cursor.fetchone()[0]
            plan = json.loads(plan) if isinstance(plan, str) else plan
            for node in _nodes(plan[0]["Plan"]):
                loops = node.get("Actual Loops", 1)
                vain = round(node.get("Rows Removed by Filter", 0) * loops)
                most = max(most, vain)
                read = vain + round(node["Actual Rows"] * loops)
                # One that stops at its limit is no scan.
                if node["Node Type"] == "Seq Scan" and read > SCAN:
                    whole |= {node["Relation Name"]} & set(LARGE)
    return sorted(whole), most


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
