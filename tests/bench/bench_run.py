"""The 12-21 run, beside a loop of save() and a bare UPDATE, while people stand at the doors."""

import json
import multiprocessing
import time
from datetime import timedelta
from typing import Any

from tests.bench import bench_exam, load, site
from tests.bench.machine import peak_mb, taken
from tests.bench.report import Report, say
from tests.bench.rows import PASSWORD

SAMPLE = {True: 20, False: 400}
# Offered beside the run: of each so many a second.
OFFERED = {"sign in": 2.0, "save": 20.0, "verify": 20.0}


def run(size: int, quick: bool) -> Report:
    """Return how fast each way disables, and how long people waited meanwhile."""
    from recruitment.models import Staff

    report = Report("run", "the 12-21 run: decide, disable, reason, audit, notice", size, quick)
    naive = _naive(SAMPLE[quick])
    report.side(
        "naive: save() and a commit for each", naive, "accounts/s", note=f"{SAMPLE[quick]} of them"
    )
    batch, prepared = _prepared()
    wanted = batch.items.filter(state="pending").count()
    report.figures["on the list"] = f"{wanted:,}; prepared, frozen and approved in {prepared:.0f} s"
    limit = _limit(batch, "UPDATE recruitment_staff SET supplementary = NOT supplementary WHERE id IN"
                   " (SELECT target_id FROM batches_batchitem WHERE batch_id = %s AND state = 'pending')", wanted)  # fmt: skip
    report.side("limit: bare UPDATE of one narrow column", limit, "accounts/s")
    with site.site() as server:
        done, memory, waits = _with_people(server, batch, quick)
    seconds = done["seconds"]
    report.side("product, people at the doors", wanted / seconds, "accounts/s", seconds=seconds,
                peak_mb=memory["late"], note=f"{seconds:.0f} s in all, first look {done['begin']:.0f} s, rests {done['rested']:.0f} s")  # fmt: skip
    report.at_least("product / naive", wanted / seconds / naive, 30)
    report.at_least("product / bare UPDATE", wanted / seconds / limit, 0.02)
    growth = memory["late"] / max(memory["early"], 1)
    report.figures["memory of the worker, early and at the end"] = (
        f"{memory['early']:.0f}, {memory['late']:.0f} MB"
    )
    report.at_most("memory at the end / early", growth, 1.25)
    _doors(report, waits)
    _true(report, batch, wanted, Staff)
    return report


def _naive(count: int) -> float:
    """Disable so many people as it is usually written, on the product's own tables; per second."""
    from django.db import transaction
    from django.utils import timezone

    from census_staff.accounts.scope import System
    from census_staff.audit.acting import acting
    from census_staff.correspondence.models import Notice
    from exams.models import Attempt
    from recruitment.models import AccessOrder, Exemption, Staff

    clock, at, made = System("naive"), timezone.now(), 0
    rows = Staff.objects.filter(access="enabled").order_by("-pk")
    start = time.perf_counter()
    for staff in rows.select_related("person", "census").iterator(chunk_size=100):
        sat = Attempt.objects.filter(
            person=staff.person,
            census=staff.census,
            role=staff.role,
            mode="online",
            state="submitted",
            answered__gt=0,
            void=None,
        )
        if (
            sat.exists()
            or Exemption.objects.filter(staff=staff, approved_at__isnull=False).exists()
        ):
            continue
        with transaction.atomic(), acting(clock, reason="run"):
            staff = Staff.objects.select_for_update(of=("self",)).get(pk=staff.pk)
            staff.access, staff.moves = "disabled", staff.moves + 1
            staff.save()
            AccessOrder.objects.create(
                staff=staff,
                kind="disable",
                reason="run",
                standards=["sat_online"],
                made_by="system:naive",
                made_at=at,
            )
            Notice.objects.create(
                kind="run_disabled",
                person=staff.person,
                census=staff.census,
                office_id=staff.office_id,
                due_at=at,
            )
        made += 1
        if made == count:
            break
    return made / (time.perf_counter() - start)


