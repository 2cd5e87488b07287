"""The run of the 21st: who is disabled, who is spared, who is put back."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from census_staff.accounts.models import Posting
from census_staff.accounts.roles import Role
from census_staff.accounts.service_record import record_of
from census_staff.audit.acting import acting
from census_staff.audit.models import Entry
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.runner import run
from census_staff.batches.tasks import poll
from census_staff.censuses.models import Census
from census_staff.correspondence.models import Notice
from census_staff.lib.errors import Refused
from exams.models import Attempt, AttemptVoid
from recruitment.access_orders import order_disable
from recruitment.compliance import steps
from recruitment.lifecycle import ACCESS
from recruitment.models import AccessOrder, Exemption, Staff
from tests.standing import TESTS, World, move_times, sit, train


@pytest.fixture
def city(world: World) -> World:
    """Give the standing city with a cap that small counties do not meet."""
    Census.objects.update(run_cap_percent=100)
    world.census.refresh_from_db()
    return world


def prepared(world: World, *standards: str) -> Batch:
    steward = world.user(Role.CITY_STEWARD)
    codes = standards or ("sat_online",)
    return steps.prepare(actor=steward, census=world.census, standards=codes)


def frozen(world: World, *standards: str) -> Batch:
    return steps.freeze(prepared(world, *standards), actor=world.user(Role.CITY_STEWARD))


def approved(world: World, *standards: str) -> Batch:
    batch = frozen(world, *standards)
    listed = batch.items.filter(state="pending").count()
    return steps.approve(batch, actor=world.user(Role.CITY_APPROVER), typed=listed)


def make_due(batch: Batch) -> None:
    """Move the census's times into the past, as if its days had gone by."""
    at = timezone.now()
    move_times(deadline_at=at - timedelta(hours=18), execute_at=at - timedelta(minutes=1))
    Batch.objects.filter(pk=batch.pk).update(due_at=at - timedelta(minutes=1))


def carried_out(batch: Batch) -> Batch:
    make_due(batch)
    return run(batch.pk)


def exempt(staff: Staff, world: World, *codes: str) -> Exemption:
    one = Exemption.objects.create(
        staff=staff,
        standards=list(codes),
        reason="住院",
        until=timezone.localdate() + timedelta(days=60),
        made_by=world.user(Role.COORDINATOR),
    )
    Exemption.objects.filter(pk=one.pk).update(
        approved_by=world.user(Role.CITY_APPROVER), approved_at=timezone.now()
    )
    return one


def close(attempt: Attempt, *, answered: int, at: datetime | None = None) -> None:
    with acting(TESTS, reason="test"):
        Attempt.objects.filter(pk=attempt.pk).update(
            state="submitted",
            submitted_at=at or timezone.now(),
            score=0,
            answered=answered,
            closed_by="clock",
        )


def many(world: World, n: int) -> list[Staff]:
    """Return open accounts of people who have no use for a password here."""
    found = [world.appointed() for _n in range(n)]
    rows = Staff.objects.filter(pk__in=[staff.pk for staff in found])
    ACCESS.advance(rows, "activate", actor=world.user(Role.COUNTY_REVIEWER))
    return list(rows)


def void(attempt: Attempt, world: World) -> None:
    officer = world.user(Role.TRAINING_OFFICER, world.county)
    AttemptVoid.objects.create(attempt=attempt, reason="test", made_by=officer)


def item(batch: Batch, staff: Staff) -> BatchItem:
    return BatchItem.objects.get(batch=batch, target_id=staff.pk)


def test_whoever_never_sat_online_is_disabled_with_an_order_an_audit_row_and_a_notice(city):
    absent, present = city.enabled(), city.enabled()
    sit(present, score=40)

    batch = carried_out(approved(city))

    absent.refresh_from_db()
    present.refresh_from_db()
    order = AccessOrder.objects.get(staff=absent)
    assert (batch.state, absent.access, present.access) == ("done", "disabled", "enabled")
    assert (order.reason, order.standards, order.batch_id) == ("run", ["sat_online"], batch.pk)
    entries = Entry.objects.filter(
        subject="recruitment_staff", subject_id=absent.pk, new="disabled"
    )
    assert [(e.actor, e.reason, e.batch_id) for e in entries] == [("system:run", "run", batch.pk)]
    assert Notice.objects.filter(person=absent.person, kind="run_disabled").count() == 1
    assert item(batch, absent).before == {"access": "enabled", "moves": absent.moves - 1}
    assert batch.report["totals"] == {"done": 1}
    assert not record_of(absent.person_id, city.census.code).is_open


