"""Remind, disable, settle, enable, exempt: orders beside every move of access."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.accounts.scope import System
from census_staff.lib.errors import Refused
from recruitment import access_orders, services
from recruitment.models import AccessOrder, Exemption, Staff
from tests.standing import World, pledge, sit, train


def soon() -> Any:
    return timezone.localdate() + timedelta(days=7)


def test_a_reminder_names_a_day_and_is_settled(world: World) -> None:
    staff, actor = world.enabled(), world.user(Role.COORDINATOR)

    services.remind(staff, actor=actor, reason="untrained", sentence="尽快学完", until=soon())
    staff.refresh_from_db()
    assert staff.access == "reminded"
    assert AccessOrder.objects.get().until == soon()

    services.settle(staff, actor=actor)
    staff.refresh_from_db()
    assert staff.access == "enabled"
    assert AccessOrder.objects.get().ended_at is not None


def test_what_can_be_mended_is_reminded_of_before_it_is_disabled_for(world: World) -> None:
    staff, actor = world.enabled(), world.user(Role.COORDINATOR)

    with pytest.raises(Refused) as refused:
        services.disable(staff, actor=actor, reason="untrained", sentence="仍未学习")
    assert refused.value.code == "remind_first"

    services.remind(staff, actor=actor, reason="untrained", until=soon())
    services.disable(staff, actor=actor, reason="untrained", sentence="仍未学习")
    staff.refresh_from_db()
    assert staff.access == "disabled"


def test_what_is_urgent_needs_no_reminder(world: World) -> None:
    staff = world.enabled()

    services.disable(
        staff,
        actor=world.user(Role.COORDINATOR),
        reason="irregular",
        sentence="当场制止",
        is_urgent=True,
    )

    staff.refresh_from_db()
    assert staff.access == "disabled"


def test_the_very_next_request_of_the_disabled_is_refused_without_touching_sessions(
    world: World,
) -> None:
    staff = world.enabled()
    client = Client()
    client.force_login(staff.person.user)
    from census_staff.accounts.gate import field_record

    field_record(staff.person.user, world.census.code)

    services.disable(
        staff, actor=world.user(Role.COORDINATOR), reason="violation", sentence="冒用证件"
    )

    with pytest.raises(Refused) as refused:
        field_record(staff.person.user, world.census.code)
    assert refused.value.code == "access_disabled"


def test_enabling_waits_for_every_standard_the_order_names(world: World) -> None:
    staff, actor = world.enabled(), world.user(Role.COORDINATOR)
    services.disable(
        staff, actor=actor, reason="unfit", sentence="x", standards=["trained", "passed"]
    )

    train(staff)
    with pytest.raises(Refused) as refused:
        services.enable(staff, actor=actor)
    assert refused.value.code == "not_eligible:enable"

    sit(staff, score=90)
    services.enable(staff, actor=actor)
    staff.refresh_from_db()
    assert staff.access == "enabled"
    assert not AccessOrder.objects.filter(ended_at=None).exists()


def test_an_approved_exemption_stands_in_for_the_standard_until_its_day(world: World) -> None:
    staff, actor = world.enabled(), world.user(Role.COORDINATOR)
    services.disable(staff, actor=actor, reason="unfit", sentence="x", standards=["passed"])
    asked = services.ask_exemption(
        staff, actor=actor, standards=["passed"], reason="住院", until=soon()
    )
    with pytest.raises(Refused):
        services.enable(staff, actor=actor)

    services.decide_exemption(asked, actor=world.user(Role.CITY_APPROVER), is_granted=True)
    services.enable(staff, actor=actor)

    staff.refresh_from_db()
    assert staff.access == "enabled"


def test_whoever_asks_for_an_exemption_does_not_grant_it(world: World) -> None:
    staff = world.enabled()
    asked = services.ask_exemption(
        staff,
        actor=world.user(Role.COORDINATOR),
        standards=["passed"],
        reason="住院",
        until=soon(),
    )

    with pytest.raises(Refused):
        services.decide_exemption(asked, actor=world.user(Role.COORDINATOR), is_granted=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Exemption.objects.filter(pk=asked.pk).update(
            approved_by=asked.made_by, approved_at=timezone.now()
        )


def test_an_exemption_past_its_day_or_refused_counts_for_nothing(world: World) -> None:
    staff, actor = world.enabled(), world.user(Role.COORDINATOR)
    asked = services.ask_exemption(
        staff, actor=actor, standards=["passed"], reason="住院", until=soon()
    )
    services.decide_exemption(asked, actor=world.user(Role.CITY_APPROVER), is_granted=False)
    assert not Staff.objects.exempt_from("passed").exists()

    with pytest.raises(Refused) as refused:
        services.ask_exemption(
            staff,
            actor=actor,
            standards=["passed"],
            reason="住院",
            until=timezone.localdate() - timedelta(days=1),
        )
    assert refused.value.code == "until_past"


def test_an_exemption_is_asked_and_granted_on_the_screen(world: World) -> None:
    staff = world.enabled()
    asker, decider = Client(), Client()
    asker.force_login(world.user(Role.COORDINATOR))
    decider.force_login(world.user(Role.CITY_APPROVER))

    asker.post(
        reverse("exemption_ask", args=[staff.pk]),
        {"standards": ["passed"], "reason": "住院", "until": soon().isoformat()},
    )
    one = Exemption.objects.get()
    assert (
        reverse("exemption_decide", args=[one.pk, "grant"])
        not in asker.get(reverse("exemption_list")).content.decode()
    )
    decider.post(reverse("exemption_decide", args=[one.pk, "grant"]))

    one.refresh_from_db()
    assert one.approved_by == world.user(Role.CITY_APPROVER)


def test_orders_in_bulk_move_whom_they_may_and_tell_whom(world: World) -> None:
    open_one, shut = world.enabled(), world.appointed()
    at = timezone.now()

    moved = access_orders.order_disable(
        [open_one.pk, shut.pk],
        actor=System("run"),
        reason="run",
        standards=["sat_online"],
        batch_id=7,
        at=at,
    )

    assert moved == [open_one.pk]
    order = AccessOrder.objects.get()
    assert (order.made_by, order.batch_id, order.made_at) == ("system:run", 7, at)
    assert access_orders.lift([open_one.pk], actor=System("run"), at=at) == []
    sit(open_one, score=40)
    assert access_orders.lift([open_one.pk], actor=System("run"), at=at) == [open_one.pk]


def test_a_reminder_survives_a_disabling_and_ends_with_it(world: World) -> None:
    staff, actor = world.enabled(), world.user(Role.COORDINATOR)
    services.remind(staff, actor=actor, reason="other", sentence="x", until=soon())
    services.disable(staff, actor=actor, reason="other", sentence="y")
    assert AccessOrder.objects.filter(ended_at=None).count() == 2

    services.enable(staff, actor=actor)

    assert not AccessOrder.objects.filter(ended_at=None).exists()


def test_the_timeline_tells_orders_reviews_and_evidence_in_words(world: World) -> None:
    from recruitment.timeline import events_of

    staff, actor = world.enabled(), world.user(Role.COORDINATOR)
    train(staff)
    sit(staff, score=74)
    pledge(staff)
    services.remind(staff, actor=actor, reason="untrained", sentence="补考", until=soon())

    events = events_of(staff)

    said = " ".join(f"{event.title} {event.say}" for event in events)
    assert "补考" in said
    assert "74" in said
    assert [event.at for event in events] == sorted((e.at for e in events), reverse=True)
