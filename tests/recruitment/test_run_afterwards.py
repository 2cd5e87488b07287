"""Before and after the run: warnings, coming back by one's own deeds, and the undo."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.audit.acting import acting
from census_staff.audit.models import Entry
from census_staff.batches.models import Batch
from census_staff.batches.runner import run
from census_staff.censuses.models import Census
from census_staff.correspondence.models import Notice
from census_staff.lib.errors import Refused
from recruitment.access_orders import order_disable, order_remind
from recruitment.compliance import steps
from recruitment.compliance.speaking import unread
from recruitment.models import AccessOrder, Staff
from recruitment.tasks import poll
from tests.standing import TESTS, World, move_times, sit, train


@pytest.fixture
def city(world: World) -> World:
    """Give the standing city with a cap that small counties do not meet."""
    Census.objects.update(run_cap_percent=100)
    world.census.refresh_from_db()
    return world


def frozen(world: World, *standards: str) -> Batch:
    steward = world.user(Role.CITY_STEWARD)
    codes = standards or ("sat_online",)
    batch = steps.prepare(actor=steward, census=world.census, standards=codes)
    return steps.freeze(batch, actor=steward)


def carried_out(world: World, *standards: str) -> Batch:
    batch = frozen(world, *standards)
    listed = batch.items.filter(state="pending").count()
    steps.approve(batch, actor=world.user(Role.CITY_APPROVER), typed=listed)
    at = timezone.now()
    move_times(deadline_at=at, execute_at=at)
    Batch.objects.filter(pk=batch.pk).update(due_at=at)
    return run(batch.pk)


def in_days(batch: Batch, days: float) -> None:
    """Set the census's execution that far ahead."""
    at = timezone.now() + timedelta(days=days)
    move_times(deadline_at=at, execute_at=at)


def access(*staff: Staff) -> list[str]:
    found = dict(Staff.objects.values_list("pk", "access"))
    return [found[each.pk] for each in staff]


def undone(world: World, batch: Batch) -> Batch:
    steps.ask_undo(batch, actor=world.user(Role.CITY_STEWARD), sentence="规则有误")
    steps.approve_undo(batch, actor=world.user(Role.CITY_APPROVER))
    return run(batch.pk)


def test_warnings_go_out_seven_three_and_one_days_before_and_once_each(city):
    staff, mended = city.enabled(), city.enabled()
    batch = frozen(city)
    counted = []

    for days in (8, 6.9, 6.8, 2.9, 0.9, 0.8):
        in_days(batch, days)
        if days == 2.9:
            sit(mended, score=90)
        poll()
        poll()
        counted.append(Notice.objects.filter(person=staff.person).count())

    assert counted == [0, 1, 1, 2, 3, 3]
    assert Notice.objects.filter(person=mended.person, kind="run_warning").count() == 1
    said = Notice.objects.filter(person=staff.person).order_by("pk").values_list("facts", flat=True)
    assert [facts["days"] for facts in said] == [7, 3, 1]


def test_a_list_frozen_late_is_warned_of_once_not_thrice(city):
    staff = city.enabled()
    batch = frozen(city)
    in_days(batch, 0.5)

    poll()

    assert Notice.objects.filter(person=staff.person).count() == 1


def test_no_warning_goes_out_from_a_preview(city):
    city.enabled()
    batch = steps.prepare(actor=city.user(Role.CITY_STEWARD), census=city.census)
    in_days(batch, 0.5)

    poll()

    assert not Notice.objects.exists()


def test_whoever_opened_a_warning_is_off_the_call_list(city):
    staff, silent = city.enabled(), city.enabled()
    batch = frozen(city)
    in_days(batch, 2)
    poll()
    Notice.objects.filter(person=staff.person).update(
        sent_at=timezone.now(), read_at=timezone.now()
    )
    batch.refresh_from_db()

    assert list(unread(batch)) == [silent]


def test_a_run_follows_the_time_of_its_census(city):
    city.enabled()
    batch = frozen(city)
    in_days(batch, 20)

    poll()

    batch.refresh_from_db()
    city.census.refresh_from_db()
    assert batch.due_at == city.census.execute_at


