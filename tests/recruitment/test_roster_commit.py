from census_staff.accounts.roles import Role
from recruitment.models import Staff
from tests.recruitment.rosters import bring_in, team
from tests.standing import World


def test_a_roster_becomes_records_that_wait_for_review(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)

    batch = bring_in(world, team(3), clerk)

    assert batch.state == "done" and batch.report["created"] == 4
    staff = Staff.objects.all()
    assert {one.service for one in staff} == {"under_review"}
    assert {one.entered_by_id for one in staff} == {clerk.pk}
    leader = staff.get(role="supervisor")
    assert staff.filter(supervisor=leader).count() == 3
