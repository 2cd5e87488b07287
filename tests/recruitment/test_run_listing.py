"""The list of a run is asked for at the doors and written by the worker, once, by whoever may."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import Error, connection, connections, transaction
from django.test import Client
from django.utils import timezone

from census_staff.accounts.models import Posting, User
from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.batches import tries
from census_staff.batches.models import Batch
from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused
from recruitment import run_pages, summary
from recruitment.compliance import asking, listing, steps
from recruitment.compliance.listing import alone, list_hash
from recruitment.compliance.questions import visible_items
from recruitment.compliance.report import count_lots, lots_of, moving_lots
from recruitment.roster_commit import ONE_AT_A_TIME
from recruitment.tasks import poll, write_list
from tests.recruitment.test_run_execution import carried_out, exempt
from tests.standing import World, sit


@pytest.fixture
def city(world: World) -> World:
    """Give the standing city with one person of each county who never sat the exam."""
    Census.objects.update(run_cap_percent=100)
    world.census.refresh_from_db()
    world.near = world.enabled(name="鲍传霞")
    world.far = world.enabled(world.other_township, name="张道荣")
    return world


def asked(world: World) -> Batch:
    return asking.ask_new(actor=world.user(Role.CITY_STEWARD), census=world.census)


def drafted(world: World) -> Batch:
    return steps.prepare(actor=world.user(Role.CITY_STEWARD), census=world.census)


def known(batch: Batch) -> Batch:
    return Batch.objects.select_related("office", "census").get(pk=batch.pk)


def refused(code: str, does, *arguments, **more) -> None:
    with pytest.raises(Refused) as told:
        does(*arguments, **more)
    assert told.value.code == code


def steward(world: World) -> Client:
    client = Client()
    client.force_login(world.user(Role.CITY_STEWARD))
    return client


def no_list(*_arguments: object) -> int:
    raise AssertionError("A door wrote the list.")


def test_no_door_writes_a_list(city, monkeypatch):
    draft = drafted(city)
    monkeypatch.setattr(steps, "write_list", no_list)
    client, doors = steward(city), (f"/runs/{draft.pk}/steps", f"/api/runs/{draft.pk}/steps")

    assert client.post("/runs/new/", {"standards": ["sat_online"]}).status_code == 302
    for name in asking.ASKED:
        for door, status in zip(doors, (302, 202), strict=True):
            Batch.objects.filter(pk=draft.pk).update(params={"standards": ["sat_online"]})
            answer = client.post(f"{door}/{name}/", {}, content_type="application/json")
            assert answer.status_code == status

    made = Batch.objects.latest("pk")
    assert made.pk != draft.pk and not made.items.exists()
    assert asking.wish_of(made)["wish"] == "list" and made.state == "draft"


def test_a_door_wakes_the_worker_once_it_has_committed(
    city, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(write_list, "apply_async", lambda told, **_more: woken.append(told))

    with django_capture_on_commit_callbacks(execute=True):
        steward(city).post("/runs/new/", {"standards": ["sat_online"]})
        assert not woken

    assert woken == [(Batch.objects.get().pk,)]


def test_the_worker_writes_the_list_as_whoever_asked(city):
    batch = asked(city)

    write_list(batch.pk)

    batch = known(batch)
    assert set(batch.items.values_list("target_id", flat=True)) == {city.near.pk, city.far.pk}
    assert asking.wish_of(batch) is None and not asking.refusal_of(batch)
    assert batch.params["figures"]["listed"] == {
        str(city.county.pk): 1,
        str(city.other_county.pk): 1,
    }


def test_a_freeze_that_was_asked_for_seals_the_list_of_now(city):
    batch = drafted(city)
    late = city.enabled(name="余道清")
    who = city.user(Role.CITY_STEWARD)
    asking.ask("freeze", batch, actor=who)

    assert asking.carry_out(batch.pk)

    batch = known(batch)
    assert batch.state == "frozen" and batch.frozen_at
    assert batch.frozen_sha256 == list_hash(batch)
    assert batch.items.filter(target_id=late.pk).exists()
    assert batch.params["freeze"]["listed"] == batch.params["figures"]["listed"]
    assert batch.params["freeze"]["open"][str(city.county.pk)] == 2
    entry = Entry.objects.get(subject="batches_batch", subject_id=batch.pk, new="frozen")
    assert entry.actor == f"user:{who.pk}"


def test_the_clock_finds_what_no_message_told_of(city):
    listed, frozen = asked(city), drafted(city)
    asking.ask("freeze", frozen, actor=city.user(Role.CITY_STEWARD))

    poll()

    assert known(listed).items.count() == 2 and known(frozen).state == "frozen"
    assert not asking.wished().exists()


def test_one_list_that_fails_keeps_no_other_waiting(city, monkeypatch):
    first, second = drafted(city), asked(city)
    asking.ask("refresh", first, actor=city.user(Role.CITY_STEWARD))
    writes = steps.write_list

    def fail(batch: Batch) -> int:
        if batch.pk == first.pk:
            raise RuntimeError
        return writes(batch)

    monkeypatch.setattr(steps, "write_list", fail)

    poll()

    assert known(second).items.count() == 2
    assert asking.wish_of(known(first))["tries"] == 1


def test_while_a_list_is_written_only_giving_up_is_possible(city):
    batch, who = asked(city), city.user(Role.CITY_STEWARD)

    for name in ("refresh", "freeze"):
        refused("listing_under_way", asking.take, name, batch, actor=who)
        refused("listing_under_way", steps.take, name, batch, actor=who)
    refused("listing_under_way", asking.ask_new, actor=who, census=city.census)
    asking.take("cancel", batch, actor=who)

    assert known(batch).state == "cancelled" and asking.wish_of(known(batch)) is None
    assert not asking.carry_out(batch.pk) and not batch.items.exists()
    asking.ask_new(actor=who, census=city.census)


def test_what_can_be_refused_is_refused_at_once(city):
    who = city.user(Role.CITY_STEWARD)
    under_way = steps.freeze(drafted(city), actor=who)
    batch = drafted(city)

    refused("run_open", asking.ask, "freeze", batch, actor=who)
    refused("not_allowed", asking.ask, "refresh", batch, actor=city.user(Role.CITY_APPROVER))
    refused("wrong_state", asking.ask, "refresh", under_way, actor=who)
    refused("no_standards", asking.ask_new, actor=who, census=city.census, standards=["x"])
    refused("not_allowed", asking.ask_new, actor=city.user(Role.COORDINATOR), census=city.census)
    Census.objects.update(stage="closed")
    city.census.refresh_from_db()
    refused("census_closed", asking.ask_new, actor=who, census=city.census)

    assert not asking.wished().exists()


def test_a_freeze_of_nobody_is_told_on_the_page_and_leaves_the_draft(city):
    batch = drafted(city)
    asking.ask("freeze", batch, actor=city.user(Role.CITY_STEWARD))
    sit(city.near, score=90)
    sit(city.far, score=90)

    assert not asking.carry_out(batch.pk)

    assert known(batch).state == "draft" and asking.wish_of(known(batch)) is None
    page = steward(city).get(f"/runs/{batch.pk}/").content.decode()
    told = steward(city).get(f"/api/runs/{batch.pk}/").json()["unlisted"]
    assert "名单没有冻结" in page and "没有人不达标，无须执行。" in page and "冻结名单" in page
    assert (told["wish"], told["code"]) == ("freeze", "nobody_listed")
    # What is asked for anew forgets it.
    asking.ask("refresh", batch, actor=city.user(Role.CITY_STEWARD))
    asking.carry_out(batch.pk)
    assert "名单没有冻结" not in steward(city).get(f"/runs/{batch.pk}/").content.decode()


def test_a_run_frozen_meanwhile_is_told(city):
    who, batch, other = city.user(Role.CITY_STEWARD), drafted(city), drafted(city)
    asking.ask("freeze", batch, actor=who)
    steps.freeze(other, actor=who)

    asking.carry_out(batch.pk)

    assert (known(batch).state, asking.refusal_of(known(batch))) == ("draft", "run_open")


@pytest.mark.parametrize("loss", ["posting", "account"])
def test_whoever_lost_the_right_meanwhile_gets_no_list(city, loss):
    batch = asked(city)
    if loss == "posting":
        Posting.objects.filter(user=batch.made_by_id).update(ended_at=timezone.now())
    else:
        User.objects.filter(pk=batch.made_by_id).update(locked_at=timezone.now())

    assert not asking.carry_out(batch.pk)

    assert asking.refusal_of(known(batch)) == "not_allowed"
    assert not batch.items.exists()


def test_a_worker_that_dies_leaves_the_wish_and_is_not_tried_for_ever(city, monkeypatch):
    batch = asked(city)
    writes = steps.write_list

    def die(*_arguments: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(steps, "write_list", die)
    for nth in range(1, asking.TRIES + 1):
        with pytest.raises(RuntimeError):
            asking.carry_out(batch.pk)
        assert asking.wish_of(known(batch))["tries"] == nth
    monkeypatch.setattr(asking, "STUBBORN", timedelta(0))

    assert not asking.carry_out(batch.pk)

    assert asking.refusal_of(known(batch)) == "keeps_failing"
    page = steward(city).get(f"/runs/{batch.pk}/").content.decode()
    assert "试了几次都没有成功" in page and "没有人不达标" not in page
    monkeypatch.setattr(steps, "write_list", writes)
    asking.ask("refresh", batch, actor=city.user(Role.CITY_STEWARD))
    assert asking.carry_out(batch.pk) and known(batch).items.count() == 2


def test_the_page_says_that_the_list_is_being_written_and_renews_itself(city):
    batch, client = asked(city), steward(city)

    page = client.get(f"/runs/{batch.pk}/").content.decode()
    part = client.get(f"/runs/{batch.pk}/progress/")

    assert '<td class="n">–</td>' in client.get("/runs/").content.decode()
    assert "正在列出名单…" in page and "没有人不达标" not in page and "作废这一批" in page
    assert "冻结名单</button>" not in page and "下载名单" not in page
    assert "HX-Refresh" not in part.headers and "every 2s" in part.content.decode()
    write_list(batch.pk)
    over = client.get(f"/runs/{batch.pk}/progress/")
    page = client.get(f"/runs/{batch.pk}/").content.decode()
    assert '<td class="n">–</td>' not in client.get("/runs/").content.decode()
    assert over.headers["HX-Refresh"] == "true" and "every 2s" not in over.content.decode()
    assert "正在列出" not in page and "鲍传霞" in page and "冻结名单</button>" in page
    client.post(f"/runs/{batch.pk}/steps/freeze/")
    page = client.get(f"/runs/{batch.pk}/").content.decode()
    assert "正在列出并冻结名单…" in page and "鲍传霞" in page and "冻结名单</button>" not in page


def test_what_is_kept_of_a_list_is_what_each_reader_would_count(city):
    spared = city.enabled(city.other_township, name="余道清")
    exempt(spared, city, "sat_online")
    batch = known(drafted(city))
    readers = [city.user(Role.CITY_STEWARD), city.user(Role.COORDINATOR)]

    def agree(run: Batch) -> list[int]:
        for actor in readers:
            live = count_lots(run, visible_items(run, actor))
            assert sorted(lots_of(run, actor)) == sorted(live)
            moving = run_pages.progress(run, moving_lots(run, actor))
            whole, then = moving.pop("whole"), run_pages.tally(run, actor)
            assert moving == {name: then[name] for name in moving}
            for name in ("listed", "pending", "done", "spared", "exempt"):
                assert getattr(whole, name) == getattr(then["whole"], name)
        return [sum(lot.n for lot in lots_of(run, actor)) for actor in readers]

    assert agree(batch) == [3, 1]
    who = city.user(Role.CITY_STEWARD)
    steps.approve(steps.freeze(batch, actor=who), actor=city.user(Role.CITY_APPROVER), typed=2)
    assert agree(known(batch)) == [3, 1]
    sit(city.near, score=90)
    done = known(carried_out(batch))
    assert done.state == "done" and agree(done) == [3, 1]


@pytest.mark.django_db(transaction=True)
def test_two_workers_write_one_list_and_giving_up_waits_for_neither():
    world = World()
    Census.objects.update(run_cap_percent=100)
    world.census.refresh_from_db()
    world.enabled()
    batch, who = asked(world), world.user(Role.CITY_STEWARD)
    writing, go_on = threading.Event(), threading.Event()
    writes, said = steps.write_list, []

    def slow(run: Batch) -> int:
        found = writes(run)
        writing.set()
        go_on.wait(20)
        return found

    def work() -> None:
        try:
            said.append(asking.carry_out(batch.pk))
        finally:
            connections.close_all()

    steps.write_list = slow
    worker = threading.Thread(target=work)
    try:
        worker.start()
        assert writing.wait(20)
        # Another worker passes on, and does not count it as a try.
        assert not asking.carry_out(batch.pk)
        assert asking.wish_of(known(batch))["tries"] == 1
        # Whoever gives the run up does not wait for the list.
        with transaction.atomic():
            steps.cancel(batch, actor=who)
    finally:
        go_on.set()
        worker.join(20)
        steps.write_list = writes

    assert said == [False]
    assert known(batch).state == "cancelled" and not batch.items.exists()
    assert "unlisted" not in known(batch).params
    with alone(batch.pk) as is_mine:
        assert is_mine


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_over_the_list_leaves_it_to_the_next():
    world = World()
    world.enabled()
    batch = asked(world)
    writes = steps.write_list

    def cut(run: Batch) -> int:
        writes(run)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return 0

    def work() -> None:
        with suppress(Error):
            asking.carry_out(batch.pk)
        connections.close_all()

    steps.write_list = cut
    try:
        worker = threading.Thread(target=work)
        worker.start()
        worker.join(20)
    finally:
        steps.write_list = writes
    left = known(batch)
    assert asking.wish_of(left)["tries"] == 1 and not left.items.exists()

    poll()

    assert known(batch).items.count() == 1 and asking.wish_of(known(batch)) is None


def test_locks_of_different_things_are_different():
    known = [tries.LOCK, summary.LOCK, listing.LOCK, asking.LOCK, ONE_AT_A_TIME]

    assert len(set(known)) == len(known)
