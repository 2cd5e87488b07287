"""Counties write the same person at once, and a roster is written by two workers at once."""

import os
import random
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from django.db import connection

from census_staff.accounts.roles import Role
from census_staff.batches.models import Batch
from census_staff.batches.runner import run
from census_staff.people.models import Person
from recruitment.models import Staff
from recruitment.roster_commit import confirm
from tests.recruitment.rosters import line, upload
from tests.standing import World

WORKER = """
import django; django.setup()
from census_staff.batches.runner import run
from recruitment.roster_commit import RosterKind
RosterKind.chunk = 20
print("ready", flush=True)
run({batch})
"""


def worker(batch: int) -> subprocess.Popen[bytes]:
    """Return a process that carries the batch, just before it begins."""
    started = subprocess.Popen(
        [sys.executable, "-c", WORKER.format(batch=batch)],
        env=os.environ.copy(),
        stdout=subprocess.PIPE,
    )
    assert started.stdout is not None and started.stdout.readline() == b"ready\n"
    return started


@pytest.mark.django_db(transaction=True)
def test_two_counties_that_write_the_same_people_at_once_make_each_one_once() -> None:
    world = World()
    mine = [line() for _ in range(60)]
    theirs = [replace(row, office_code="341522100") for row in mine]
    random.Random(3).shuffle(theirs)
    batches = [
        confirm(upload(world, rows, user, office), actor=user).pk
        for rows, office in ((mine, world.township), (theirs, world.other_township))
        for user in [world.user(Role.TOWNSHIP_CLERK, office)]
    ]

    def carry(key: int) -> None:
        run(key)
        connection.close()

    threads = [threading.Thread(target=carry, args=[key]) for key in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Person.objects.count() == Staff.objects.count() == 60
    reports = [Batch.objects.get(pk=key).report for key in batches]
    assert sorted(report["created"] for report in reports) == [0, 60]
    assert {"serves_elsewhere": 60} in [report["reasons"] for report in reports]


@pytest.mark.django_db(transaction=True)
def test_a_batch_fired_twice_at_once_is_written_once() -> None:
    world = World()
    clerk = world.user(Role.TOWNSHIP_CLERK)
    batch = confirm(upload(world, [line() for _ in range(80)], clerk), actor=clerk)

    processes = [worker(batch.pk), worker(batch.pk)]
    for process in processes:
        assert process.wait(60) == 0

    assert Staff.objects.count() == 80
    assert Batch.objects.get(pk=batch.pk).report["created"] == 80
