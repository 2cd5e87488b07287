"""Bulk work: begun once, resumed where it died, stopped when its kind says so, undone by two."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.audit.acting import acting
from census_staff.batches import services
from census_staff.batches.kinds import Result
from census_staff.batches.lifecycle import BATCH
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.runner import run, totals
from census_staff.batches.states import ItemState
from census_staff.lib.errors import Refused
from tests.standing import TESTS, World


class Counting:
    """A kind that notes what it was given, and dies or stops when told to."""

    chunk, view_action, start_action = 2, "batch.view", "run.prepare"
    approve_action, can_undo, own_page = "run.approve", True, False
    worked: list[int] = []
    dies_at: int | None = None
    stops = False

    def word(self, code: str) -> str:
        return code

    def actor(self, batch: Batch) -> Any:
        return TESTS

    def begin(self, batch: Batch, at: datetime) -> None:
        if self.stops:
            raise Refused("over_cap", "Too many.", details={"341524": 60})

    def work(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        if any(item.position == self.dies_at for item in items):
            raise RuntimeError("power cut")
        self.worked.extend(item.target_id for item in items)
        return [Result(item.pk, ItemState.DONE, before={"was": item.target_id}) for item in items]

    def finish(self, batch: Batch, at: datetime) -> dict[str, Any]:
        return {"seen": len(self.worked)}

    def undo(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        return [Result(item.pk, ItemState.UNDONE) for item in items]


@pytest.fixture(autouse=True)
def counting(settings: Any) -> Iterator[type[Counting]]:
    settings.BATCH_KINDS = {"counting": f"{__name__}.Counting"}
    import sys

    sys.modules.setdefault(__name__, sys.modules[Counting.__module__])
    Counting.worked, Counting.dies_at, Counting.stops = [], None, False
    yield Counting


def make(world: World, n: int = 5, **more: Any) -> Batch:
    """Return a preview of `n` items."""
    maker = world.user(Role.CITY_STEWARD)
    with acting(maker, reason="preview"):
        batch = Batch.objects.create(
            kind="counting", census=world.census, office=world.city, made_by=maker, **more
        )
    BatchItem.objects.bulk_create(
        BatchItem(batch=batch, position=i, target_id=100 + i) for i in range(n)
    )
    return batch


def test_work_is_done_in_order_and_counted_from_its_items(world: World) -> None:
    batch = make(world)
    services.start(batch, actor=world.user(Role.CITY_STEWARD))

    done = run(batch.pk)

    assert done.state == "done"
    assert Counting.worked == [100, 101, 102, 103, 104]
    assert done.report == {"seen": 5, "totals": {"done": 5}}


def test_a_run_that_died_goes_on_where_it_was(world: World) -> None:
    batch = make(world)
    services.start(batch, actor=world.user(Role.CITY_STEWARD))
    Counting.dies_at = 3
    with pytest.raises(RuntimeError), transaction.atomic():
        run(batch.pk)
    Counting.dies_at = None

    run(batch.pk)
    run(batch.pk)

    assert totals(batch) == {"done": 5}


def test_work_waits_for_its_time(world: World) -> None:
    batch = make(world, due_at=timezone.now() + timedelta(minutes=1))
    services.start(batch, actor=world.user(Role.CITY_STEWARD))

    assert run(batch.pk).state == "approved"
    assert Counting.worked == []


def test_a_kind_that_sees_too_much_stops_before_the_first_item(world: World) -> None:
    batch = make(world)
    services.start(batch, actor=world.user(Role.CITY_STEWARD))
    Counting.stops = True

    stopped = run(batch.pk)

    assert (stopped.state, stopped.stop_code) == ("stopped", "over_cap")
    assert Batch.objects.get(pk=batch.pk).report == {"stopped": {"341524": 60}}
    assert totals(batch) == {"pending": 5}


def test_the_maker_does_not_approve(world: World) -> None:
    batch = make(world, needs_second=True)
    steward = world.user(Role.CITY_STEWARD)
    BATCH.advance_one(batch, "freeze", actor=steward)

    with pytest.raises(Refused) as refused:
        services.approve(batch, actor=steward)
    with pytest.raises(IntegrityError), acting(TESTS):
        Batch.objects.filter(pk=batch.pk).update(state="approved", approved_by=steward)

    assert refused.value.code == "not_in_role"


def test_the_database_refuses_work_that_nobody_approved(world: World) -> None:
    batch = make(world, needs_second=True)
    BATCH.advance_one(batch, "freeze", actor=world.user(Role.CITY_STEWARD))

    with pytest.raises(IntegrityError) as caught, acting(TESTS):
        Batch.objects.filter(pk=batch.pk).update(state="approved")

    assert caught.value.__cause__.diag.constraint_name == "batch_approved"


def test_an_undo_takes_two_people(world: World) -> None:
    batch = make(world)
    steward, approver = world.user(Role.CITY_STEWARD), world.user(Role.CITY_APPROVER)
    services.start(batch, actor=steward)
    batch = run(batch.pk)
    services.ask_undo(batch, actor=steward)

    with pytest.raises(Refused):
        services.approve_undo(batch, actor=steward)
    services.approve_undo(batch, actor=approver)
    run(batch.pk)

    assert Batch.objects.get(pk=batch.pk).state == "undone"
    assert totals(batch) == {"undone": 5}


def test_nobody_out_of_reach_sees_the_batch(world: World, client: Any) -> None:
    batch = make(world)
    client.force_login(world.user(Role.COORDINATOR))

    assert client.get(f"/batches/{batch.pk}/").status_code == 404


def test_the_page_of_a_batch_shows_what_became_of_its_items(world: World, client: Any) -> None:
    batch = make(world)
    steward = world.user(Role.CITY_STEWARD)
    client.force_login(steward)

    assert client.post(f"/batches/{batch.pk}/start/").status_code == 302
    run(batch.pk)
    page = client.get(f"/batches/{batch.pk}/?state=done")

    assert page.status_code == 200
    assert client.get("/batches/").status_code == 200


def test_work_with_a_page_of_its_own_is_not_steered_from_the_common_one(
    world: World, counting: type[Counting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "own_page", True)
    batch = make(world)
    steward = world.user(Role.CITY_STEWARD)

    assert services.offered(batch, actor=steward) == []
    for deed in services.DEEDS.values():
        with pytest.raises(Refused) as caught:
            deed(batch, actor=steward)
        assert caught.value.code == "own_page"
