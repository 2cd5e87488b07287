"""Work that fails at one place: tried in smaller pieces, given up in words, gone on with when mended."""

import errno
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.audit.acting import acting
from census_staff.batches import services, tries
from census_staff.batches.kinds import Result
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.runner import run
from census_staff.batches.states import ItemState
from census_staff.batches.tasks import poll
from tests.standing import TESTS, World

pytestmark = pytest.mark.django_db


class Failing:
    """A kind that fails at one place, in a way of the test's choosing."""

    chunk, view_action, start_action = 1000, "batch.view", "run.prepare"
    approve_action, can_undo, own_page = "run.approve", True, False
    sizes: list[int] = []
    fails_at: int | None = None
    fault: Exception = RuntimeError("power cut")

    def word(self, code: str) -> str:
        return code

    def actor(self, batch: Batch) -> Any:
        return TESTS

    def begin(self, batch: Batch, at: datetime) -> None:
        return

    def work(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        self.sizes.append(len(items))
        if any(item.target_id == self.fails_at for item in items):
            raise self.fault
        return [Result(item.pk, ItemState.DONE) for item in items]

    def finish(self, batch: Batch, at: datetime) -> dict[str, Any]:
        return {}

    def undo(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        return [Result(item.pk, ItemState.UNDONE) for item in items]


@pytest.fixture(autouse=True)
def failing(settings: Any) -> type[Failing]:
    settings.BATCH_KINDS = {"failing": f"{__name__}.Failing"}
    Failing.sizes, Failing.fails_at, Failing.fault = [], None, RuntimeError("power cut")
    return Failing


def begun(world: World, count: int, *, first: int = 0) -> Batch:
    maker = world.user(Role.CITY_STEWARD)
    with acting(maker, reason="preview"):
        batch = Batch.objects.create(
            kind="failing", census=world.census, office=world.city, made_by=maker
        )
    BatchItem.objects.bulk_create(
        BatchItem(batch=batch, position=n, target_id=first + n) for n in range(count)
    )
    services.start(batch, actor=maker)
    return batch


def run_until_stopped(batch: Batch) -> int:
    """Return how often the work failed before it was given up."""
    for faults in range(60):
        try:
            run(batch.pk)
        except RuntimeError:
            # As if a minute had passed.
            Batch.objects.update(heartbeat_at=timezone.now() - tries.STUBBORN)
            continue
        return faults
    raise AssertionError("It is never given up.")


def test_what_fails_is_found_alone_and_given_up_and_all_before_it_is_done(world):
    batch = begun(world, 30)
    Failing.fails_at = 3

    faults = run_until_stopped(batch)

    batch.refresh_from_db()
    assert (batch.state, batch.stop_code) == ("stopped", tries.KEEPS_FAILING)
    assert Failing.sizes[-1] == 1 and faults <= tries.TRIES + 3
    done = batch.items.filter(state="done").values_list("target_id", flat=True)
    assert sorted(done) == [0, 1, 2]


def test_once_the_cause_is_mended_the_work_goes_on_from_its_page_in_whole_chunks(world):
    batch = begun(world, 2500)
    Failing.fails_at = 1
    run_until_stopped(batch)
    Failing.fails_at, Failing.sizes[:] = None, []

    services.resume(Batch.objects.get(pk=batch.pk), actor=world.user(Role.CITY_STEWARD))
    run(batch.pk)

    batch.refresh_from_db()
    assert (batch.state, batch.stop_code) == ("done", "")
    assert batch.report["totals"] == {"done": 2500} and "tries" not in batch.report
    assert Failing.sizes == [1000, 1000, 499]


def test_after_some_deaths_the_chunks_grow_again(world):
    batch = begun(world, 2500)
    Batch.objects.update(report={"tries": 4})

    run(batch.pk)

    assert Failing.sizes == [1, 10, 100, 1000, 1000, 389]


def test_workers_that_die_of_something_else_do_not_end_the_work_within_a_minute(world):
    batch = begun(world, 5)
    Failing.fails_at = 0
    for _death in range(3 * tries.TRIES):
        with pytest.raises(RuntimeError):
            run(batch.pk)
    assert Batch.objects.get(pk=batch.pk).state == "running"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_where_the_disk_is_full_the_work_stops_at_once_and_says_so(world, number):
    batch = begun(world, 5)
    Failing.fails_at, Failing.fault = 0, OSError(number, "full")

    run(batch.pk)

    batch.refresh_from_db()
    assert (batch.state, batch.stop_code) == ("stopped", tries.NO_ROOM)
    assert not batch.items.exclude(state="pending").exists()
    Failing.fails_at = None
    services.resume(batch, actor=world.user(Role.CITY_STEWARD))
    assert run(batch.pk).state == "done"


def test_work_that_fails_keeps_no_other_work_waiting(world):
    bad, good = begun(world, 1), begun(world, 1, first=100)
    Failing.fails_at = 0

    poll()

    assert Batch.objects.get(pk=bad.pk).state == "running"
    assert Batch.objects.get(pk=good.pk).state == "done"
