"""Starting, saving, handing in: who may, how often, until when."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from census_staff.audit.models import Entry
from census_staff.lib.errors import Refused
from exams import bank, papers, questions
from exams.models import Answer, Attempt, Question
from exams.services.grade import close_overdue, submit
from exams.services.load_bank import load_bank
from exams.services.make import change_exam, close_exam, create_exam, publish_exam
from exams.services.sit import attempts_left, exam_for, open_page, save, start
from exams.services.void import void_attempt
from exams.telling import result
from recruitment.lifecycle import ACCESS
from recruitment.models import Staff
from tests.exams.standing import answered, key, publish, record, tap
from training.models import Retraining

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(world):
    publish(world)
    return world.enabled()


def begin(staff):
    attempt = start(record(staff), actor=staff.person.user, now=timezone.now())
    open_page(attempt)
    return attempt


def sit_through(staff, *, right):
    attempt = begin(staff)
    save(record(staff), attempt.pk, answered(attempt, right=right))
    return submit(attempt, actor=staff.person.user)


def test_the_bank_loads_once_and_a_reworded_question_becomes_a_version(db):
    first, again = load_bank(), load_bank()
    assert first["added"] == again["unchanged"] == Question.objects.count() >= 120
    one, *others = bank.load()
    done = load_bank([replace(one, stem=one.stem + "？"), *others])
    assert (done["reworded"], done["unchanged"]) == (1, len(others))
    assert Question.objects.filter(code=one.code).count() == 2
    assert load_bank(others)["retired"] == 1


def test_a_paper_keeps_its_words_when_the_bank_changes(world, staff):
    attempt = begin(staff)
    before = papers.public_view(attempt.paper, questions.of_paper(attempt.paper))
    load_bank([replace(one, stem=one.stem + "！") for one in bank.load()])
    assert papers.public_view(attempt.paper, questions.of_paper(attempt.paper)) == before
    with pytest.raises(DatabaseError), transaction.atomic():
        Question.objects.filter(version=1).update(stem="x")


def test_fifty_questions_sixty_minutes_and_another_paper_for_each(world, staff):
    one, other = begin(staff), begin(world.enabled())
    assert len(one.paper["items"]) == 50
    assert one.deadline_at - one.started_at == timedelta(minutes=60)
    assert one.late_until - one.deadline_at == timedelta(seconds=30)
    assert one.seed != other.seed and one.paper["items"] != other.paper["items"]


def test_all_right_is_a_hundred_and_forty_right_just_pass(world, staff):
    full = sit_through(staff, right=50)
    assert (full.score, full.passed, full.answered, full.closed_by) == (100, True, 50, "hand")
    just = sit_through(world.enabled(), right=40)
    assert (just.score, just.passed) == (80, True)
    failed = sit_through(world.enabled(), right=39)
    assert (failed.score, failed.passed) == (78, False)
    assert {row["of"] for row in failed.by_category.values()} == {8, 18, 16}


def test_the_state_of_an_attempt_is_audited_with_its_actor(staff):
    attempt = sit_through(staff, right=3)
    moves = Entry.objects.filter(subject="exams_attempt", subject_id=attempt.pk).order_by("pk")
    assert [(row.old, row.new) for row in moves] == [("", "open"), ("open", "submitted")]
    assert {row.actor for row in moves} == {f"user:{staff.person.user.pk}"}


def test_one_attempt_at_a_time_and_three_in_all(staff):
    begin(staff)
    with pytest.raises(Refused) as refused:
        begin(staff)
    assert refused.value.code == "attempt_open"
    submit(Attempt.objects.get(state="open"), actor=staff.person.user)
    sit_through(staff, right=1)
    sit_through(staff, right=1)
    with pytest.raises(Refused) as refused:
        begin(staff)
    assert refused.value.code == "no_attempts_left"
    Retraining.objects.create(
        person=staff.person,
        census=staff.census,
        role=staff.role,
        round=1,
        completed_at=timezone.now(),
    )
    assert begin(staff).number == 4


def test_a_voided_attempt_counts_for_nothing_and_is_given_back(world, staff):
    attempt = sit_through(staff, right=50)
    officer = world.user("training_officer", world.county)
    exam = exam_for(record(staff), now=timezone.now())
    assert attempts_left(record(staff), exam) == 2
    void_attempt(attempt, actor=officer, reason="断电")
    assert attempts_left(record(staff), exam) == 3
    assert not Staff.objects.filter(pk=staff.pk).meeting("passed").exists()
    with pytest.raises(Refused):
        void_attempt(attempt, actor=officer, reason="断电")
    elsewhere = world.user("training_officer", world.other_county)
    with pytest.raises(Refused) as refused:
        void_attempt(sit_through(staff, right=1), actor=elsewhere, reason="断电")
    assert refused.value.code == "not_allowed"


def test_whoever_is_disabled_may_sit_and_whoever_was_never_activated_may_not(world, staff):
    ACCESS.advance_one(staff, "disable", actor=world.user("city_steward", world.city), reason="x")
    assert sit_through(staff, right=50).passed
    with pytest.raises(Refused) as refused:
        start(record(world.appointed()), actor=world.user("auditor"), now=timezone.now())
    assert refused.value.code == "not_activated"


def test_sitting_with_one_answer_counts_and_without_any_does_not(world, staff):
    empty = world.enabled()
    submit(begin(empty), actor=empty.person.user)
    attempt = begin(staff)
    save(record(staff), attempt.pk, [tap(1, "A"), tap(1, "", sequence=2)])
    submit(attempt, actor=staff.person.user)
    sat = Staff.objects.meeting("sat_online")
    assert list(sat) == [staff]


def test_the_same_tap_twice_is_one_row_and_both_are_acknowledged(staff):
    attempt = begin(staff)
    touch = tap(3, "B")
    for _again in range(2):
        assert save(record(staff), attempt.pk, [touch]).operations == (touch.op,)
    assert Answer.objects.count() == 1


def test_a_page_that_was_never_opened_outranks_nothing(staff):
    attempt = begin(staff)
    right = key(attempt)[1]
    save(record(staff), attempt.pk, [tap(1, "F", page=900, sequence=1)])
    assert open_page(attempt) == 2
    save(record(staff), attempt.pk, [tap(1, right, page=2, sequence=1)])
    assert submit(attempt, actor=staff.person.user).score == 2


def test_nobody_saves_into_another_persons_attempt(world, staff):
    attempt = begin(staff)
    with pytest.raises(Attempt.DoesNotExist):
        save(record(world.enabled()), attempt.pk, [tap(1, "A")])
    assert not Answer.objects.exists()


def test_a_save_is_one_statement_and_a_start_is_bounded(staff, django_assert_num_queries):
    attempt, who = begin(staff), record(staff)
    with django_assert_num_queries(1):
        save(who, attempt.pk, [tap(1, "A"), tap(2, "B")])


def test_handing_in_twice_gives_one_result(staff):
    first = sit_through(staff, right=45)
    at = first.submitted_at
    assert submit(first, actor=staff.person.user).submitted_at == at
    with pytest.raises(DatabaseError), transaction.atomic():
        Attempt.objects.filter(pk=first.pk).update(score=100)


def overdue(staff, *, late):
    """Return an attempt that began so long ago that its grace ended `late` ago."""
    began = timezone.now() - late - timedelta(minutes=60, seconds=30)
    attempt = start(record(staff), actor=staff.person.user, now=began)
    Attempt.objects.filter(pk=attempt.pk).update(page=1)
    return attempt


def test_the_clock_hands_in_what_is_overdue_and_nothing_else(world, staff):
    publish(world, role="supervisor", opens_at=timezone.now() - timedelta(days=1))
    other = world.enabled(role="supervisor")
    gone = overdue(other, late=timedelta(seconds=1))
    begin(staff)
    assert close_overdue() == 1
    assert close_overdue() == 0
    gone.refresh_from_db()
    assert (gone.state, gone.closed_by, gone.score) == ("submitted", "clock", 0)
    assert Entry.objects.filter(subject_id=gone.pk, new="submitted", actor="system:exams").exists()


def test_explanations_wait_for_the_window_and_for_the_last_who_sits(world, staff):
    attempt = sit_through(staff, right=10)
    now = timezone.now()
    assert result(attempt, now=now)["explained"] == []
    after = attempt.exam.closes_at + timedelta(seconds=1)
    assert len(result(attempt, now=after)["explained"]) == 50
    begin(world.enabled())
    assert result(attempt, now=after)["explained"] == []


def test_the_nearest_office_decides_which_exam_is_sat(world, staff):
    city = publish(world, office=world.city)
    here, there = world.enabled(), world.enabled(world.other_township)
    assert exam_for(record(here), now=timezone.now()).office == world.county
    assert exam_for(record(there), now=timezone.now()) == city
    close_exam(
        exam_for(record(here), now=timezone.now()),
        actor=world.user("training_officer", world.county),
    )
    assert exam_for(record(here), now=timezone.now()) == city


def test_a_blueprint_without_enough_weight_is_not_published(world):
    load_bank()
    officer = world.user("training_officer", world.county)
    light = [{"category": "law", "kind": "", "count": 50, "points": 2}]
    exam = create_exam(
        actor=officer,
        census=world.census,
        office=world.county,
        role="enumerator",
        title="x",
        blueprint=light,
    )
    with pytest.raises(Refused) as refused:
        publish_exam(exam, actor=officer)
    assert refused.value.code == "blueprint_weight"


def test_a_published_exam_stays_as_it_is(world):
    exam = publish(world)
    officer = world.user("training_officer", world.county)
    with pytest.raises(Refused) as refused:
        change_exam(exam, actor=officer, minutes=5)
    assert refused.value.code == "exam_published"
    with pytest.raises(DatabaseError), transaction.atomic():
        type(exam).objects.filter(pk=exam.pk).update(minutes=5)
    with pytest.raises(Refused) as refused:
        publish(world)
    assert refused.value.code == "exam_published_already"
