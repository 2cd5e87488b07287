"""Leaving is one action: access shut, service ended, both or neither."""

import pytest

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.lib.errors import Refused
from recruitment import services
from recruitment.facts import record_of
from recruitment.models import AccessOrder, Staff
from tests.standing import World


def test_leaving_shuts_access_and_ends_the_service(world: World) -> None:
    staff = world.enabled()

    services.leave(staff, actor=world.user(Role.COORDINATOR), reason="另有工作")

    staff.refresh_from_db()
    assert (staff.service, staff.access, staff.left_reason) == ("left", "disabled", "另有工作")
    order = AccessOrder.objects.get(staff=staff)
    assert (order.kind, order.reason, order.ended_at) == ("disable", "left", None)
    record = record_of(staff.person_id, world.census.code)
    assert record is not None
    assert not record.is_open
    moves = Entry.objects.filter(subject="recruitment_staff", subject_id=staff.pk)
    assert {(e.event, e.new) for e in moves} >= {("service", "left"), ("access", "disabled")}


def test_a_recruiter_lets_people_go_without_the_right_to_disable(world: World) -> None:
    staff = world.enabled()

    services.leave(staff, actor=world.user(Role.COUNTY_RECRUITER), reason="另有工作")

    staff.refresh_from_db()
    assert staff.access == "disabled"


def test_who_may_not_let_go_leaves_everything_as_it_was(world: World) -> None:
    staff = world.enabled()

    with pytest.raises(Refused) as refused:
        services.leave(staff, actor=world.user(Role.TOWNSHIP_CLERK), reason="另有工作")

    assert refused.value.code == "not_allowed"
    staff.refresh_from_db()
    assert (staff.service, staff.access) == ("appointed", "enabled")
    assert not AccessOrder.objects.exists()


def test_who_waits_for_review_is_refused_not_let_go(world: World) -> None:
    staff = world.staff()

    with pytest.raises(Refused) as refused:
        services.leave(staff, actor=world.user(Role.COORDINATOR), reason="另有工作")

    assert refused.value.code == "wrong_state"
    assert not AccessOrder.objects.exists()


def test_nobody_who_left_is_enabled_again(world: World) -> None:
    staff = world.ready()
    services.leave(staff, actor=world.user(Role.COORDINATOR), reason="另有工作")

    with pytest.raises(Refused) as refused:
        services.enable(staff, actor=world.user(Role.COORDINATOR))

    assert refused.value.code == "not_eligible:enable"


def test_the_team_of_a_supervisor_who_left_has_none(world: World) -> None:
    above = world.appointed(role="supervisor")
    below = world.staff(supervisor=above)

    services.leave(above, actor=world.user(Role.COORDINATOR), reason="另有工作")

    below.refresh_from_db()
    assert below.supervisor is None


def test_who_left_may_be_entered_anew(world: World) -> None:
    staff = world.appointed()
    services.leave(staff, actor=world.user(Role.COORDINATOR), reason="另有工作")

    again = world.staff(person=staff.person)

    assert Staff.objects.live().get(person=staff.person) == again
