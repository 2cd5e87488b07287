"""Studying leaves evidence, and only studying does."""

import pytest
from django.db import Error, transaction

from census_staff.lib.errors import Refused
from recruitment.models import Staff
from tests.training.studying import (
    account,
    finish,
    later,
    learner,
    loaded,
    study_all,
    unit_of,
)
from training import services
from training.courses import load_courses
from training.models import Completion, Course, Requirement, Retraining
from training.playback import seconds
from training.standing import standing_of


@pytest.fixture
def person(world):
    return loaded(world).enabled()


def is_trained(staff):
    return Staff.objects.filter(pk=staff.pk).meeting("trained").exists()


def test_loading_the_courses_twice_changes_nothing(world):
    loaded(world)
    before = (Course.objects.count(), Requirement.objects.count())
    assert load_courses(world.census, office=world.city, actor=world.user("training_officer")) == 0
    assert (Course.objects.count(), Requirement.objects.count()) == before
    assert before[0] == 2
    assert set(Course.objects.values_list("state", flat=True)) == {"published"}


def test_whoever_completes_every_required_unit_is_trained(person):
    study_all(person)
    completion = Completion.objects.get()
    assert is_trained(person)
    assert [one["code"] for one in completion.courses] == ["laws", "software"]


def test_one_unit_less_is_not_trained(person):
    units = [one.unit for course in standing_of(learner(person)).active for one in course.units]
    for unit in units[:-1]:
        finish(person, unit)
    assert not is_trained(person)
    finish(person, units[-1])
    assert is_trained(person)


def test_a_page_that_was_not_read_to_its_end_takes_no_answer(person):
    unit = unit_of("page")
    with pytest.raises(Refused) as refused:
        services.answer(
            learner(person), unit, unit.content["check"]["answer"], actor=account(person)
        )
    assert refused.value.code == "not_at_the_end"


def test_a_wrong_answer_explains_and_may_be_tried_again(person):
    unit, who, actor = unit_of("page"), learner(person), account(person)
    services.reach_end(who, unit, actor=actor)
    wrong = (unit.content["check"]["answer"] + 1) % len(unit.content["check"]["options"])
    said, progress = services.answer(who, unit, wrong, actor=actor)
    assert (said.is_right, progress.completed_at) == (False, None)
    assert said.explanation == unit.content["check"]["explanation"]
    said, progress = services.answer(who, unit, unit.content["check"]["answer"], actor=actor)
    assert said.is_right and progress.completed_at
    assert progress.evidence["tries"] == 2


def test_a_document_is_read_when_every_page_was_opened(person):
    unit, who, actor = unit_of("pdf"), learner(person), account(person)
    for number in (4, 2, 2, 1):
        assert services.open_page(who, unit, number, actor=actor).reached_end_at is None
    assert services.open_page(who, unit, 3, actor=actor).reached_end_at
    with pytest.raises(Refused):
        services.open_page(who, unit, 5, actor=actor)


def test_seeking_ahead_in_a_film_earns_nothing(person):
    unit, who, actor = unit_of("film"), learner(person), account(person)
    view, _progress = services.open_film(who, unit, actor=actor)
    with later(5):
        progress = services.beat(who, unit, view=view, played=(0, 5), actor=actor)
    with later(6):
        progress = services.beat(who, unit, view=view, played=(5, 100), actor=actor)
    assert seconds(progress.evidence["played"]) <= 6
    assert progress.reached_end_at is None


def test_two_windows_earn_no_more_than_one(person):
    unit, who, actor = unit_of("film"), learner(person), account(person)
    first, _progress = services.open_film(who, unit, actor=actor)
    second, _progress = services.open_film(who, unit, actor=actor)
    with later(50):
        progress = services.beat(who, unit, view=second, played=(0, 50), actor=actor)
        with pytest.raises(Refused) as refused:
            services.beat(who, unit, view=first, played=(50, 100), actor=actor)
    assert refused.value.code == "another_view"
    assert seconds(progress.evidence["played"]) == 50


def test_taking_the_film_up_in_a_new_window_pays_no_time_twice(person):
    unit, who, actor = unit_of("film"), learner(person), account(person)
    for start in (0, 40):
        with later(40):
            view, _progress = services.open_film(who, unit, actor=actor)
            progress = services.beat(who, unit, view=view, played=(start, start + 40), actor=actor)
    assert seconds(progress.evidence.get("played", [])) == 0


def test_a_film_really_played_counts(person):
    finish(person, unit_of("film"))
    shown = standing_of(learner(person)).active[1]
    assert [one.is_done for one in shown.units if one.unit.kind == "film"] == [True]


def test_a_voided_training_must_be_studied_anew(person, world):
    study_all(person)
    officer = world.user("training_officer")
    services.void_completion(Completion.objects.get(), actor=officer, reason="他人代学")
    assert not is_trained(person)
    with pytest.raises(Refused):
        services.void_completion(Completion.objects.get(), actor=officer, reason="再一次")
    assert standing_of(learner(person)).active[0].done == 0
    study_all(person)
    assert is_trained(person)
    assert sorted(Completion.objects.values_list("round", flat=True)) == [0, 1]


def test_retraining_is_studied_from_nothing_and_counted_each_time(person):
    study_all(person)
    for round_ in (1, 2):
        active = standing_of(learner(person)).active
        assert [(course.course.code, course.done) for course in active] == [("software", 0)]
        study_all(person)
        assert Retraining.objects.filter(round=round_).exists()
    assert Completion.objects.count() == 1


def test_evidence_of_training_is_never_changed(person):
    study_all(person)
    with pytest.raises(Error), transaction.atomic():
        Completion.objects.update(role="supervisor")


def test_another_countys_course_is_not_asked(person, world):
    course = Course.objects.get(code="laws")
    Course.objects.filter(pk=course.pk).update(office=world.other_county)
    assert [one.course.code for one in standing_of(learner(person)).courses] == ["software"]