def test_nothing_happens_before_the_time(city):
    staff = city.enabled()
    batch = approved(city)

    run(batch.pk)
    poll()

    staff.refresh_from_db()
    batch.refresh_from_db()
    assert (staff.access, batch.state) == ("enabled", "approved")


def test_a_second_firing_changes_nothing(city):
    staff = city.enabled()
    batch = carried_out(approved(city))

    run(batch.pk)
    poll()

    assert AccessOrder.objects.filter(staff=staff).count() == 1
    assert Entry.objects.filter(subject_id=staff.pk, new="disabled").count() == 1


def test_evidence_that_came_before_the_deadline_spares(city):
    staff, other = city.enabled(), city.enabled()
    batch = approved(city)
    at = timezone.now() - timedelta(days=1)
    close(sit(staff, score=None), answered=50, at=at)

    batch = carried_out(batch)

    staff.refresh_from_db()
    other.refresh_from_db()
    assert (staff.access, other.access) == ("enabled", "disabled")
    assert (item(batch, staff).state, item(batch, staff).reason) == ("spared", "met")
    assert batch.report["late"] == 0


def test_evidence_that_came_after_the_deadline_spares_and_is_reported_as_late(city):
    staff = city.enabled()
    batch = approved(city)
    make_due(batch)
    sit(staff, score=40)

    batch = run(batch.pk)

    staff.refresh_from_db()
    assert staff.access == "enabled"
    assert item(batch, staff).reason == "met_late"
    assert batch.report["late"] == 1


def test_an_open_attempt_puts_its_person_back_until_it_closes(city):
    sitting, absent = city.enabled(), city.enabled()
    batch = approved(city)
    attempt = sit(sitting, score=None)

    batch = carried_out(batch)

    assert (batch.state, item(batch, sitting).state) == ("running", "pending")
    assert item(batch, sitting).reason == "sitting"
    assert item(batch, absent).state == "done"
    close(attempt, answered=3)
    batch = run(batch.pk)
    sitting.refresh_from_db()
    assert (batch.state, sitting.access) == ("done", "enabled")


def test_an_attempt_that_closed_without_an_answer_spares_nobody(city):
    sitting = city.enabled()
    batch = approved(city)
    attempt = sit(sitting, score=None)
    carried_out(batch)
    close(attempt, answered=0)

    batch = run(batch.pk)

    sitting.refresh_from_db()
    assert (batch.state, sitting.access) == ("done", "disabled")


def test_the_exempt_are_shown_and_never_touched(city):
    before, after, other = city.enabled(), city.enabled(), city.enabled()
    exempt(before, city, "sat_online")
    batch = frozen(city)
    assert (item(batch, before).state, item(batch, before).reason) == ("spared", "exempt")
    steps.approve(batch, actor=city.user(Role.CITY_APPROVER), typed=2)
    exempt(after, city, "sat_online")

    batch = carried_out(batch)

    found = {s.pk: s.access for s in Staff.objects.all()}
    assert found == {before.pk: "enabled", after.pk: "enabled", other.pk: "disabled"}
    assert item(batch, after).reason == "exempt"


def test_an_exemption_from_one_standard_leaves_the_others_owed(city):
    staff = city.enabled()
    exempt(staff, city, "sat_online")

    carried_out(approved(city, "sat_online", "trained"))

    assert AccessOrder.objects.get(staff=staff).standards == ["trained"]


def test_office_users_and_coordinators_are_never_listed_nor_disabled(city):
    field, office = city.enabled(), city.enabled()
    Posting.objects.create(
        user=office.person.user,
        role=Role.TOWNSHIP_CLERK,
        duty="business",
        office=city.township,
    )
    batch = approved(city)
    assert list(batch.items.values_list("target_id", flat=True)) == [field.pk]
    Posting.objects.create(
        user=field.person.user,
        role=Role.COORDINATOR,
        duty="business",
        office=city.other_county,
        census=city.census,
    )

    batch = carried_out(batch)

    field.refresh_from_db()
    assert field.access == "enabled"
    # The share of the county fell without anybody mending anything: it stops before beginning.
    assert batch.stop_code == "moved"


def test_whoever_came_or_fell_after_the_freeze_is_reported_and_not_disabled(city):
    for _n in range(3):
        city.enabled()
    for staff in many(city, 60):
        sit(staff, score=90)
    fallen = Staff.objects.order_by("pk").last()
    batch = approved(city)
    added = city.enabled()
    attempt = Attempt.objects.get(person=fallen.person)
    void(attempt, city)

    batch = carried_out(batch)

    assert batch.state == "done"
    report = batch.report["after_freeze"]
    assert report["added"]["staff"] == [added.pk]
    assert report["fallen"]["staff"] == [fallen.pk]
    assert set(
        Staff.objects.filter(pk__in=[added.pk, fallen.pk]).values_list("access", flat=True)
    ) == {"enabled"}


