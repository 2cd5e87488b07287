"""Twenty sign-ins a second beside two hundred saves a second: what the saves feel of it."""

import time
from typing import Any

from tests.bench import bench_exam, load, site
from tests.bench.bench_run import sign_in
from tests.bench.report import Report

SAVES, SIGN_INS = 200.0, 20.0
SECONDS = {True: 2.0, False: 60.0}
PEOPLE = {True: 10, False: 200}
BROWSERS = 40


def run(size: int, quick: bool) -> Report:
    """Return the times of saves alone and beside sign-ins."""
    report = Report("signin", "20 sign-ins a second beside 200 saves a second", size, quick)
    people = bench_exam.sitting_people(PEOPLE[quick])
    seconds = SECONDS[quick]
    saves = 20.0 if quick else SAVES
    with site.site() as server:
        bench_exam.start_attempts(server, people)
        _offer(server, people, 1.0 if quick else 5.0, saves, 0.0)
        alone = _offer(server, people, seconds, saves, 0.0)["save"]
        both = _offer(server, people, seconds, saves, 4.0 if quick else SIGN_INS)
        again = _offer(server, people, seconds, saves, 0.0)["save"]
        only = _offer(server, people, seconds / 4, 0.0, 4.0 if quick else SIGN_INS)["sign in"]
        peak = server.peak()
    beside, signed = both["save"], both["sign in"]
    for name, times in (
        ("saves alone", alone),
        ("saves beside sign-ins", beside),
        ("saves alone again", again),
        ("sign-ins beside saves", signed),
        ("sign-ins alone", only),
    ):
        rate = len(times.seconds) / (seconds / 4 if name == "sign-ins alone" else seconds)
        note = f"p50 {1000 * times.quantile(0.5):.1f} p99 {1000 * times.quantile(0.99):.1f} longest {1000 * times.quantile(1):.0f} ms"
        report.side(name, rate, "a second", peak_mb=peak, note=note)
    # The better of two: a pause of the disk in the one must not make the sign-ins look harmless.
    quiet = min(alone.quantile(0.99), again.quantile(0.99))
    report.at_most("p99 of saves beside sign-ins / alone", beside.quantile(0.99) / quiet, 2)
    report.holds(
        "every save and every sign-in was let in",
        set(beside.statuses) == {200} and set(signed.statuses) == {302},
    )
    report.holds("argon2id: 19 MiB, two passes, one lane", _hasher() == (19_456, 2, 1))
    return report


def _offer(
    server: site.Site, people: list[dict[str, Any]], seconds: float, saves: float, sign_ins: float
) -> dict[str, load.Times]:
    """Offer so many of each a second for so long, and return how long they took."""
    start = time.perf_counter() + 0.1
    offset = getattr(_offer, "signed", 0)

    def save(first: int) -> load.Script:
        one = people[first]
        for turn in range(first, int(seconds * saves), len(people)):
            body = {"attempt": one["attempt"], "answers": site.taps([1 + turn % 50], turn)}
            data = site.call(server, one["base"] + "answers/", one["cookies"], body)
            yield load.Ask("save", data, start + turn / saves)

    count = int(seconds * sign_ins)
    scripts = [save(n) for n in range(len(people))] if saves else []
    scripts += [
        sign_in(
            server.name,
            offset + n,
            BROWSERS,
            lambda turn: start + (turn - offset) / sign_ins,
            offset + count,
        )
        for n in range(min(BROWSERS, count))
    ]
    _offer.signed = offset + count  # type: ignore[attr-defined]
    return load.drive(server.place, scripts)


def _hasher() -> tuple[int, int, int]:
    from census_staff.accounts.hashers import Argon2idHasher

    return Argon2idHasher.memory_cost, Argon2idHasher.time_cost, Argon2idHasher.parallelism
