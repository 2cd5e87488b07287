"""The pages of training: what a phone sees and sends, and what an office may do."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from recruitment.models import Staff
from tests.training.studying import account, finish, learner, loaded, study_all, unit_of
from training import services
from training.models import Completion, Course, Unit, UnitProgress
from training.standing import standing_of


@pytest.fixture
def city(world):
    return loaded(world)


@pytest.fixture
def person(city):
    return city.enabled()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def tell(client, unit, **said):
    to = reverse("phone_unit_progress", args=["04", unit.pk])
    return client.post(to, json.dumps(said), content_type="application/json")


@pytest.mark.parametrize("kind", ["page", "pdf", "film"])
def test_every_kind_of_unit_is_shown_without_its_answer(person, kind):
    client, unit = signed_in(account(person)), unit_of(kind)
    shown = client.get(reverse("phone_unit", args=["04", unit.pk])).content.decode()
    assert unit.title in shown
    assert unit.content["check"]["explanation"] not in shown
    told = client.get(f"/api/my/04/units/{unit.pk}/").json()
    assert set(told["question"]) == {"stem", "options"}


def test_a_page_is_studied_by_script_or_by_plain_forms(person):
    client, unit = signed_in(account(person)), unit_of("page")
    right = unit.content["check"]["answer"]
    assert tell(client, unit, op="answer", choice=right).json()["code"] == "not_at_the_end"
    assert tell(client, unit, op="end").json()["reached_end"]
    to = reverse("phone_unit_progress", args=["04", unit.pk])
    shown = client.post(to, {"op": "answer", "choice": right}, follow=True).content.decode()
    assert unit.content["check"]["explanation"] in shown
    assert UnitProgress.objects.get().completed_at


def test_looking_at_a_unit_writes_nothing(person):
    client = signed_in(account(person))
    for kind in ("page", "pdf", "film"):
        client.get(reverse("phone_unit", args=["04", unit_of(kind).pk]))
    client.get(reverse("phone_unit_image", args=["04", unit_of("pdf").pk, 1]))
    assert not UnitProgress.objects.exists()


def test_a_documents_page_is_a_picture(person):
    client, unit = signed_in(account(person)), unit_of("pdf")
    picture = client.get(reverse("phone_unit_image", args=["04", unit.pk, 1]))
    assert picture.content[:3] == b"\xff\xd8\xff"
    assert client.get(reverse("phone_unit_image", args=["04", unit.pk, 99])).status_code == 404


def test_a_film_is_sent_in_the_pieces_that_are_asked_for(person):
    client, unit = signed_in(account(person)), unit_of("film")
    to = reverse("phone_unit_file", args=["04", unit.pk, "film"])
    piece = client.get(to, headers={"range": "bytes=10-19"})
    assert piece.status_code == 206
    assert piece["Content-Range"].startswith("bytes 10-19/")
    assert len(b"".join(piece.streaming_content)) == 10
    tail = client.get(to, headers={"range": "bytes=-5"})
    assert len(b"".join(tail.streaming_content)) == 5
    assert client.get(to, headers={"range": "bytes=999999999-"}).status_code == 416
    assert client.get(to).status_code == 200
    captions = client.get(reverse("phone_unit_file", args=["04", unit.pk, "captions-0"]))
    assert captions["Content-Type"] == "text/vtt"


def test_only_people_of_the_census_get_the_film(city, person):
    to = reverse("phone_unit_file", args=["04", unit_of("film").pk, "film"])
    assert Client().get(to).status_code == 302
    assert signed_in(city.user("training_officer")).get(to).status_code == 404


def test_an_officer_writes_publishes_and_withdraws_a_course(city, person):
    officer = signed_in(city.user("training_officer"))
    officer.post("/courses/new/", {"title": "入户礼仪", "summary": "怎样敲门。"})
    course = Course.objects.get(title="入户礼仪")
    unit = {
        "title": "敲门",
        "minutes": 3,
        "text": "先敲三下。\n\n- 退后一步\n- 亮证",
        "stem": "先做什么？",
        "options": "推门\n*敲门",
        "explanation": "不得擅自进入。",
    }
    steps = f"/courses/{course.pk}/steps/publish/"
    assert officer.post(steps).status_code == 409
    assert officer.post(f"/courses/{course.pk}/units/new/", unit).status_code == 302
    assert officer.post(steps).status_code == 302
    assert officer.post(f"/courses/{course.pk}/units/new/", unit).status_code == 200
    phone = signed_in(account(person))
    assert "入户礼仪" in phone.get("/my/04/courses/").content.decode()
    officer.post(f"/courses/{course.pk}/asked/", {"role": ["enumerator"]})
    study_all(person)
    assert [one["code"] for one in Completion.objects.get().courses][-1] == course.code
    officer.post(f"/courses/{course.pk}/steps/withdraw/", {"reason": "改版"})
    course.refresh_from_db()
    assert course.state == "withdrawn"
    assert "入户礼仪" not in phone.get("/my/04/courses/").content.decode()


def test_an_office_of_one_county_sees_nothing_of_anothers_courses(city):
    theirs = Course.objects.get(code="laws")
    Course.objects.filter(pk=theirs.pk).update(office=city.other_county)
    officer = signed_in(city.user("training_officer", city.county))
    assert theirs.title not in officer.get("/courses/").content.decode()
    assert officer.get(f"/courses/{theirs.pk}/").status_code == 404
    assert officer.post(f"/courses/{theirs.pk}/steps/withdraw/").status_code == 404
    shared = Course.objects.get(code="software")
    assert officer.get(f"/courses/{shared.pk}/").status_code == 200
    assert officer.post(f"/courses/{shared.pk}/steps/withdraw/").status_code == 404


@pytest.mark.parametrize("kind", ["page", "pdf", "film"])
def test_the_office_reads_a_unit_with_its_answer(city, kind):
    unit = unit_of(kind)
    officer = signed_in(city.user("coordinator"))
    shown = officer.get(f"/courses/{unit.course_id}/units/{unit.pk}/").content.decode()
    assert unit.content["check"]["explanation"] in shown


def test_a_document_is_taken_in_and_a_false_one_is_refused(city):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from training.content_files import CONTENT

    officer = signed_in(city.user("training_officer"))
    officer.post("/courses/new/", {"title": "手册"})
    course = Course.objects.get(title="手册")
    unit = {
        "title": "手册",
        "minutes": 3,
        "stem": "几页？",
        "options": "三\n*四",
        "explanation": "四页。",
    }
    to = f"/courses/{course.pk}/units/new/"
    false = SimpleUploadedFile("a.pdf", b"%PDF-1.4 nothing")
    assert "不是 PDF" in officer.post(to, unit | {"file": false}).content.decode()
    true = SimpleUploadedFile("a.pdf", (CONTENT / "laws" / "handbook.pdf").read_bytes())
    assert officer.post(to, unit | {"file": true}).status_code == 302
    made = course.units.get()
    assert made.content["pages"] == 4
    assert made.file.startswith("uploads/")


def test_completion_is_counted_by_county_and_voided_within_reach(city, person):
    study_all(person)
    course = Course.objects.get(code="laws")
    officer = signed_in(city.user("training_officer", city.county))
    assert "金寨县普查办" in officer.get(f"/courses/{course.pk}/people/").content.decode()
    listed = officer.get(f"/courses/{course.pk}/people/?county=341524").content.decode()
    assert person.person.name in listed
    assert officer.post(f"/staff/{person.pk}/void-training/", {"reason": "代学"}).status_code == 302
    assert not Staff.objects.filter(pk=person.pk).meeting("trained").exists()
    other = city.enabled(city.other_township, name="李四")
    study_all(other)
    assert officer.post(f"/staff/{other.pk}/void-training/", {"reason": "x"}).status_code == 404
    listed = officer.get(f"/courses/{course.pk}/people/?county=341522").content.decode()
    assert "李四" not in listed


def test_a_program_studies_as_a_phone_does(city, person):
    client, unit = signed_in(account(person)), unit_of("film")
    opened = client.post(
        f"/api/my/04/units/{unit.pk}/progress/", {"op": "open"}, content_type="application/json"
    ).json()
    beat = {"op": "beat", "view": opened["view"], "start": 0, "end": 100}
    told = client.post(
        f"/api/my/04/units/{unit.pk}/progress/", beat, content_type="application/json"
    ).json()
    assert told["studied_percent"] < 5
    assert client.get("/api/my/04/courses/").json()["trained"] is False


def test_whoever_completes_the_set_is_led_on_and_what_was_read_stays_read(person):
    *others, last = [one.unit for one in units_of(person)]
    for unit in others:
        finish(person, unit)
    services.reach_end(learner(person), last, actor=account(person))
    client = signed_in(account(person))
    right = last.content["check"]["answer"]
    answered = client.post(f"/my/04/units/{last.pk}/progress/", {"op": "answer", "choice": right})
    assert answered.url == "/my/04/courses/"
    assert "您已学完必修培训" in client.get(answered.url).content.decode()
    read = Unit.objects.filter(course__code="laws").last()
    assert "已答对" in client.get(f"/my/04/units/{read.pk}/").content.decode()


def units_of(staff):
    return [one for course in standing_of(learner(staff)).active for one in course.units]
