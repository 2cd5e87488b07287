"""The routes the phone uses: whose attempt, no key, refusals with a sentence."""

import json
import time
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from census_staff.accounts.api_auth import token_digest
from census_staff.accounts.models import ApiToken
from exams import questions
from exams.models import Attempt
from exams.services.sit import start
from recruitment.lifecycle import ACCESS
from tests.exams.standing import publish, record
from tests.standing import make_census

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(world):
    publish(world)
    return world.enabled()


def client_of(staff, **more):
    client = Client(**more)
    client.force_login(staff.person.user)
    return client


def post(client, name, body, *extra):
    return client.post(
        reverse(name, args=["04", *extra]), json.dumps(body), content_type="application/json"
    )


def touch(question=1, choice="A", page=1, sequence=1):
    return {
        "op": str(uuid.uuid4()),
        "question": question,
        "page": page,
        "sequence": sequence,
        "choice": list(choice),
        "client_at": "2030-01-01T00:00:00Z",
    }


def begin(client):
    return post(client, "api_my_exam_start", {}).json()["attempt"]


def test_a_whole_exam_goes_through_the_routes(staff):
    client = client_of(staff)
    told = client.get(reverse("api_my_exam", args=["04"])).json()
    assert (told["left"], told["refused"], told["attempt"]) == (3, None, None)
    attempt = begin(client)
    page = post(client, "phone_exam_page", {"attempt": attempt}).json()
    assert len(page["items"]) == 50 and page["answers"] == {} and page["page"] == 1
    assert 3_590_000 < page["remaining_ms"] <= 3_600_000 and page["grace_ms"] == 30_000
    sent = touch()
    saved = post(client, "phone_exam_save", {"attempt": attempt, "answers": [sent]}).json()
    assert saved["saved"] == [sent["op"]] and saved["page"] == 1
    assert post(client, "phone_exam_page", {"attempt": attempt}).json()["answers"] == {"1": ["A"]}
    op = str(uuid.uuid4())
    first = post(client, "phone_exam_submit", {"attempt": attempt, "submit_op": op}).json()
    assert first == post(client, "phone_exam_submit", {"attempt": attempt, "submit_op": op}).json()
    assert first["answered"] == 1 and not first["passed"] and first["explained"] == []
    told = client.get(reverse("api_my_exam", args=["04"])).json()
    assert [row["attempt"] for row in told["past"]] == [attempt]


def test_the_key_is_nowhere_while_the_window_is_open(world, staff):
    client = client_of(staff)
    attempt = begin(client)
    held = Attempt.objects.get(pk=attempt)
    reasons = [one.explanation for one in questions.of_paper(held.paper)]
    codes = [item["question"] for item in held.paper["items"]]
    shown = [
        post(client, "phone_exam_page", {"attempt": attempt}),
        client.get(reverse("phone_exam", args=["04"])),
        client.get(reverse("api_my_exam", args=["04"])),
        post(client, "phone_exam_save", {"attempt": attempt, "answers": [touch()]}),
        post(client, "phone_exam_submit", {"attempt": attempt, "submit_op": str(uuid.uuid4())}),
        client.get(reverse("phone_exam_result", args=["04", attempt])),
        client.get(reverse("api_my_exam_result", args=["04", attempt])),
    ]
    for answer in shown:
        assert answer.status_code == 200
        text = answer.content.decode()
        assert not [words for words in (*reasons, *codes) if words in text]
        assert '"right"' not in text and '"seed"' not in text


def test_another_persons_attempt_is_not_there(world, staff):
    attempt = begin(client_of(staff))
    other = client_of(world.enabled())
    for answer in (
        post(other, "phone_exam_page", {"attempt": attempt}),
        post(other, "phone_exam_save", {"attempt": attempt, "answers": [touch()]}),
        post(other, "phone_exam_submit", {"attempt": attempt, "submit_op": str(uuid.uuid4())}),
        other.get(reverse("api_my_exam_result", args=["04", attempt])),
        other.get(reverse("phone_exam_result", args=["04", attempt])),
    ):
        assert answer.status_code == 404


def test_strangers_are_asked_to_sign_in_and_office_users_have_no_exam(world, staff):
    assert Client().get(reverse("api_my_exam", args=["04"])).status_code == 401
    office = Client()
    office.force_login(world.user("training_officer", world.county))
    assert office.get(reverse("api_my_exam", args=["04"])).status_code == 404
    assert office.get(reverse("phone_exam", args=["04"])).status_code == 404


