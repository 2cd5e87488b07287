"""The public page against a whole-row ORM view and a bare function, at random tokens."""

import os
import random
import time
from typing import Any

from tests.bench import load, site
from tests.bench.report import Report

BROWSERS = 16
SECONDS = {True: 0.7, False: 8.0}
ROUNDS = {True: 1, False: 3}
NAIVE = "tests.bench.naive:application"


def run(size: int, quick: bool) -> Report:
    """Return what the three sides serve in a second."""
    from credentials.models import Card

    tokens = _tokens(2_000 if quick else 20_000)
    report = Report(
        "verify",
        "GET /v/<token>, one worker, half of the tokens garbage",
        Card.objects.count(),
        quick,
    )
    sides = (
        (
            "naive",
            "whole-row ORM view, full middleware",
            "tests.bench.naive:application",
            "/bench/v/",
        ),
        ("product", "product", "tests.bench.naive:application", "/v/"),
        ("bare", "bare WSGI, one look-up", "tests.bench.bare_verify:application", "/v/"),
    )
    best: dict[str, dict[str, Any]] = {}
    for _round in range(ROUNDS[quick]):
        for key, _name, application, path in sides:
            before = _written()
            found = _serve(application, path, tokens, SECONDS[quick])
            found["written"] = _written() - before
            if found["rate"] > best.get(key, {"rate": 0})["rate"]:
                best[key] = found
    for key, name, _application, _path in sides:
        one = best[key]
        report.side(
            name, one["rate"], "pages/s", peak_mb=one["peak"],
            note=f"p50 {one['p50']:.1f} ms, p99 {one['p99']:.1f} ms, CPU {one['cpu']:.0f} µs a page",
        )  # fmt: skip
    report.at_least("product / naive", best["product"]["rate"] / best["naive"]["rate"], 2.5)
    report.at_least("product / bare", best["product"]["rate"] / best["bare"]["rate"], 0.25)
    # The browsers of the bench are in Python too: beside a bare function they may be what is slow.
    report.at_least(
        "bare / product, CPU of the worker", best["bare"]["cpu"] / best["product"]["cpu"], 0.25
    )
    report.holds("no row is written by a scan", best["product"]["written"] == 0)
    report.holds("a token whose tag is wrong costs no SQL", _questions(tokens[1]) == 0)
    report.holds("a genuine token costs one question", _questions(tokens[0]) == 1)
    return report


def _tokens(count: int) -> list[str]:
    """Return genuine and altered tokens in turn."""
    from credentials.models import Card

    last = Card.objects.order_by("pk").last()
    assert last
    keys = random.Random(7).choices(range(1, last.pk + 1), k=count // 2)
    found = dict(Card.objects.filter(pk__in=keys).values_list("pk", "token"))
    genuine = [found[key] for key in keys if key in found]
    return [each for token in genuine for each in (token, token[::-1])]


def _serve(application: str, path: str, tokens: list[str], seconds: float) -> dict[str, Any]:
    with site.site(application) as server:
        os.sched_setaffinity(server.process.pid, {0})
        for pid in site.machine.family(server.process.pid):
            for task in os.listdir(f"/proc/{pid}/task"):
                os.sched_setaffinity(int(task), {0})
        _drive(server, path, tokens, min(seconds / 4, 1.0))
        before, start = server.cpu(), time.perf_counter()
        times = _drive(server, path, tokens, seconds)
        took, count = time.perf_counter() - start, len(times.seconds)
        assert set(times.statuses) == {200, 404}, times.statuses
        return {
            "rate": count / took,
            "p50": 1000 * times.quantile(0.5),
            "p99": 1000 * times.quantile(0.99),
            "cpu": 1e6 * (server.cpu() - before) / count,
            "peak": server.peak(),
        }


def _drive(server: site.Site, path: str, tokens: list[str], seconds: float) -> load.Times:
    end = time.perf_counter() + seconds

    def browser(first: int) -> load.Script:
        place = first * 7919
        while time.perf_counter() < end:
            token = tokens[place % len(tokens)]
            yield load.Ask("verify", load.get(path + token, server.name))
            place += 1

    return load.drive(server.place, [browser(n) for n in range(BROWSERS)])["verify"]


def _written() -> int:
    """Return how many rows have been written in this database since it was made."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables")
        return int(cursor.fetchone()[0])


def _questions(token: str) -> int:
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS.append("testserver")
    # A question is planned once for each connection.
    Client().get(f"/v/{token}")
    with CaptureQueriesContext(connection) as asked:
        Client().get(f"/v/{token}")
    return len(asked)
