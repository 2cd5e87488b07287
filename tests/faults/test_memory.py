"""A worker that the kernel kills for its size: others go on, and the cause is given up in words."""

import os
import signal
import threading
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.batches import tries
from census_staff.batches.models import Batch
from census_staff.batches.tasks import wake
from census_staff.embedded.children import Child
from recruitment import roster, uploads
from recruitment.models import RosterFile, Staff
from recruitment.roster_columns import roster_workbook
from recruitment.roster_commit import confirm
from recruitment.roster_tasks import read_uploads
from tests.faults.duties import hands, is_done
from tests.hostile.watching import held
from tests.processes import wait_until
from tests.recruitment.rosters import line, upload
from tests.standing import World

# The row at fault, counted from none.
ROWS, BAD = 12, 1
LARGE_MIB = 300
# With all rows, with all but the first, and alone.
DEATHS = 3


class Kernel(threading.Thread):
    """Kills the hands of a worker that have grown too large, as a machine without memory does."""

    def __init__(self, worker: Child) -> None:
        super().__init__(daemon=True)
        assert worker.process
        self.pid, self.over, self.killed = worker.process.pid, threading.Event(), 0

    def run(self) -> None:
        while not self.over.wait(0.05):
            try:
                children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            except OSError:
                return
            for hand in children:
                self._look_at(hand)

    def _look_at(self, hand: str) -> None:
        try:
            if held(hand) > LARGE_MIB:
                os.kill(int(hand), signal.SIGKILL)
                self.killed += 1
        except (OSError, StopIteration):
            return


def waiting_file(world: World, user: object, name: str) -> RosterFile:
    """Return an upload that waits to be read by the worker."""
    data = roster_workbook([line(), line()])
    return roster.take_in([data], name=name, census=world.census, office=world.township, actor=user)


@pytest.mark.django_db(transaction=True)
def test_what_kills_its_worker_again_and_again_is_given_up_in_words_and_others_go_on(monkeypatch):
    world = World()
    clerk = world.user(Role.TOWNSHIP_CLERK)
    bad = confirm(upload(world, [line() for _ in range(ROWS)], clerk), actor=clerk)
    good = confirm(upload(world, [line() for _ in range(ROWS)], clerk), actor=clerk)
    poison = bad.items.order_by("position")[BAD]
    monkeypatch.setenv("HUNGRY_ROW", str(poison.target_id))
    monkeypatch.setenv("HUNGRY_FILE", "毒.xlsx")
    hungry, sound = waiting_file(world, clerk, "毒.xlsx"), waiting_file(world, clerk, "好.xlsx")

    with hands("hungry", app="tests.faults.hungry", concurrency=3) as worker:
        kernel = Kernel(worker)
        kernel.start()
        read_uploads.delay()
        wake.delay(bad.pk)
        wake.delay(good.pk)
        wait_until(lambda: is_done(good), log=worker.log)
        wait_until(lambda: Batch.objects.get(pk=bad.pk).state == "stopped", 60, log=worker.log)
        wait_until(lambda: RosterFile.objects.get(pk=hungry.pk).reading == "unreadable", 60)
        wait_until(lambda: RosterFile.objects.get(pk=sound.pk).reading == "read", log=worker.log)
        kernel.over.set()
        kernel.join()

    # So many times whole and alone, and never again; the file as often as any file is tried.
    assert kernel.killed == DEATHS + uploads.TRIES
    hold_what_was_done(bad, poison.pk)
    seen = Client()
    seen.force_login(clerk)
    hungry.refresh_from_db()
    page = seen.get(reverse("roster_file", args=[hungry.pk])).content.decode()
    assert hungry.refusal in page and hungry.refusal
    told = RosterFile.objects.get(batch=bad)
    for where in (reverse("roster_file", args=[told.pk]), reverse("batch_detail", args=[bad.pk])):
        assert "同一处多次处理失败" in seen.get(where).content.decode()

    # With the cause mended, whoever started it lets it go on from the page.
    seen.post(reverse("batch_deed", args=[bad.pk, "resume"]))
    monkeypatch.setenv("HUNGRY_ROW", "0")
    with hands("mended", app="tests.faults.hungry") as worker:
        wait_until(lambda: is_done(bad), log=worker.log)
    bad.refresh_from_db()
    assert bad.report["totals"] == {"done": ROWS} and Staff.objects.count() == 2 * ROWS


def hold_what_was_done(batch: Batch, poison: int) -> None:
    """Hold that what came before the cause is done once, and the cause and what follows not at all."""
    batch.refresh_from_db()
    assert (batch.state, batch.stop_code) == ("stopped", tries.KEEPS_FAILING)
    states = Counter(batch.items.values_list("state", flat=True))
    assert states == {"done": BAD, "pending": ROWS - BAD}
    assert batch.items.get(pk=poison).state == "pending"
    births = Entry.objects.filter(
        subject="recruitment_staff", event="service", old="", batch_id=batch.pk
    )
    assert births.count() == BAD
