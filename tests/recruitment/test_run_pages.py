"""The pages and the API of the scheduled disabling, as each role sees them."""

import io

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.batches.models import Batch
from census_staff.batches.runner import run
from census_staff.censuses.models import Census
from recruitment.compliance import asking, steps
from tests.standing import World, move_times, sit


@pytest.fixture
def city(world: World) -> World:
    """Give the standing city with two people of each county who never sat the exam."""
    Census.objects.update(run_cap_percent=100)
    world.census.refresh_from_db()
    world.near = world.enabled(name="鲍传霞")
    world.far = world.enabled(world.other_township, name="张道荣")
    sit(world.far, score=90, mode="offline")
    return world


def signed_in(world: World, role: str, *arguments) -> Client:
    client = Client()
    client.force_login(world.user(role, *arguments))
    return client


def frozen(world: World) -> Batch:
    steward = world.user(Role.CITY_STEWARD)
    return steps.freeze(steps.prepare(actor=steward, census=world.census), actor=steward)


def test_a_steward_prepares_and_freezes_and_somebody_else_approves(city):
    steward, approver = signed_in(city, Role.CITY_STEWARD), signed_in(city, Role.CITY_APPROVER)

    made = steward.post("/runs/new/", {"standards": ["sat_online"], "title": "20号"})
    batch = Batch.objects.get(kind="disable")
    assert made.url == f"/runs/{batch.pk}/"
    asking.write_wished()
    steward.post(f"/runs/{batch.pk}/steps/freeze/")
    asking.write_wished()
    page = approver.get(f"/runs/{batch.pk}/").content.decode()
    assert "鲍传霞" in page and "张道荣" in page and batch_state(batch) == "frozen"
    wrong = approver.post(f"/runs/{batch.pk}/steps/approve/", {"typed": "3"})
    assert (wrong.status_code, batch_state(batch)) == (400, "frozen")
    approver.post(f"/runs/{batch.pk}/steps/approve/", {"typed": "2"})

    assert batch_state(batch) == "approved"


def batch_state(batch: Batch) -> str:
    batch.refresh_from_db()
    return batch.state


def test_a_coordinator_sees_only_their_own_county_of_the_citys_run(city):
    batch = frozen(city)
    client = signed_in(city, Role.COORDINATOR)

    page = client.get(f"/runs/{batch.pk}/").content.decode()
    items = client.get(f"/api/runs/{batch.pk}/items/").json()

    assert "鲍传霞" in page and "张道荣" not in page and "霍邱" not in page
    assert [line["name"] for line in items["results"]] == ["鲍传霞"]
    assert client.post(f"/runs/{batch.pk}/steps/thaw/").status_code == 403


def test_a_clerk_sees_no_runs_at_all(city):
    batch = frozen(city)
    client = signed_in(city, Role.TOWNSHIP_CLERK)

    for path in ("/runs/", f"/runs/{batch.pk}/", f"/api/runs/{batch.pk}/", "/runs/new/"):
        assert client.get(path).status_code == 403


def test_an_auditor_sees_and_changes_nothing(city):
    batch = frozen(city)
    client = signed_in(city, Role.AUDITOR, city.city)

    assert client.get(f"/runs/{batch.pk}/").status_code == 200
    for name in steps.VERBS:
        response = client.post(f"/runs/{batch.pk}/steps/{name}/", {"typed": 2, "sentence": "x"})
        assert response.status_code == 403
    assert batch_state(batch) == "frozen"


def test_the_offline_passers_are_shown_apart(city):
    batch = frozen(city)
    client = signed_in(city, Role.CITY_STEWARD)

    page = client.get(f"/runs/{batch.pk}/?note=offline").content.decode()

    assert "张道荣" in page and "鲍传霞" not in page
    assert "按线下考试合格的 1 人在名单里" in page


