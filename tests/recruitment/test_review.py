"""The county's review: decisions, reasons, second persons, resubmission, bulk."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from census_staff.accounts.models import Posting
from census_staff.accounts.roles import ROLES, Role
from census_staff.batches import services as batches
from census_staff.batches.runner import run
from census_staff.lib.errors import Refused
from recruitment import review, services
from recruitment.lifecycle import SERVICE
from recruitment.models import ReviewNote, Staff
from tests.standing import World


def reviewer_of(world: World) -> Client:
    client = Client()
    client.force_login(world.user(Role.COUNTY_REVIEWER))
    return client


def test_approving_appoints_and_keeps_who_reviewed_where(world: World) -> None:
    staff = world.staff()

    reviewer_of(world).post(
        reverse("review_decide", args=[staff.pk]), {"decision": "appoint", "sentence": ""}
    )

    staff.refresh_from_db()
    assert staff.service == "appointed"
    assert staff.reviewed_by == world.user(Role.COUNTY_REVIEWER)
    assert staff.reviewed_office == world.county
    assert staff.recruited_by == world.township


def test_returning_needs_a_reason_and_names_the_fields(world: World) -> None:
    staff = world.staff(employer="村")
    actor = world.user(Role.COUNTY_REVIEWER)

    with pytest.raises(Refused) as refused:
        review.decide_one(staff, "return", actor=actor)
    assert refused.value.code == "reason_needed"

    reviewer_of(world).post(
        reverse("review_decide", args=[staff.pk]),
        {
            "decision": "return",
            "back": ["employer"],
            "reason-employer": "incomplete",
            "say-employer": "请写全称和职务。",
        },
    )
    note = ReviewNote.objects.get(staff=staff)
    assert note.fields == {"employer": {"reason": "incomplete", "say": "请写全称和职务。"}}
    staff.refresh_from_db()
    assert staff.service == "returned"


def test_resubmitting_shows_what_changed_and_keeps_no_personal_data(world: World) -> None:
    staff = world.staff(employer="村")
    review.decide_one(
        staff, "return", actor=world.user(Role.COUNTY_REVIEWER), sentence="工作单位过短。"
    )
    seen = str(ReviewNote.objects.get().seen)
    assert staff.person.phone not in seen
    assert staff.person.name not in seen

    Staff.objects.filter(pk=staff.pk).update(employer="桃花村村民委员会 会计")
    staff.refresh_from_db()
    services.submit(staff, actor=world.user(Role.TOWNSHIP_CLERK))

    assert review.changed_fields(staff) == ["employer"]
    page = reviewer_of(world).get(reverse("review_one", args=[staff.pk])).content.decode()
    assert "工作单位过短。" in page


def test_nobody_approves_what_they_entered(world: World) -> None:
    staff = world.staff()
    clerk = world.user(Role.TOWNSHIP_CLERK)
    Posting.objects.create(
        user=clerk,
        role=Role.COUNTY_REVIEWER,
        duty=ROLES[Role.COUNTY_REVIEWER].duty,
        office=world.county,
    )

    with pytest.raises(Refused) as refused:
        review.decide_one(staff, "appoint", actor=clerk)

    assert refused.value.code == "not_eligible:appoint"
    staff.refresh_from_db()
    assert staff.service == "under_review"


@pytest.mark.parametrize("decision", ["appoint", "return", "refuse", "reserve"])
def test_a_reviewer_of_one_county_decides_on_none_of_another(world: World, decision: str) -> None:
    staff = world.staff(world.other_township)

    answer = reviewer_of(world).post(
        reverse("review_decide", args=[staff.pk]), {"decision": decision, "sentence": "理由"}
    )

    assert answer.status_code == 404
    assert not review.decide(
        [staff.pk],
        decision,
        actor=world.user(Role.COUNTY_REVIEWER),
        sentence="理由",
        at=timezone.now(),
    )


def test_who_was_put_in_reserve_can_be_appointed_later(world: World) -> None:
    staff, actor = world.staff(), world.user(Role.COUNTY_REVIEWER)

    review.decide_one(staff, "reserve", actor=actor)
    review.decide_one(staff, "appoint", actor=actor)

    assert staff.service == "appointed"


def test_a_record_marked_for_return_is_not_approved(world: World) -> None:
    staff = world.staff()

    reviewer_of(world).post(
        reverse("review_decide", args=[staff.pk]), {"decision": "appoint", "back": ["name"]}
    )

    staff.refresh_from_db()
    assert staff.service == "under_review"


def test_many_are_approved_upon_a_preview_and_reported(world: World) -> None:
    rows = [world.staff() for _each in range(3)]
    gone = world.staff()
    actor = world.user(Role.COUNTY_REVIEWER)
    client = reviewer_of(world)

    answer = client.post(
        reverse("review_bulk"),
        {"who": [one.pk for one in [*rows, gone]], "decision": "appoint", "sentence": ""},
    )
    batch = review.Batch.objects.get(kind="review")
    assert answer["Location"] == reverse("review_batch", args=[batch.pk])
    assert client.get(answer["Location"]).status_code == 200
    assert not Staff.objects.filter(service="appointed").exists()

    review.decide_one(gone, "refuse", actor=actor, sentence="重复报送。")
    batches.start(batch, actor=actor)
    batch = run(batch.pk)

    assert batch.state == "done"
    assert Staff.objects.filter(service="appointed").count() == 3
    assert batch.report["totals"] == {"done": 3, "refused": 1}
    assert batch.report["reasons"] == {"wrong_state": 1}
    assert run(batch.pk).report == batch.report


def test_a_bulk_decision_leaves_out_what_its_maker_entered(world: World) -> None:
    own, other = world.staff(), world.staff(entered_by=world.user(Role.CITY_STEWARD))
    clerk = world.user(Role.TOWNSHIP_CLERK)
    Posting.objects.create(
        user=clerk,
        role=Role.COUNTY_REVIEWER,
        duty=ROLES[Role.COUNTY_REVIEWER].duty,
        office=world.county,
    )

    batch = review.prepare(
        Staff.objects.filter(pk__in=[own.pk, other.pk]),
        "appoint",
        actor=clerk,
        census_id=world.census.pk,
    )
    batches.start(batch, actor=clerk)
    run(batch.pk)

    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.service, other.service) == ("under_review", "appointed")
    assert batch.items.get(target_id=own.pk).reason == "own_entry"


def test_more_than_five_hundred_are_not_decided_on_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "CAP", 1)
    rows = [world.staff(), world.staff()]

    with pytest.raises(Refused) as refused:
        review.prepare(
            Staff.objects.filter(pk__in=[one.pk for one in rows]),
            "appoint",
            actor=world.user(Role.COUNTY_REVIEWER),
            census_id=world.census.pk,
        )

    assert refused.value.code == "too_many"


def test_the_queue_shows_the_longest_wait_first_and_the_record_beside_it(
    world: World, django_assert_max_num_queries: Any
) -> None:
    first, second = world.staff(name="先来"), world.staff(name="后到")
    client = reviewer_of(world)

    with django_assert_max_num_queries(45):
        page = client.get(reverse("review_queue"))

    text = page.content.decode()
    assert text.index("先来") < text.index("后到")
    assert first.person.phone not in text
    assert second.person.id_number not in text
    assert 'style="' not in text


def test_clerks_do_not_review(world: World) -> None:
    client = Client()
    client.force_login(world.user(Role.TOWNSHIP_CLERK))

    assert client.get(reverse("review_queue")).status_code == 403


def test_the_service_axis_offers_the_reviewer_exactly_its_decisions(world: World) -> None:
    staff = world.staff()

    offered = SERVICE.offered(staff, actor=world.user(Role.COUNTY_REVIEWER))

    assert {step.name for step, _why in offered} == set(review.DECISIONS)