def test_the_disabled_sit_too(world, staff):
    ACCESS.advance_one(staff, "disable", actor=world.user("city_steward", world.city), reason="x")
    client = client_of(staff)
    assert client.get(reverse("phone_exam", args=["04"])).status_code == 200
    attempt = begin(client)
    assert (
        post(client, "phone_exam_save", {"attempt": attempt, "answers": [touch()]}).status_code
        == 200
    )


def test_a_save_without_the_forgery_token_is_refused(staff):
    client = client_of(staff, enforce_csrf_checks=True)
    answer = post(client, "phone_exam_save", {"attempt": 1, "answers": []})
    assert answer.status_code == 403


def test_a_token_of_another_census_opens_nothing_here(world, staff):
    other = make_census("05")
    for census, status in ((world.census, 200), (other, 404)):
        text = f"token-{census.code}"
        ApiToken.objects.create(
            user=staff.person.user,
            census=census,
            session_epoch=0,
            digest=token_digest(text),
            expires_at=timezone.now() + timedelta(days=1),
        )
        answer = Client().get(
            reverse("api_my_exam", args=["04"]), headers={"Authorization": f"Bearer {text}"}
        )
        assert answer.status_code == status


@pytest.mark.parametrize(
    "bad",
    [
        {"op": "x"},
        {"question": 0},
        {"question": 10**12},
        {"page": 0},
        {"sequence": -1},
        {"choice": ["G"]},
        {"choice": "A" * 9},
        {"choice": {"a": 1}},
        {"choice": None},
    ],
)
def test_a_malformed_tap_is_refused_before_the_database(staff, bad):
    client = client_of(staff)
    attempt = begin(client)
    answer = post(client, "phone_exam_save", {"attempt": attempt, "answers": [touch() | bad]})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


def test_what_comes_too_late_is_refused_with_a_sentence(staff):
    who = record(staff)
    gone = start(who, actor=staff.person.user, now=timezone.now() - timedelta(minutes=61))
    client = client_of(staff)
    answer = post(client, "phone_exam_page", {"attempt": gone.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "attempt_closed")
    assert answer.json()["sentence"]


def test_the_start_page_starts_once_and_the_result_page_shows_the_weak_parts(staff):
    client = client_of(staff)
    page = client.get(reverse("phone_exam", args=["04"])).content.decode()
    assert reverse("phone_exam_start", args=["04"]) in page
    for _again in range(2):
        client.post(reverse("phone_exam_start", args=["04"]))
    attempt = Attempt.objects.get()
    assert 'id="desk"' in client.get(reverse("phone_exam", args=["04"])).content.decode()
    post(client, "phone_exam_submit", {"attempt": attempt.pk, "submit_op": str(uuid.uuid4())})
    shown = client.get(reverse("phone_exam_result", args=["04", attempt.pk]))
    assert shown.status_code == 200 and "普查软件操作" in shown.content.decode()


def test_a_save_costs_one_query_once_the_browser_is_known(staff, django_assert_num_queries):
    client = client_of(staff)
    attempt = begin(client)
    post(client, "phone_exam_save", {"attempt": attempt, "answers": [touch()]})
    with django_assert_num_queries(1):
        post(client, "phone_exam_save", {"attempt": attempt, "answers": [touch(), touch(2)]})


def test_after_the_window_the_page_explains_every_question(world):
    publish(world, closes_at=timezone.now() + timedelta(seconds=3))
    staff = world.enabled()
    client = client_of(staff)
    attempt = begin(client)
    post(client, "phone_exam_submit", {"attempt": attempt, "submit_op": str(uuid.uuid4())})
    address = reverse("phone_exam_result", args=["04", attempt])
    over = Attempt.objects.get().exam.closes_at
    time.sleep(max(0, (over - timezone.now()).total_seconds()) + 0.1)
    page = client.get(address)
    reasons = [row["explanation"] for row in page.context["result"]["explained"]]
    assert len(reasons) == 50 and all(escape(words) in page.content.decode() for words in reasons)
    told = client.get(reverse("api_my_exam_result", args=["04", attempt])).json()
    assert [row["explanation"] for row in told["explained"]] == reasons
    assert client.get(reverse("api_my_exam", args=["04"])).json()["refused"]["code"] == "exam_over"
