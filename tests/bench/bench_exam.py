"""An exam sat through real HTTP, beside rows that are looked for before they are written."""

import json
import os
import time
import uuid
from collections.abc import Callable
from typing import Any

from tests.bench import load, naive_views, site
from tests.bench.report import Report

QUESTIONS = 50
MOODLE_MS = 1460.0  # of server CPU for one examinee, measured on the same class of machine
AT_ONCE = 16
TICK = 1 / os.sysconf("SC_CLK_TCK")


def run(size: int, quick: bool) -> Report:
    """Return what a save costs, what a naive one and an idle request cost, and a whole examinee."""
    sitters, rounds = (6, 4) if quick else (160, 60)
    people = sitting_people(sitters)
    _make_table()
    report = Report("exam", "start, save on tap, submit of 50 questions through HTTP", size, quick)
    with site.site() as server:
        examinees = _whole_exams(server, people[: sitters // 2], report)
        start_attempts(server, people[sitters // 2 :])
        some = people[sitters // 2 :]
        costs = {
            name: _cost(server, some, rounds, make)
            for name, make in (
                ("floor: signed in, no question of its own", _floor),
                ("floor: the short way, no question at all", _idle),
                ("product: save of one tap", _product(1)),
                ("naive: one answer, select then write", _naive("save", 1)),
                ("product: save of 5 taps", _product(5)),
                ("naive: 5 answers, select then write each", _naive("save", 5)),
                ("lean: one answer, plain SQL, unchecked", _naive("lean", 1)),
                ("lean: 5 answers, plain SQL, unchecked", _naive("lean", 5)),
            )
        }
        for name, (rate, cpu, times) in costs.items():
            report.side(
                name, rate, "requests/s", peak_mb=server.peak(),
                note=f"CPU {cpu:.2f} ms, p50 {1000 * times.quantile(0.5):.1f} p99 {1000 * times.quantile(0.99):.1f} ms",
            )  # fmt: skip
    floor, idle, one, naive_one, five, naive_five, lean_one, lean_five = costs.values()
    for name, ours, naive, lean in (
        ("one answer", one, naive_one, lean_one), ("5 answers", five, naive_five, lean_five)
    ):  # fmt: skip
        report.at_least(f"{name}: product / naive, saves a second", ours[0] / naive[0], 3)
        report.at_least(f"{name}: naive / product, server CPU", naive[1] / ours[1], 3)
        report.figures[f"{name}: product / lean, saves a second; lean / product, CPU"] = (
            f"{ours[0] / lean[0]:.2f}; {lean[1] / ours[1]:.2f}"
        )
    report.at_most("CPU of a save / of a signed-in idle request", one[1] / floor[1], 4)
    report.figures["CPU of a save / of the short way without a question"] = (
        f"{one[1] / idle[1]:.1f}"
    )
    report.figures["Moodle's 1,460 ms / server CPU of an examinee"] = f"{MOODLE_MS / examinees:.1f}"
    report.holds("every acknowledged answer is there", _kept(people[: sitters // 2]))
    return report


def sitting_people(count: int, *, again: bool = False) -> list[dict[str, Any]]:
    """Return people who may sit now (or once more), with the cookies of their browsers."""
    from census_staff.accounts.models import User
    from census_staff.censuses.models import Census
    from recruitment.models import Staff

    census = Census.objects.get()
    rows = Staff.objects.filter(census=census, access="enabled", service="appointed")
    rows = rows.missing("passed").not_sitting()
    rows = rows.meeting("sat_online") if again else rows.missing("sat_online")
    found = list(rows.order_by("pk").values_list("person_id", flat=True)[:count])
    users = list(User.objects.filter(person__in=found).order_by("person_id"))
    return [
        {"person": user.person_id, "cookies": cookies, "base": f"/api/my/{census.code}/exam/"}
        for user, cookies in zip(users, site.cookies_of(users), strict=True)
    ]


def start_attempts(server: site.Site, people: list[dict[str, Any]]) -> None:
    """Start an attempt of each and open its page, over HTTP."""

    def begin(one: dict[str, Any]) -> load.Script:
        answer = yield load.Ask(
            "start", site.call(server, one["base"] + "start/", one["cookies"], {})
        )
        assert answer.status == 201, (answer.status, answer.head, answer.body[:300])
        one["attempt"] = json.loads(answer.body)["attempt"]
        yield load.Ask(
            "page",
            site.call(server, one["base"] + "page/", one["cookies"], {"attempt": one["attempt"]}),
        )

    for first in range(0, len(people), AT_ONCE):
        load.drive(server.place, [begin(one) for one in people[first : first + AT_ONCE]])


def _whole_exams(server: site.Site, people: list[dict[str, Any]], report: Report) -> float:
    """Let people sit the whole exam, a tap at a time; return the CPU of one in milliseconds."""

    def sit(one: dict[str, Any]) -> load.Script:
        def ask(label: str, path: str, body: Any) -> load.Ask:
            return load.Ask(label, site.call(server, one["base"] + path, one["cookies"], body))

        answer = yield ask("start", "start/", {})
        assert answer.status == 201, (answer.status, answer.head, answer.body[:300])
        one["attempt"] = json.loads(answer.body)["attempt"]
        yield ask("page", "page/", {"attempt": one["attempt"]})
        for number in range(1, QUESTIONS + 1):
            sent = site.taps([number], number)
            answer = yield ask("save", "answers/", {"attempt": one["attempt"], "answers": sent})
            one["saved"] = one.get("saved", 0) + len(json.loads(answer.body)["saved"])
        body = {"attempt": one["attempt"], "submit_op": str(uuid.uuid4())}
        answer = yield ask("submit", "submit/", body)
        assert answer.status == 200, (answer.status, answer.head, answer.body[:300])

    load.drive(server.place, [sit(people[0])])
    people = people[1:]
    before, base = server.cpu(), site.database_cpu()
    start, found = time.perf_counter(), {}
    for first in range(0, len(people), AT_ONCE):
        for label, times in load.drive(
            server.place, [sit(one) for one in people[first : first + AT_ONCE]]
        ).items():
            found.setdefault(label, load.Times()).seconds.extend(times.seconds)
    took = time.perf_counter() - start
    app, database = server.cpu() - before, site.database_cpu() - base
    cpu = 1000 * (app + database) / len(people)
    report.side(
        "product: whole examinees", len(people) / took, "people/s", peak_mb=server.peak(),
        note=f"CPU {cpu:.1f} ms each: application {1000 * app / len(people):.1f}, database {1000 * database / len(people):.1f}",
    )  # fmt: skip
    for label, times in found.items():
        report.figures[f"{label}, p50 / p99 ms"] = (
            f"{1000 * times.quantile(0.5):.1f} / {1000 * times.quantile(0.99):.1f}"
        )
    return cpu


Maker = Callable[[site.Site, dict[str, Any], int], bytes]


def _floor(server: site.Site, one: dict[str, Any], turn: int) -> bytes:
    return load.get("/bench/floor", server.name, one["cookies"])


def _idle(server: site.Site, one: dict[str, Any], turn: int) -> bytes:
    body = {"attempt": one["attempt"], "answers": _some(1, turn)}
    return site.call(server, "/bench/idle", one["cookies"], body)


def _product(count: int) -> Maker:
    def make(server: site.Site, one: dict[str, Any], turn: int) -> bytes:
        body = {"attempt": one["attempt"], "answers": _some(count, turn)}
        return site.call(server, one["base"] + "answers/", one["cookies"], body)

    return make


def _naive(way: str, count: int) -> Maker:
    def make(server: site.Site, one: dict[str, Any], turn: int) -> bytes:
        body = {"attempt": one["attempt"], "answers": _some(count, turn)}
        path = one["base"].replace("/my/", "/bench/").replace("/exam/", f"/{way}/")
        return site.call(server, path, one["cookies"], body)

    return make


def _some(count: int, turn: int) -> list[dict[str, Any]]:
    return site.taps([1 + (turn * count + n) % QUESTIONS for n in range(count)], turn * count)


def _cost(
    server: site.Site, people: list[dict[str, Any]], rounds: int, make: Maker
) -> tuple[float, float, load.Times]:
    """Return requests a second, milliseconds of server CPU for each, and their times."""

    def go(one: dict[str, Any], turns: range) -> load.Script:
        for turn in turns:
            answer = yield load.Ask("asked", make(server, one, turn))
            assert answer.status == 200, (answer.status, answer.head, answer.body[:300])

    chosen = people[:AT_ONCE]
    load.drive(server.place, [go(one, range(1)) for one in chosen])
    before, base, start = server.cpu(), site.database_cpu(), time.perf_counter()
    times = load.drive(server.place, [go(one, range(1, 1 + rounds)) for one in chosen])["asked"]
    took, count = time.perf_counter() - start, len(times.seconds)
    # Less than a tick cannot be told from nothing.
    used = max(server.cpu() - before + site.database_cpu() - base, TICK)
    return count / took, 1000 * used / count, times


def _make_table() -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(naive_views.TABLE)


def _kept(people: list[dict[str, Any]]) -> bool:
    from exams.models import Answer, Attempt

    return all(
        one["saved"] == QUESTIONS
        and Answer.objects.filter(attempt=one["attempt"]).count() == QUESTIONS
        and Attempt.objects.get(pk=one["attempt"]).answered == QUESTIONS
        for one in people
    )
