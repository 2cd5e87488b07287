"""The office's pages: the board, the blueprint, publishing, people, voiding; nothing of other counties."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exams.models import Attempt, Exam
from exams.services.load_bank import load_bank
from tests.exams.standing import publish
from tests.standing import sit

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer(world):
    load_bank()
    return signed_in(world.user("training_officer", world.county))


def fields(page):
    """Return what a form would send as it was shown."""
    pairs = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            pairs[name[1]] = value[1] if value else ""
    return {name: value for name, value in pairs.items() if name != "csrfmiddlewaretoken"}


def test_an_exam_is_made_from_the_numbers_of_the_census_and_published(world, officer):
    shown = officer.get(reverse("exam_new")).content.decode()
    values = fields(shown) | {"role": "enumerator", "office": world.county.pk}
    assert (values["pass_mark"], values["minutes"], values["attempts"]) == ("80", "60", "3")
    assert officer.post(reverse("exam_new"), values).status_code == 302
    exam = Exam.objects.get()
    page = officer.get(reverse("exam_page", args=[exam.pk])).content.decode()
    assert reverse("exam_publish", args=[exam.pk]) in page and "68%" in page
    officer.post(reverse("exam_publish", args=[exam.pk]))
    exam.refresh_from_db()
    assert exam.state == "published"
    assert officer.post(reverse("exam_page", args=[exam.pk]), values).status_code == 409
    assert officer.get(reverse("exam_close", args=[exam.pk])).status_code == 200
    officer.post(reverse("exam_close", args=[exam.pk]))
    exam.refresh_from_db()
    assert exam.state == "closed"


def test_a_draft_with_too_little_weight_says_why_and_cannot_be_published(world, officer):
    shown = officer.get(reverse("exam_new")).content.decode()
    values = fields(shown) | {"role": "enumerator", "office": world.county.pk}
    heavy = {name: "0" for name in values if name.startswith("count_")}
    officer.post(reverse("exam_new"), values | heavy | {"count_law_single": "50"})
    exam = Exam.objects.get()
    page = officer.get(reverse("exam_page", args=[exam.pk])).content.decode()
    assert 'id="problem"' in page and reverse("exam_publish", args=[exam.pk]) not in page
    officer.post(reverse("exam_publish", args=[exam.pk]))
    exam.refresh_from_db()
    assert exam.state == "draft"


@pytest.mark.parametrize(
    "bad",
    [{"pass_mark": "79"}, {"minutes": "0"}, {"minutes": "x"}, {"closes_at": "2020-01-01 00:00"},
     {"title": ""}, {"count_law_single": "-1"}, {"attempts": "99999999999"}],
)  # fmt: skip
def test_what_cannot_be_kept_comes_back_with_its_error(world, officer, bad):
    shown = officer.get(reverse("exam_new")).content.decode()
    values = fields(shown) | {"role": "enumerator", "office": world.county.pk}
    answer = officer.post(reverse("exam_new"), values | bad)
    assert answer.status_code == 200 and "aria-invalid" in answer.content.decode()
    assert not Exam.objects.exists()


def test_the_board_counts_and_every_number_opens_its_list(world, officer):
    publish(world)
    sat, passed, due = (
        world.enabled(name="王一"),
        world.enabled(name="李二"),
        world.enabled(name="赵三"),
    )
    world.enabled(world.other_township, name="外县人")
    sit(sat, score=50)
    sit(passed, score=90)
    board = officer.get(reverse("exam_list"))
    assert board.context["board"] == [
        {"role": "enumerator", "due": 3, "sat": 2, "passed": 1, "unsat": 1}
    ]
    for show, names in (
        ("due", {sat, passed, due}),
        ("sat", {sat, passed}),
        ("unsat", {due}),
        ("passed", {passed}),
        ("unpassed", {sat, due}),
    ):
        page = officer.get(reverse("exam_people"), {"role": "enumerator", "show": show})
        assert {line["staff"] for line in page.context["lines"]} == names
        assert "外县人" not in page.content.decode()


def test_an_attempt_is_voided_with_a_reason_and_other_counties_see_nothing(world, officer):
    exam = publish(world)
    staff = world.enabled(name="王一")
    attempt = sit(staff, score=90)
    page = officer.get(reverse("exam_attempts", args=[staff.person_id])).content.decode()
    assert reverse("attempt_void", args=[attempt.pk]) in page
    elsewhere = signed_in(world.user("training_officer", world.other_county))
    for name, pk in (
        ("exam_page", exam.pk), ("exam_close", exam.pk),
        ("exam_attempts", staff.person_id), ("attempt_void", attempt.pk),
    ):  # fmt: skip
        assert elsewhere.get(reverse(name, args=[pk])).status_code == 404
    assert elsewhere.post(reverse("exam_publish", args=[exam.pk])).status_code == 404
    officer.post(reverse("attempt_void", args=[attempt.pk]), {"reason": ""})
    assert not hasattr(Attempt.objects.get(), "void")
    officer.post(reverse("attempt_void", args=[attempt.pk]), {"reason": "停电"})
    assert Attempt.objects.get().void.reason == "停电"
    assert "停电" in officer.get(reverse("exam_attempts", args=[staff.person_id])).content.decode()


def test_the_auditor_sees_and_changes_nothing(world):
    exam = publish(world)
    auditor = signed_in(world.user("auditor", world.county))
    assert auditor.get(reverse("exam_page", args=[exam.pk])).status_code == 200
    assert auditor.get(reverse("exam_new")).status_code == 403
    assert auditor.post(reverse("exam_close", args=[exam.pk])).status_code == 403
    assert auditor.post(reverse("exam_page", args=[exam.pk])).status_code == 403


def test_a_county_sees_the_citys_published_exam_but_not_its_drafts(world):
    city = publish(world, office=world.city)
    county = signed_in(world.user("training_officer", world.county))
    assert county.get(reverse("exam_page", args=[city.pk])).status_code == 200
    assert county.post(reverse("exam_close", args=[city.pk])).status_code == 404


def test_the_list_asks_a_bounded_number_of_questions(world, officer, django_assert_max_num_queries):
    publish(world)
    for _each in range(4):
        sit(world.enabled(), score=50)
    with django_assert_max_num_queries(14):
        officer.get(reverse("exam_people"))
    assert timezone.now() - timedelta(days=1) < Exam.objects.get().published_at
