"""Kill -9 of the worker in the middle of the run, while people pass the exam at the same time."""

import os
import random
import signal
import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.batches.models import Batch
from census_staff.batches.tasks import poll, wake
from census_staff.censuses.models import Census
from census_staff.correspondence.models import Notice
from census_staff.embedded.children import Child
from census_staff.people.models import Person
from recruitment.compliance import steps
from recruitment.lifecycle import ACCESS, SERVICE
from recruitment.models import AccessOrder, Staff
from tests.processes import child, kill, running, wait_until
from tests.standing import World, make_person, move_times, sit

PEOPLE = 600
# Kills of the working process between two kills of the whole worker.
HANDS = 3


@pytest.fixture
def approved(transactional_db: None) -> Batch:
    """Give an approved run of PEOPLE that is due now."""
    world = World()
    Census.objects.update(run_cap_percent=100)
    for _n in range(PEOPLE):
        world.staff(person=make_person())
    county = world.user(Role.COUNTY_REVIEWER)
    SERVICE.advance(Staff.objects.all(), "appoint", actor=county)
    ACCESS.advance(Staff.objects.all(), "activate", actor=county)
    steward = world.user(Role.CITY_STEWARD)
    census = Census.objects.get()
    batch = steps.freeze(steps.prepare(actor=steward, census=census), actor=steward)
    steps.approve(batch, actor=world.user(Role.CITY_APPROVER), typed=PEOPLE)
    at = timezone.now()
    move_times(deadline_at=at, execute_at=at)
    Batch.objects.update(due_at=at)
    return batch


class Passers(threading.Thread):
    """People who hand in an exam while the run goes on, as the exam does: the person locked first."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()
        self.passed: dict[int, bool] = {}

    def run(self) -> None:
        keys = list(Staff.objects.values_list("pk", flat=True))
        random.shuffle(keys)
        for pk in keys:
            if self.over.wait(0.01):
                break
            with transaction.atomic():
                staff = Staff.objects.select_related("person", "census", "office").get(pk=pk)
                Person.objects.filter(pk=staff.person_id).lock()
                sit(staff, score=90)
                # Whether the run had come to them before, as it stood under the lock.
                staff.refresh_from_db()
                self.passed[pk] = staff.access == "disabled"
        connections.close_all()


def is_in_a_chunk() -> bool:
    """True while a worker's transaction holds the batch."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'batches_batch'::regclass"
            " AND mode = 'RowShareLock' AND pid <> pg_backend_pid())"
        )
        return bool(cursor.fetchone()[0])


def slow_worker() -> AbstractContextManager[Child]:
    arguments = ("--concurrency", "1", "--loglevel", "WARNING", "--without-mingle")
    return running(
        child("worker", "celery", "--app", "tests.faults.small_chunks", "worker", *arguments)
    )


def kill_hand(worker: Child) -> None:
    """Kill the process that does the work; Celery puts another in its place and rings again."""
    assert worker.process
    pid = worker.process.pid
    for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        os.kill(int(one), signal.SIGKILL)


def left(batch: Batch) -> int:
    return batch.items.filter(state="pending").count()


def killed_often(batch: Batch) -> tuple[int, int]:
    """Kill hands and whole workers while the run goes on; return how many, and how many inside."""
    kills = inside = 0
    for deaths in (HANDS, HANDS):
        with slow_worker() as worker:
            wake.delay(batch.pk)
            for death in range(deaths + 1):
                before = left(batch)
                wait_until(lambda n=before: left(batch) < n, log=worker.log)
                time.sleep(random.uniform(0.0, 0.12))
                inside += is_in_a_chunk()
                (kill_hand if death < deaths else kill)(worker)
                kills += 1
    return kills, inside


def test_a_run_killed_again_and_again_disables_each_due_account_once_and_no_other(approved, capsys):
    batch = approved
    people = Passers()
    people.start()
    kills, inside = killed_often(batch)
    assert left(batch), "The run was over before the last kill."
    people.over.set()
    people.join()
    with slow_worker() as worker:
        # Nobody rings again: the poller finds what the dead left behind.
        Batch.objects.update(heartbeat_at=None)
        poll.delay()
        wait_until(lambda: Batch.objects.get(pk=batch.pk).state == "done", log=worker.log)
    with capsys.disabled():
        print(f" [{kills} kills, {inside} inside a transaction] ", end="")  # noqa: T201
    verify(batch, people.passed)
    assert inside


def verify(batch: Batch, passed: dict[int, bool]) -> None:
    """Hold that each due account was disabled exactly once, with one audit row, and no other."""
    spared = {pk for pk, was_disabled in passed.items() if not was_disabled}
    disabled = set(Staff.objects.filter(access="disabled").values_list("pk", flat=True))
    everybody = set(Staff.objects.values_list("pk", flat=True))
    assert disabled == everybody - spared
    rows = list(
        Entry.objects.filter(event="access", new="disabled").values_list("subject_id", flat=True)
    )
    assert sorted(rows) == sorted(disabled)
    orders = list(AccessOrder.objects.values_list("staff_id", flat=True))
    assert sorted(orders) == sorted(disabled)
    done = set(batch.items.filter(state="done").values_list("target_id", flat=True))
    assert done == disabled
    assert Notice.objects.filter(kind="run_disabled").count() == len(disabled)
    batch.refresh_from_db()
    assert batch.report["totals"] == {
        state: n for state, n in (("done", len(disabled)), ("spared", len(spared))) if n
    }
    assert sum(batch.report["totals"].values()) == PEOPLE
    assert set(Staff.objects.filter(pk__in=disabled).values_list("moves", flat=True)) == {3}