def _prepared() -> tuple[Any, float]:
    """Return an approved run over everybody that is due now, and how long that took."""
    from django.utils import timezone

    from census_staff.accounts.models import Posting
    from census_staff.batches.models import Batch
    from census_staff.censuses.models import Census
    from recruitment.compliance import steps
    from tests.standing import move_times

    _nobody_sits()
    start = time.perf_counter()
    people = {
        p.role: p.user for p in Posting.objects.filter(office__code="00").select_related("user")
    }
    steward, approver = people["city_steward"], people["city_approver"]
    batch = steps.freeze(steps.prepare(actor=steward, census=Census.objects.get()), actor=steward)
    steps.approve(batch, actor=approver, typed=batch.items.filter(state="pending").count())
    at = timezone.now() - timedelta(seconds=1)
    move_times(deadline_at=at, execute_at=at)
    Batch.objects.filter(pk=batch.pk).update(due_at=at)
    batch.refresh_from_db()
    return batch, time.perf_counter() - start


def _nobody_sits() -> None:
    """Hand in what an earlier quick bench left open: who sits is put off by the run, rightly."""
    from exams.models import Attempt
    from exams.services import grade

    for pk, person in Attempt.objects.filter(state="open").values_list("pk", "person_id"):
        grade._hand_in(pk, person, actor=grade.CLOCK, by=grade.ClosedBy.CLOCK)


def _limit(batch: Any, statement: str, wanted: int) -> float:
    """Return how many rows a second the bare statement changes, its triggers asleep; undone after."""
    from django.db import connections, transaction

    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE recruitment_staff DISABLE TRIGGER USER")
        start = time.perf_counter()
        cursor.execute(statement, [batch.pk])
        took = time.perf_counter() - start
        transaction.set_rollback(True, using="owner")
    connections["owner"].close()
    return wanted / took


def _with_people(
    server: site.Site, batch: Any, quick: bool
) -> tuple[dict[str, float], dict[str, float], dict[str, load.Times]]:
    """Carry the run while people sign in, save answers and scan cards."""
    from census_staff.batches import runner
    from census_staff.batches.kinds import kind_of
    from census_staff.batches.pace import Pace
    from census_staff.celery import give_way

    crowd = Crowd(server, quick)
    memory: dict[str, float] = {}
    crowd.start()
    # From here on we are what a worker's process is.
    give_way()
    time.sleep(0.5 if quick else 3.0)
    done: dict[str, float] = {}
    with taken() as whole:
        left = runner._begin(batch.pk)
        done["begin"] = whole_so_far = time.perf_counter() - crowd.began
        assert left.state == "running", (left.state, left.stop_code, left.report)
        chunks, told, rested, pace = 0, time.monotonic(), 0.0, Pace()
        while left.state == "running":
            with pace.chunk():
                left, moved = runner._next_chunk(batch.pk)
            assert moved, "The run stands still."
            rested += pace.rest(kind_of(left), moved)
            chunks += 1
            memory.setdefault("first", peak_mb())
            if chunks == 20:
                memory["early"] = peak_mb()
            if time.monotonic() - told > 15:
                told = time.monotonic()
                say(f"  run: {chunks:,} chunks, {peak_mb():.0f} MB")
    memory.setdefault("early", peak_mb())
    memory["late"] = peak_mb()
    done["seconds"] = whole.seconds
    done["begin"] = whole_so_far
    done["rested"] = rested
    return done, memory, crowd.stop()


class Crowd:
    """People at the doors, in a process of their own."""

    def __init__(self, server: site.Site, quick: bool) -> None:
        from credentials.models import Card

        # People of the list who sit now would, rightly, be put off until they are done.
        people = bench_exam.sitting_people(4 if quick else 40, again=True)
        bench_exam.start_attempts(server, people)
        tokens = list(Card.objects.order_by("pk").values_list("token", flat=True)[:500])
        ours, theirs = multiprocessing.get_context("fork").Pipe()
        self.line, self.began = ours, 0.0
        arguments = (server.place, server.name, people, tokens, theirs)
        self.process = multiprocessing.get_context("fork").Process(target=stand, args=arguments)

    def start(self) -> None:
        """Let them come."""
        self.process.start()
        self.began = time.perf_counter()

    def stop(self) -> dict[str, load.Times]:
        """Send them home and return how long each of them waited."""
        self.line.send("over")
        found: dict[str, load.Times] = self.line.recv()
        self.process.join()
        return found