def test_whoever_then_passes_is_enabled_by_the_system_with_an_audit_row(city):
    staff, failed, waiting = city.enabled(), city.enabled(), city.enabled()
    carried_out(city)
    sit(staff, score=90)
    sit(failed, score=30)

    poll()
    poll()

    assert access(staff, failed, waiting) == ["enabled", "disabled", "disabled"]
    order = AccessOrder.objects.get(staff=staff)
    assert order.ended_by == "system:run"
    entries = Entry.objects.filter(
        subject_id=staff.pk, event="access", new="enabled", old="disabled"
    )
    assert [entry.actor for entry in entries] == ["system:run"]
    assert Notice.objects.filter(person=staff.person, kind="access_reopened").count() == 1


def test_every_standard_of_the_order_must_be_met_before_the_system_enables(city):
    staff = city.enabled()
    carried_out(city, "sat_online", "trained")
    sit(staff, score=90)
    poll()
    assert access(staff) == ["disabled"]

    train(staff)
    poll()

    assert access(staff) == ["enabled"]


def test_whoever_was_disabled_by_hand_waits_for_a_hand(city):
    staff = city.enabled()
    coordinator = city.user(Role.COORDINATOR)
    order_disable([staff.pk], actor=coordinator, reason="violation", at=timezone.now())
    sit(staff, score=90)

    poll()

    assert access(staff) == ["disabled"]


def test_the_undo_restores_what_the_run_changed_and_nobody_since(city):
    enabled, reminded, mended = city.enabled(), city.enabled(), city.enabled()
    order_remind(
        [reminded.pk],
        actor=city.user(Role.COORDINATOR),
        reason="untrained",
        until=None,
        at=timezone.now(),
    )
    batch = carried_out(city)
    sit(mended, score=90)
    poll()
    moves = Staff.objects.get(pk=mended.pk).moves

    batch = undone(city, batch)

    assert batch.state == "undone"
    assert access(enabled, reminded, mended) == ["enabled", "reminded", "enabled"]
    assert Staff.objects.get(pk=mended.pk).moves == moves
    states = dict(batch.items.values_list("target_id", "state"))
    assert states == {enabled.pk: "undone", reminded.pk: "undone", mended.pk: "kept"}
    assert not AccessOrder.objects.filter(batch_id=batch.pk, ended_at=None).exists()
    entries = Entry.objects.filter(subject_id=enabled.pk, old="disabled", batch_id=batch.pk)
    assert [(entry.actor, entry.reason) for entry in entries] == [("system:run", "undo")]


def test_an_undo_leaves_alone_whoever_was_disabled_again_by_hand(city):
    staff, other = city.enabled(), city.enabled()
    batch = carried_out(city)
    sit(staff, score=90)
    poll()
    order_disable(
        [staff.pk], actor=city.user(Role.COORDINATOR), reason="violation", at=timezone.now()
    )

    undone(city, batch)

    assert access(staff, other) == ["disabled", "enabled"]


def test_an_undo_needs_a_second_person_also_by_raw_sql(city):
    city.enabled()
    batch = carried_out(city)
    approver = city.user(Role.CITY_APPROVER)
    steps.ask_undo(batch, actor=approver)

    with pytest.raises(Refused) as refused:
        steps.approve_undo(batch, actor=approver)
    assert refused.value.code == "second_person"
    with pytest.raises(IntegrityError, match="batch_undo_second_person"), acting(TESTS):
        Batch.objects.filter(pk=batch.pk).update(state="undoing", undo_approved_by=approver)


def test_a_county_coordinator_can_see_but_not_prepare_a_run(city):
    with pytest.raises(Refused) as refused:
        steps.prepare(actor=city.user(Role.COORDINATOR), census=city.census)
    assert refused.value.code == "not_allowed"


def test_a_run_stopped_before_it_began_cannot_be_resumed(city):
    Census.objects.update(run_cap_percent=1)
    city.census.refresh_from_db()
    city.enabled()
    batch = carried_out(city)
    assert batch.stop_code == "over_cap"

    with pytest.raises(Refused) as refused:
        steps.resume(batch, actor=city.user(Role.CITY_STEWARD))

    assert refused.value.code == "not_resumable"


def test_two_runs_of_one_census_are_never_under_way_together(city):
    city.enabled()
    frozen(city)

    with pytest.raises(Refused) as refused:
        frozen(city)

    assert refused.value.code == "run_open"


def test_a_list_sent_back_can_be_frozen_again(city):
    city.enabled()
    batch = frozen(city)
    steps.thaw(batch, actor=city.user(Role.CITY_APPROVER), sentence="请核对霍邱县")
    second = city.enabled()

    batch = steps.freeze(batch, actor=city.user(Role.CITY_STEWARD))

    assert second.pk in batch.items.values_list("target_id", flat=True)
