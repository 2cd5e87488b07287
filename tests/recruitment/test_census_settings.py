"""A city's settings of a census: its own at once, its two times with a second person."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.censuses.models import Census, TimeChange
from census_staff.censuses.presets import AGRICULTURE, ECONOMIC, open_census
from census_staff.lib.errors import Refused
from census_staff.lib.wording import deadline
from recruitment import census_services as services
from recruitment.models import Staff
from tests.standing import World, pledge, sit, train


def wish(world: World) -> TimeChange:
    at = timezone.now().replace(microsecond=0)
    return services.ask_times(
        world.census,
        actor=world.user(Role.CITY_STEWARD),
        deadline_at=at + timedelta(days=3),
        execute_at=at + timedelta(days=4),
        reason="省级通知调整",
    )


def test_new_times_hold_only_with_a_second_person(world: World) -> None:
    change, before = wish(world), world.census.deadline_at

    with pytest.raises(Refused) as refused:
        services.approve_times(change, actor=world.user(Role.CITY_STEWARD))
    assert refused.value.code == "second_person"
    assert Census.objects.get().deadline_at == before

    services.approve_times(change, actor=world.user(Role.CITY_APPROVER))
    assert Census.objects.get().deadline_at == change.deadline_at


def test_the_database_refuses_times_approved_by_who_wished_them(world: World) -> None:
    change = wish(world)

    with pytest.raises(IntegrityError), transaction.atomic():
        TimeChange.objects.filter(pk=change.pk).update(
            approved_by=change.made_by, approved_at=timezone.now()
        )


def test_execution_before_the_deadline_is_refused_at_its_field(world: World) -> None:
    at = timezone.now()

    with pytest.raises(Refused) as refused:
        services.ask_times(
            world.census,
            actor=world.user(Role.CITY_STEWARD),
            deadline_at=at + timedelta(days=3),
            execute_at=at + timedelta(days=2),
            reason="x",
        )

    assert refused.value.field == "execute_at"


def test_the_two_presets_stand_side_by_side_with_their_sources(db: None) -> None:
    economic, agriculture = open_census(ECONOMIC), open_census(AGRICULTURE)

    assert deadline(economic.deadline_at).endswith("12月20日24时")
    assert economic.local(economic.execute_at).hour == 18
    assert "六经普办" in economic.sources["execute_at"]
    assert "deadline_at" not in agriculture.sources
    assert open_census(AGRICULTURE) == agriculture


def test_what_no_source_states_is_shown_as_the_offices_own(world: World, client: Any) -> None:
    client.force_login(world.user(Role.CITY_STEWARD))

    page = client.get("/census/").content.decode()

    assert page.count("本机构设定") > 5


def test_the_page_changes_what_the_form_names_and_nothing_else(world: World, client: Any) -> None:
    client.force_login(world.user(Role.CITY_STEWARD))
    census = world.census
    form = client.get("/census/").context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    values |= {"pass_mark": 70, "code": "99", "deadline_at": "2030-01-01 00:00", "stage": "closed"}

    assert client.post("/census/", values).status_code == 302

    after = Census.objects.get()
    assert (after.pass_mark, after.code, after.stage) == (70, "04", "live")
    assert after.deadline_at == census.deadline_at


def test_a_pass_mark_over_a_hundred_is_refused_at_its_field(world: World, client: Any) -> None:
    client.force_login(world.user(Role.CITY_STEWARD))
    form = client.get("/census/").context["form"]
    values = {name: form[name].value() or "" for name in form.fields} | {"pass_mark": 120}

    answer = client.post("/census/", values)

    assert answer.status_code == 422
    assert "pass_mark" in answer.context["form"].errors


def test_a_county_does_not_see_the_settings(world: World, client: Any) -> None:
    client.force_login(world.user(Role.COORDINATOR))

    assert client.get("/census/").status_code == 403


def test_a_census_can_ask_more_than_the_three_facts_but_not_less(world: World, client: Any) -> None:
    staff = world.enabled()
    train(staff)
    sit(staff, score=95, mode="offline")
    pledge(staff)
    assert Staff.objects.ready().filter(pk=staff.pk).exists()
    client.force_login(world.user(Role.CITY_STEWARD))
    form = client.get("/census/").context["form"]
    values = {name: form[name].value() or "" for name in form.fields}

    less = client.post("/census/", values | {"card_standards": ["trained", "passed"]})
    more = ["trained", "passed", "pledged", "sat_online"]
    client.post("/census/", values | {"card_standards": more})

    assert less.status_code == 422
    assert Census.objects.get().card_standards == more
    assert not Staff.objects.ready().filter(pk=staff.pk).exists()
    assert Staff.objects.with_unmet().get(pk=staff.pk).unmet == ["sat_online"]