def stand(
    place: tuple[str, int], name: str, people: list[dict[str, Any]], tokens: list[str], line: Any
) -> None:
    """Offer requests at even steps until somebody says that it is over."""
    start = time.perf_counter()

    def over() -> bool:
        return bool(line.poll())

    def at(kind: str, turn: int) -> float:
        return start + turn / OFFERED[kind]

    def save(first: int) -> load.Script:
        turn, one = first, people[first % len(people)]
        while not over():
            body = json.dumps(
                {"attempt": one["attempt"], "answers": site.taps([1 + turn % 50], turn)}
            ).encode()
            data = load.post(
                one["base"] + "answers/",
                name,
                body,
                kind="application/json",
                cookies=one["cookies"],
                token=site.CSRF,
            )
            yield load.Ask("save", data, at("save", turn))
            turn += len(people)

    def verify(first: int) -> load.Script:
        for turn in range(first, 10**9, 8):
            yield load.Ask(
                "verify", load.get(f"/v/{tokens[turn % len(tokens)]}", name), at("verify", turn)
            )

    scripts = [save(n) for n in range(len(people))] + [verify(n) for n in range(8)]
    scripts += [sign_in(name, n, 4, lambda turn: at("sign in", turn)) for n in range(4)]
    line.send(load.drive(place, scripts, until=over))


def sign_in(name: str, first: int, step: int, at: Any, most: int = 10**9) -> load.Script:
    """Sign in one account after another, each by a browser that is new."""
    from django.conf import settings

    cookies = f"{settings.CSRF_COOKIE_NAME}={site.CSRF}"
    for turn in range(first, most, step):
        body = f"name=field-{turn + 1}&password={PASSWORD}&next=".encode()
        kind = "application/x-www-form-urlencoded"
        data = load.post("/sign-in/", name, body, kind=kind, cookies=cookies, token=site.CSRF)
        answer = yield load.Ask("sign in", data, at(turn))
        # 503: more people stand at the door than a loaded machine lets in; the bench tells of it.
        if answer.status not in (302, 503):
            raise AssertionError((answer.status, answer.body[-800:].decode()))


def _doors(report: Report, waits: dict[str, load.Times]) -> None:
    for kind, times in waits.items():
        worst = times.quantile(1.0)
        report.figures[f"{kind} meanwhile"] = (
            f"{len(times.seconds):,} answers, p50 {1000 * times.quantile(0.5):.0f} p99 {1000 * times.quantile(0.99):.0f}"
            f" p99.9 {1000 * times.quantile(0.999):.0f} longest {1000 * worst:.0f} ms, {times.statuses}"
        )
    everything = load.Times([each for times in waits.values() for each in times.seconds])
    report.at_most(
        "99.9 % of all at the doors answered within, seconds", everything.quantile(0.999), 0.25
    )
    report.holds(
        "everybody at the doors was let in",
        all(set(times.statuses) <= {200, 302, 404} for times in waits.values()),
    )
    report.at_most("longest wait at a door, seconds", everything.quantile(1.0), 1.0)


def _true(report: Report, batch: Any, wanted: int, staff: Any) -> None:
    from census_staff.audit.models import Entry
    from census_staff.correspondence.models import Notice
    from recruitment.models import AccessOrder

    batch.refresh_from_db()
    done = batch.items.filter(state="done").count()
    spared = batch.items.filter(state="spared").count()
    report.holds(
        "the run is done and its items are all of the list",
        batch.state == "done" and done + spared == wanted,
    )
    audited = Entry.objects.filter(batch_id=batch.pk, event="access", new="disabled").count()
    orders = AccessOrder.objects.filter(batch_id=batch.pk).count()
    told = Notice.objects.filter(batch_id=batch.pk, kind="run_disabled").count()
    report.holds(
        "one audit row, one order, one notice for each", audited == orders == told == done > 0
    )
    shut = staff.objects.filter(access="disabled", orders__batch_id=batch.pk).count()
    report.holds("exactly these accounts are shut", shut == done)