def test_a_county_over_its_cap_stops_the_run_before_anybody_is_disabled(city):
    Census.objects.update(run_cap_percent=30)
    for _n in range(2):
        city.enabled()
    for _n in range(2):
        sit(city.enabled(), score=90)
    batch = carried_out(approved(city))

    assert (batch.state, batch.stop_code) == ("stopped", "over_cap")
    assert batch.report["stopped"]["counties"][0]["percent"] == 50.0
    assert not Staff.objects.filter(access="disabled").exists()


def test_a_county_that_moved_more_than_two_points_stops_the_run(city):
    city.enabled()
    attempts = [sit(staff, score=90) for staff in many(city, 20)]
    batch = approved(city)
    void(attempts[0], city)

    batch = carried_out(batch)

    assert (batch.state, batch.stop_code) == ("stopped", "moved")
    county = batch.report["stopped"]["counties"][0]
    assert (county["was"], county["now"]) == (4.76, 9.52)
    assert not Staff.objects.filter(access="disabled").exists()


def test_a_list_that_was_changed_behind_the_approval_is_not_run(city):
    city.enabled()
    other = city.enabled()
    sit(other, score=90)
    batch = approved(city)
    with pytest.raises(DatabaseError, match="list of this batch is closed"), transaction.atomic():
        BatchItem.objects.create(batch=batch, position=99, target_id=other.pk, office=city.township)
    with pytest.raises(DatabaseError, match="keeps what was settled"), transaction.atomic():
        BatchItem.objects.filter(batch=batch).update(target_id=other.pk)
    wider = {**batch.params, "standards": ["trained", "sat_online"]}
    Batch.objects.filter(pk=batch.pk).update(params=wider)

    batch = carried_out(batch)

    assert batch.stop_code == "list_changed"
    assert not Staff.objects.filter(access="disabled").exists()


def test_its_maker_cannot_approve_a_run_not_even_by_raw_sql(city):
    city.enabled()
    batch = frozen(city)
    steward = city.user(Role.CITY_STEWARD)
    Posting.objects.create(user=steward, role=Role.CITY_APPROVER, duty="business", office=city.city)

    with pytest.raises(Refused) as refused:
        steps.approve(batch, actor=steward, typed=1)

    assert refused.value.code == "second_person"
    with pytest.raises(IntegrityError, match="batch_second_person"), acting(TESTS):
        Batch.objects.filter(pk=batch.pk).update(state="approved", approved_by=steward)


def test_the_database_refuses_a_run_that_nobody_approved(city):
    city.enabled()
    batch = frozen(city)

    with pytest.raises(IntegrityError, match="batch_approved"), acting(TESTS):
        Batch.objects.filter(pk=batch.pk).update(state="approved")
    with pytest.raises(IntegrityError, match="batch_approved"), acting(TESTS):
        Batch.objects.filter(pk=batch.pk).update(state="running")
    with pytest.raises(DatabaseError, match="cannot move"), acting(TESTS):
        Batch.objects.filter(pk=batch.pk).update(
            state="running",
            approved_by=city.user(Role.CITY_APPROVER),
            started_at=batch.due_at,
        )
    with pytest.raises(DatabaseError, match="needs an actor"), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(
            state="approved", approved_by=city.user(Role.CITY_APPROVER)
        )


def test_the_approver_types_the_number_on_the_list(city):
    city.enabled()
    batch = frozen(city)

    with pytest.raises(Refused) as refused:
        steps.approve(batch, actor=city.user(Role.CITY_APPROVER), typed=7)

    assert refused.value.code == "count_differs"


def test_whoever_was_disabled_by_hand_meanwhile_is_left_as_they_are(city):
    shut, other = city.enabled(), city.enabled()
    for staff in many(city, 120):
        sit(staff, score=90)
    batch = approved(city)
    order_disable([shut.pk], actor=city.user(Role.COORDINATOR), reason="other", at=timezone.now())

    batch = carried_out(batch)

    assert (item(batch, shut).state, item(batch, shut).reason) == ("spared", "shut_already")
    assert item(batch, other).state == "done"
    assert AccessOrder.objects.get(staff=shut).reason == "other"


def test_a_person_trained_but_not_examined_is_judged_by_the_chosen_standards(city):
    staff = city.enabled()
    train(staff)
    with pytest.raises(Refused) as refused:
        frozen(city, "trained")
    assert refused.value.code == "nobody_listed"