def test_the_list_filters_by_county_reason_state_and_name(city):
    batch = frozen(city)
    client = signed_in(city, Role.CITY_STEWARD)

    def names(query: str) -> list[str]:
        found = client.get(f"/api/runs/{batch.pk}/items/?{query}").json()["results"]
        return [line["name"] for line in found]

    assert names(f"county={city.county.pk}") == ["鲍传霞"]
    assert names("reason=sat_online&q=道荣") == ["张道荣"]
    assert names("reason=trained") == []
    assert names("state=done") == []


def test_the_download_is_text_only_and_recorded(city):
    batch = frozen(city)
    client = signed_in(city, Role.CITY_STEWARD)
    assert client.get(f"/runs/{batch.pk}/export/").status_code == 405

    response = client.post(f"/runs/{batch.pk}/export/")

    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    names = [row[1] for row in book.worksheets[1].iter_rows(min_row=2, values_only=True)]
    assert sorted(names) == ["张道荣", "鲍传霞"]
    entry = Entry.objects.get(event="export", subject_id=batch.pk)
    assert (entry.reason, entry.details) == ("run_list", {"rows": 2})


def test_the_call_list_is_a_pdf_of_ones_own_county_and_recorded(city):
    batch = frozen(city)
    client = signed_in(city, Role.COORDINATOR)

    response = client.post(f"/runs/{batch.pk}/calls/")

    assert b"".join(response.streaming_content).startswith(b"%PDF")
    entry = Entry.objects.get(event="export", subject_id=batch.pk)
    assert (entry.reason, entry.details) == ("call_list", {"rows": 1})


def test_the_page_of_a_finished_run_shows_its_report(city):
    batch = frozen(city)
    steps.approve(batch, actor=city.user(Role.CITY_APPROVER), typed=2)
    sit(city.near, score=90)
    at = timezone.now()
    move_times(deadline_at=at, execute_at=at)
    Batch.objects.filter(pk=batch.pk).update(due_at=at)
    run(batch.pk)
    client = signed_in(city, Role.CITY_STEWARD)

    page = client.get(f"/runs/{batch.pk}/").content.decode()
    part = client.get(f"/runs/{batch.pk}/progress/")

    assert "放过的人" in page and "撤销整批" in page
    assert part.headers["HX-Refresh"] == "true"


def test_a_dangerous_step_asks_once_more(city):
    batch = frozen(city)
    client = signed_in(city, Role.CITY_STEWARD)

    asked = client.get(f"/runs/{batch.pk}/steps/thaw/")
    empty = client.post(f"/runs/{batch.pk}/steps/thaw/", {"sentence": ""})

    assert (asked.status_code, empty.status_code, batch_state(batch)) == (200, 400, "frozen")
    client.post(f"/runs/{batch.pk}/steps/thaw/", {"sentence": "请核对"})
    assert batch_state(batch) == "draft"


def test_programs_take_the_same_steps_and_hear_the_same_refusals(city):
    steward, approver = signed_in(city, Role.CITY_STEWARD), signed_in(city, Role.CITY_APPROVER)
    made = post(steward, "/api/runs/", {"census": city.census.code, "standards": ["sat_online"]})
    path = f"/api/runs/{made.json()['id']}/"

    assert made.status_code == 202 and made.json()["listing"]["wish"] == "list"
    asking.write_wished()
    listed = steward.get(path).json()
    assert listed["counties"][0]["listed"] == 1 and listed["listing"] is None
    freezing = post(steward, f"{path}steps/freeze/", {})
    assert (freezing.status_code, freezing.json()["steps"]) == (202, ["cancel"])
    asking.write_wished()
    assert steward.get(path).json()["state"] == "frozen"
    refused = post(approver, f"{path}steps/approve/", {"typed": 9})
    assert (refused.status_code, refused.json()["code"]) == (409, "count_differs")
    approved = post(approver, f"{path}steps/approve/", {"typed": 2})
    assert approved.json()["state"] == "approved"
    assert post(steward, f"{path}steps/fly/", {}).json()["code"] == "no_such_step"


def post(client: Client, path: str, body: dict):
    return client.post(path, body, content_type="application/json")
