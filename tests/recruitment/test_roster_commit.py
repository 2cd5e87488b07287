import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.batches.models import Batch
from census_staff.batches.runner import run
from census_staff.people.models import Correction, Person
from recruitment import roster
from recruitment.lifecycle import SERVICE
from recruitment.models import RosterFile, RosterRow, Staff
from recruitment.roster_commit import RosterKind, confirm
from tests.recruitment.rosters import bring_in, codes, line, outcomes, refused, team, upload
from tests.standing import World, make_office

SLOW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def picture() -> list[Any]:
    """Return all that a roster could have changed."""
    return [
        sorted((one.pk, one.name, one.phone) for one in Person.objects.all()),
        sorted(
            Staff.objects.values_list("pk", "role", "service", "supervisor", "employer", "areas")
        ),
        sorted(Correction.objects.values_list("person", "field", "decided_at")),
    ]


def test_a_roster_becomes_records_that_wait_for_review(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)

    batch = bring_in(world, team(3), clerk)

    assert batch.state == "done" and batch.report["created"] == 4
    staff = Staff.objects.all()
    assert {one.service for one in staff} == {"under_review"}
    assert {one.entered_by_id for one in staff} == {clerk.pk}
    leader = staff.get(role="supervisor")
    assert staff.filter(supervisor=leader).count() == 3


def test_every_birth_has_its_audit_entry_with_the_batch(world: World) -> None:
    batch = bring_in(world, team(2), world.user(Role.TOWNSHIP_CLERK))

    entries = Entry.objects.filter(subject="recruitment_staff", batch_id=batch.pk, event="service")

    assert entries.count() == 3


@SLOW
@given(st.data())
def test_the_same_rows_in_any_order_or_part_change_nothing(world: World, data: Any) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    rows = [*team(3), *team(2), line(reserve=True)]
    bring_in(world, rows, clerk)
    before = picture()
    again = data.draw(st.permutations(rows))[: data.draw(st.integers(1, len(rows)))]

    file = upload(world, again, clerk)

    assert set(outcomes(file).values()) == {"unchanged"}
    with refused("nothing_to_write"):
        confirm(file, actor=clerk)
    assert picture() == before


@SLOW
@given(st.randoms(use_true_random=False))
def test_a_supervisor_may_stand_anywhere_in_the_file(world: World, chance: random.Random) -> None:
    rows = [*team(2), *team(2)]
    chance.shuffle(rows)

    batch = bring_in(world, rows, world.user(Role.TOWNSHIP_CLERK))

    assert batch.report["created"] == 6
    named = Staff.objects.filter(person__phone_digest__isnull=False, role="enumerator")
    assert not named.filter(supervisor=None).exists()


