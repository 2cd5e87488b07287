"""No number and no card without the three facts of the same person, census and role."""

import itertools
from datetime import timedelta

import pytest
from django.db import Error, IntegrityError, transaction
from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.audit.acting import acting
from census_staff.audit.models import Entry
from credentials.models import CardNumber
from recruitment.models import Staff
from tests.standing import TESTS, World, make_census, pledge, sit, train

EIGHT = list(itertools.product((False, True), repeat=3))


@pytest.mark.parametrize(("is_trained", "has_passed", "has_pledged"), EIGHT)
def test_only_the_whole_of_the_three_facts_makes_a_person_ready(
    world: World, is_trained: bool, has_passed: bool, has_pledged: bool
) -> None:
    staff = world.enabled()
    if is_trained:
        train(staff)
    sit(staff, score=92 if has_passed else 40)
    if has_pledged:
        pledge(staff)

    ready = Staff.objects.ready().filter(pk=staff.pk).exists()

    assert ready is (is_trained and has_passed and has_pledged)


def test_the_database_refuses_a_number_upon_the_evidence_of_another_person(world: World) -> None:
    mine, theirs = world.ready(), world.ready()
    own = (train, sit, pledge)
    assert own
    attempt = theirs.person.attempts.get()

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        number_for(mine, attempt_id=attempt.pk)
        check_now()

    assert caught.value.__cause__.diag.constraint_name == "number_attempt_whole"


def test_the_database_refuses_a_failed_attempt(world: World) -> None:
    staff = world.ready()
    failed = sit(staff, score=12)

    with pytest.raises(IntegrityError), transaction.atomic():
        number_for(staff, attempt_id=failed.pk)


def test_the_database_refuses_evidence_of_another_census(world: World) -> None:
    staff = world.ready()
    other = make_census("05")

    with pytest.raises(IntegrityError), transaction.atomic():
        number_for(staff, census_id=other.pk)


def test_a_change_of_state_without_an_actor_is_refused(world: World) -> None:
    staff = world.enabled()

    with pytest.raises(Error) as caught, transaction.atomic():
        Staff.objects.filter(pk=staff.pk).update(access="disabled")

    assert caught.value.__cause__.pgcode == "CS001"


def test_an_illegal_jump_is_refused_whatever_path_it_takes(world: World) -> None:
    staff = world.staff()

    with pytest.raises(Error) as caught, acting(TESTS):
        Staff.objects.filter(pk=staff.pk).update(service="left")

    assert caught.value.__cause__.pgcode == "CS002"


def test_every_change_of_state_has_its_entry(world: World) -> None:
    staff = world.enabled()

    entries = Entry.objects.filter(subject="recruitment_staff", subject_id=staff.pk)

    assert [(e.event, e.old, e.new) for e in entries.order_by("pk")] == [
        ("service", "", "under_review"),
        ("access", "", "not_activated"),
        ("service", "under_review", "appointed"),
        ("access", "not_activated", "enabled"),
    ]
    assert entries.last().actor.startswith("user:")


def test_nobody_approves_what_they_entered(world: World) -> None:
    staff = world.staff()

    with pytest.raises(IntegrityError) as caught, acting(TESTS):
        Staff.objects.filter(pk=staff.pk).update(
            service="appointed", reviewed_by=staff.entered_by, reviewed_at=timezone.now()
        )

    assert caught.value.__cause__.diag.constraint_name == "staff_second_person"


def test_on_duty_needs_a_card_in_force(world: World) -> None:
    staff = world.ready()

    with pytest.raises(Error) as caught, acting(TESTS):
        Staff.objects.filter(pk=staff.pk).update(service="on_duty")

    assert caught.value.__cause__.pgcode == "CS007"


def test_a_county_has_one_coordinator(world: World) -> None:
    world.user(Role.COORDINATOR)

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        from tests.standing import make_user

        make_user(Role.COORDINATOR, world.county, census=world.census)

    assert caught.value.__cause__.diag.constraint_name == "one_coordinator"


def number_for(staff: Staff, **wrong: object) -> CardNumber:
    """Write a number for the person, with something wrong in it."""
    facts = {
        "person_id": staff.person_id,
        "census_id": staff.census_id,
        "role": staff.role,
        "training_id": staff.person.completions.latest("pk").pk,
        "attempt_id": staff.person.attempts.filter(passed=True).latest("pk").pk,
        "pledge_id": staff.person.pledges.latest("pk").pk,
    }
    return CardNumber.objects.create(
        number="0434152410000018", given_at=timezone.now() - timedelta(0), **(facts | wrong)
    )


def check_now() -> None:
    """Ask the constraints that wait for the commit."""
    from django.db import connection

    connection.check_constraints()
