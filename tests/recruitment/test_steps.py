"""Steps of service and access: their pages, their API, and who may take them."""

import itertools

import pytest
from django.test import Client
from django.urls import reverse

from census_staff.accounts.roles import Role
from census_staff.lib.errors import Refused
from recruitment import steps
from recruitment.models import AccessOrder, Staff
from tests.cells import code_of
from tests.standing import World


def browser(world: World, role: str) -> Client:
    client = Client()
    client.force_login(world.user(role))
    return client


def test_every_step_of_the_tables_says_what_it_does() -> None:
    from recruitment.review import DECISIONS

    for axis, table in steps.AXES.items():
        for step in table.steps.values():
            if step.action and step.name not in DECISIONS:
                assert steps.EFFECTS[(axis, step.name)], step.name


def test_a_step_page_asks_once_more_and_changes_nothing_by_get(world: World) -> None:
    staff = world.enabled()
    client = browser(world, Role.COORDINATOR)
    address = reverse("staff_step", args=[staff.pk, "access", "disable"])

    page = client.get(address)

    assert page.status_code == 200
    staff.refresh_from_db()
    assert staff.access == "enabled"
    assert "btn-danger" in page.content.decode()


def test_a_disabling_without_a_reason_is_asked_again(world: World) -> None:
    staff = world.enabled()
    client = browser(world, Role.COORDINATOR)

    answer = client.post(
        reverse("staff_step", args=[staff.pk, "access", "disable"]), {"reason": "violation"}
    )

    assert answer.status_code == 200
    staff.refresh_from_db()
    assert staff.access == "enabled"


def test_steps_of_our_own_code_have_no_page_and_no_route(world: World) -> None:
    staff = world.enabled()
    client = browser(world, Role.COORDINATOR)

    for axis, name in (("access", "shut"), ("service", "go_on_duty"), ("card", "print")):
        assert client.get(reverse("staff_step", args=[staff.pk, axis, name])).status_code == 404
        answer = client.post(f"/api/staff/{staff.pk}/steps/{axis}/{name}/")
        assert answer.json()["code"] == "unknown_step"


def test_the_page_and_the_api_refuse_alike(world: World) -> None:
    staff = world.enabled()
    page = browser(world, Role.COUNTY_RECRUITER)

    said = page.post(
        f"/api/staff/{staff.pk}/steps/access/disable/",
        {"reason": "violation", "sentence": "冒用证件"},
        content_type="application/json",
    )
    shown = page.post(
        reverse("staff_step", args=[staff.pk, "access", "disable"]),
        {"reason": "violation", "sentence": "冒用证件"},
    )

    assert (said.status_code, said.json()["code"]) == (403, "not_allowed")
    assert (shown.status_code, code_of(shown.content)) == (403, "not_in_role")
    staff.refresh_from_db()
    assert staff.access == "enabled"


def test_the_api_disables_with_an_order_and_answers_with_the_record(world: World) -> None:
    staff = world.enabled()

    said = browser(world, Role.COORDINATOR).post(
        f"/api/staff/{staff.pk}/steps/access/disable/",
        {"reason": "violation", "sentence": "冒用证件", "standards": ["passed"]},
        content_type="application/json",
    )

    assert said.status_code == 200
    assert said.json()["access"] == "disabled"
    assert AccessOrder.objects.get(staff=staff).standards == ["passed"]


def test_a_strange_reason_is_answered_as_invalid(world: World) -> None:
    staff = world.enabled()

    said = browser(world, Role.COORDINATOR).post(
        f"/api/staff/{staff.pk}/steps/access/disable/",
        {"reason": "run"},
        content_type="application/json",
    )

    assert (said.status_code, said.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    ("axis", "name"),
    [(axis, name) for axis, table in steps.AXES.items() for name in table.steps],
)
def test_no_step_is_taken_from_a_state_outside_its_table(
    world: World, axis: str, name: str
) -> None:
    table = steps.AXES[axis]
    staff = world.staff()
    if getattr(staff, axis) in table.steps[name].sources or not table.steps[name].action:
        return

    with pytest.raises(Refused):
        steps.take(
            staff, axis, name, actor=world.user(Role.COORDINATOR), sentence="理由", reason="other"
        )

    staff.refresh_from_db()
    assert (staff.service, staff.access) == ("under_review", "not_activated")


def test_a_city_approver_and_an_auditor_change_nothing(world: World) -> None:
    staff = world.enabled()

    for role, (axis, table) in itertools.product(
        (Role.CITY_APPROVER, Role.AUDITOR), steps.AXES.items()
    ):
        for step in table.steps.values():
            rows = Staff.objects.filter(pk=staff.pk)
            if step.action:
                assert not table.may(rows, step.name, actor=world.user(role)), (axis, step.name)
