"""A person's page leads to what may be done about their evidence, and the review sees their wish."""

from django.test import Client
from django.urls import reverse

from census_staff.accounts.models import User
from census_staff.accounts.roles import Role
from census_staff.correspondence.models import Notice
from census_staff.correspondence.words import said
from recruitment.models import Staff
from tests.standing import World


def seen(user: User, route: str, pk: int) -> str:
    """Return a page as this user sees it."""
    client = Client()
    client.force_login(user)
    return client.get(reverse(route, args=[pk])).content.decode()


def test_whoever_may_void_evidence_finds_the_way_on_the_persons_page(world: World) -> None:
    staff = world.ready(name="江绍伟")
    void = reverse("training_void", args=[staff.pk])
    attempts = reverse("exam_attempts", args=[staff.person_id])

    page = seen(world.user(Role.TRAINING_OFFICER), "staff_page", staff.pk)
    assert void in page
    assert attempts in page
    assert void not in seen(world.user(Role.COUNTY_REVIEWER), "staff_page", staff.pk)


def test_training_that_is_not_there_is_not_offered_to_be_voided(world: World) -> None:
    staff = world.staff(name="方玉莲")

    page = seen(world.user(Role.TRAINING_OFFICER), "staff_page", staff.pk)

    assert reverse("training_void", args=[staff.pk]) not in page


def test_the_review_sees_who_was_entered_for_the_reserve(world: World) -> None:
    staff, other = world.staff(name="李道芳"), world.staff(name="余传宝")
    Staff.objects.filter(pk=staff.pk).update(wants_reserve=True)
    reviewer = world.user(Role.COUNTY_REVIEWER)

    assert "拟列为储备人员" in seen(reviewer, "review_one", staff.pk)
    assert "拟列为储备人员" not in seen(reviewer, "review_one", other.pk)


def test_a_warning_names_the_standards_of_the_run() -> None:
    facts = {"days": 7, "deadline_at": "2026-12-03T00:00:00+08:00", "standards": ["trained"]}

    words = said(Notice(kind="run_warning", facts=facts))

    assert "完成培训" in words.say