def test_a_supervisor_already_in_the_system_is_found_by_either_number(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    leader = line()
    bring_in(world, [leader], clerk)

    rows = [
        line(role="enumerator", supervisor_phone=leader.phone),
        line(role="enumerator", supervisor_id_number=leader.id_number),
    ]
    bring_in(world, rows, clerk)

    assert Staff.objects.get(role="supervisor").team.count() == 2


def test_a_wrong_supervisor_is_said_and_a_wrong_row_of_the_supervisor_too(world: World) -> None:
    leader, member = team(1, office_code="341524112")
    stranger = line(role="enumerator", supervisor_phone="13911110073")
    follower = line(role="enumerator", supervisor_phone=member.phone)

    file = upload(
        world,
        [replace(leader, census="五经普"), member, stranger, follower],
        world.user(Role.TOWNSHIP_CLERK),
    )

    assert codes(file) == [
        "census_wrong",
        "supervisor_row_bad",
        "supervisor_unknown",
        "supervisor_not_one",
    ]


def test_good_rows_go_in_and_wrong_ones_stay(world: World) -> None:
    batch = bring_in(world, [line(), line(office_code="341599")], world.user(Role.TOWNSHIP_CLERK))

    assert batch.report["totals"] == {"done": 1}
    assert Staff.objects.count() == 1


def test_the_same_person_or_phone_twice_in_a_file_is_an_error_in_every_such_row(
    world: World,
) -> None:
    first, other = line(), line()

    file = upload(
        world,
        [first, replace(first, employer="另一单位"), other, line(phone=other.phone)],
        world.user(Role.TOWNSHIP_CLERK),
    )

    assert codes(file) == ["twice_in_file"] * 2 + ["phone_twice_in_file"] * 2


def test_somebody_who_serves_elsewhere_is_an_error_that_tells_nothing(world: World) -> None:
    theirs = line(office_code="341522100", name="余成凤", employer="他县某单位")
    bring_in(
        world,
        [theirs],
        world.user(Role.TOWNSHIP_CLERK, world.other_township),
        world.other_township,
    )
    before = picture()
    mine = replace(theirs, office_code="341524112", name="别的名字", employer="我的单位")

    file = upload(world, [mine], world.user(Role.TOWNSHIP_CLERK))

    row = RosterRow.objects.get(file=file)
    assert [one["code"] for one in row.errors] == ["serves_elsewhere"]
    told = f"{row.line}{row.repairs}{row.errors}"
    assert row.staff_id is None and "余成凤" not in told
    assert "霍邱" not in told and "城关" not in told and "他县" not in told
    assert picture() == before


def test_within_reach_another_office_is_named_but_nobody_is_moved(world: World) -> None:
    known = line()
    bring_in(world, [known], world.user(Role.TOWNSHIP_CLERK))

    recruiter = world.user(Role.COUNTY_RECRUITER)
    file = upload(world, [replace(known, office_code="341524")], recruiter, world.county)

    row = RosterRow.objects.get(file=file)
    assert [one["code"] for one in row.errors] == ["other_office"]
    assert row.errors[0]["args"] == {"office": world.township.short_name}


def test_a_phone_of_another_person_in_this_census_is_refused(world: World) -> None:
    theirs = line(office_code="341522100")
    clerk = world.user(Role.TOWNSHIP_CLERK, world.other_township)
    bring_in(world, [theirs], clerk, world.other_township)

    file = upload(world, [line(phone=theirs.phone)], world.user(Role.TOWNSHIP_CLERK))

    assert codes(file) == ["phone_taken"]


def test_another_name_or_phone_becomes_a_correction_once(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    known = line(name="陈家财")
    bring_in(world, [known], clerk)
    changed = replace(known, name="陈家才", phone="13912340073")

    batch = bring_in(world, [changed], clerk)

    assert batch.report["updated"] == 1
    person = Person.objects.get()
    assert person.name == "陈家财" and person.phone == known.phone
    found = {one.field: one.new_value for one in Correction.objects.all()}
    assert found == {"name": "陈家才", "phone": "13912340073"}
    assert set(outcomes(upload(world, [changed], clerk)).values()) == {"unchanged"}
    other = upload(world, [replace(known, name="陈嘉财")], clerk)
    assert codes(other) == ["correction_open"]


def test_changed_job_fields_are_written_with_an_entry(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    known = line()
    bring_in(world, [known], clerk)

    changed = replace(known, employer="新单位", schooling="bachelor", areas=("341524112202",))
    bring_in(world, [changed], clerk)

    staff = Staff.objects.get()
    assert (staff.employer, staff.schooling) == ("新单位", "bachelor")
    entry = Entry.objects.get(event="record_changed")
    assert entry.details == {"fields": ["areas", "employer", "schooling"]}


def test_what_the_review_judged_is_kept_and_the_rest_changes(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    known = line()
    bring_in(world, [known], clerk)
    staff = Staff.objects.get()
    SERVICE.advance_one(staff, "appoint", actor=world.user(Role.COUNTY_REVIEWER))

    changed = replace(known, schooling="bachelor", areas=("341524112202",))
    file = upload(world, [changed], clerk)
    assert codes(file) == ["kept_after_review"]
    bring_in(world, [changed], clerk)

    staff.refresh_from_db()
    assert staff.schooling == "college" and staff.areas == ["341524112202"]
    assert staff.service == "appointed" and staff.entered_by_id == clerk.pk
    assert codes(upload(world, [replace(known, role="enumerator")], clerk)) == [
        "supervisor_missing",
        "role_fixed",
    ]


def test_a_returned_record_that_is_mended_goes_back_to_review(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    known = line()
    bring_in(world, [known], clerk)
    reviewer = world.user(Role.COUNTY_REVIEWER)
    SERVICE.advance_one(Staff.objects.get(), "return", actor=reviewer)

    bring_in(world, [replace(known, employer="新单位")], clerk)

    assert Staff.objects.get().service == "under_review"


def test_whoever_was_refused_does_not_come_back_with_the_file(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    known = line()
    bring_in(world, [known], clerk)
    SERVICE.advance_one(Staff.objects.get(), "refuse", actor=world.user(Role.COUNTY_REVIEWER))

    assert codes(upload(world, [known], clerk)) == ["refused_before"]


def test_rows_are_judged_again_when_they_are_written(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    theirs = world.user(Role.TOWNSHIP_CLERK, world.other_township)
    mine = line()
    file = upload(world, [mine, line()], clerk)
    there = replace(mine, office_code="341522100")
    bring_in(world, [there], theirs, world.other_township)

    batch = bring_in_file(file, clerk)

    assert batch.report["created"] == 1
    assert batch.report["reasons"] == {"serves_elsewhere": 1}
    row = RosterRow.objects.get(file=file, outcome="error")
    assert row.staff_id is None and row.errors[0]["code"] == "serves_elsewhere"


def bring_in_file(file: RosterFile, user: Any) -> Batch:
    return run(confirm(file, actor=user).pk)


def test_a_refused_row_leaves_no_person_behind(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    mine = line()
    file = upload(world, [mine], clerk)
    other = world.user(Role.TOWNSHIP_CLERK, world.other_township)
    taken = line(phone=mine.phone, office_code="341522100")
    bring_in(world, [taken], other, world.other_township)

    batch = bring_in_file(file, clerk)

    assert batch.report["reasons"] == {"phone_taken": 1}
    assert Person.objects.count() == 1


def test_a_roster_is_written_once(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    file = upload(world, [line()], clerk)
    confirm(file, actor=clerk)

    with refused("written_already"):
        confirm(file, actor=clerk)


def test_chunks_of_any_size_write_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RosterKind, "chunk", 2)
    monkeypatch.setattr(roster, "CHUNK", 3)

    batch = bring_in(world, [*team(4), *team(3)], world.user(Role.TOWNSHIP_CLERK))

    assert batch.report["created"] == 9
    assert Staff.objects.filter(supervisor__isnull=False).count() == 7


def test_schooling_below_the_census_is_only_a_warning(world: World) -> None:
    world.census.min_schooling = "senior"
    world.census.save()

    file = upload(world, [line(schooling="junior")], world.user(Role.TOWNSHIP_CLERK))

    assert codes(file) == ["schooling_low"]
    assert set(outcomes(file).values()) == {"create"}


def test_a_supervisor_of_a_neighbour_is_as_unknown_as_nobody(world: World) -> None:
    neighbour = make_office("341524113", 9, world.county, "古碑镇普查办")
    theirs = line(office_code="341524113", name="余成凤")
    bring_in(world, [theirs], world.user(Role.TOWNSHIP_CLERK, neighbour), neighbour)
    mine = line(role="enumerator", supervisor_phone=theirs.phone)

    file = upload(world, [mine], world.user(Role.TOWNSHIP_CLERK))

    assert codes(file) == ["supervisor_unknown"]
    assert "余成凤" not in str(RosterRow.objects.get(file=file).line)
    recruiter = world.user(Role.COUNTY_RECRUITER)
    assert codes(upload(world, [mine], recruiter, world.county)) == []


def test_text_that_only_looks_like_an_escape_is_kept_as_it_was_typed(world: World) -> None:
    odd = line(employer="\\u0000 村委会")

    batch = bring_in(world, [odd, line(schooling="\\u0000")], world.user(Role.TOWNSHIP_CLERK))

    assert batch.report["created"] == 1
    assert Staff.objects.get().employer == "\\u0000 村委会"
