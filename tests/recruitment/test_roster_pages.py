import io
import time
import zipfile
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.batches.runner import run
from recruitment import roster
from recruitment.models import RosterFile, Staff
from recruitment.roster_columns import dirty_workbook, roster_workbook
from tests.recruitment.rosters import line, team, upload
from tests.standing import World


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    client.force_login(world.user(Role.TOWNSHIP_CLERK))
    return client


def send(client: Client, data: bytes, name: str = "名册.xlsx") -> Any:
    return client.post("/roster/upload/", {"file": SimpleUploadedFile(name, data)}, follow=True)


def test_a_clerk_uploads_looks_through_and_writes(world: World, clerk: Client) -> None:
    page = send(clerk, roster_workbook(team(3)))

    assert "还没有写入任何数据" in page.content.decode()
    assert not Staff.objects.exists()
    file = RosterFile.objects.get()
    clerk.post(f"/roster/{file.pk}/commit/", {"mode": "good"})
    file.refresh_from_db()
    run(file.batch_id)  # type: ignore[arg-type]
    assert Staff.objects.count() == 4
    assert "名册已写入" in clerk.get(f"/roster/{file.pk}/").content.decode()


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"PK\x03\x04broken"],
)
def test_a_file_that_is_no_workbook_gets_one_sentence_at_once(
    world: World, clerk: Client, data: bytes
) -> None:
    before = time.monotonic()

    page = send(clerk, data)

    assert time.monotonic() - before < 2
    assert page.status_code == 422
    assert page.content.decode().count("field-error") == 1
    assert not RosterFile.objects.exists()


def test_the_preview_shows_what_stood_there_and_why_it_is_wrong(
    world: World, clerk: Client
) -> None:
    page = send(clerk, dirty_workbook(line() for _ in range(40))).content.decode()

    assert 'class="cell-old"' in page and 'class="is-err"' in page
    assert "Excel" in page
    assert "微信号" in page


def test_no_whole_number_stands_on_the_page(world: World, clerk: Client) -> None:
    lines = team(2)

    page = send(clerk, roster_workbook(lines)).content.decode()
    file = RosterFile.objects.get()
    page += clerk.get(f"/roster/{file.pk}/?kind=all").content.decode()

    assert all(one.id_number not in page and one.phone not in page for one in lines)
    assert lines[0].name in page


def test_a_name_or_a_row_number_finds_its_row(world: World, clerk: Client) -> None:
    send(clerk, roster_workbook([line(name="余成凤"), line(name="江绍伟")]))
    file = RosterFile.objects.get()

    found = clerk.get(f"/roster/{file.pk}/?kind=all&q=成凤").content.decode()
    third = clerk.get(f"/roster/{file.pk}/?kind=all&q=3").content.decode()

    assert "余成凤" in found and "江绍伟" not in found
    assert "江绍伟" in third and "余成凤" not in third


def test_the_users_own_workbook_comes_back_marked_and_the_download_is_recorded(
    world: World, clerk: Client
) -> None:
    bad = line(schooling="college", office_code="341599999")
    send(clerk, roster_workbook([line(), bad]))
    file = RosterFile.objects.get()

    answer = clerk.post(f"/roster/{file.pk}/errors/")

    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).worksheets[0]
    said = [cell.value for cell in sheet[3]]
    assert any("机构代码" in str(one) for one in said)
    assert Entry.objects.filter(event="roster_errors_downloaded", subject_id=file.pk).exists()


def test_whoever_may_not_import_is_refused_and_other_townships_files_are_not_there(
    world: World, client: Client
) -> None:
    file = upload(world, [line()], world.user(Role.TOWNSHIP_CLERK))

    client.force_login(world.user(Role.COUNTY_REVIEWER))
    assert client.get("/roster/").status_code == 403
    client.force_login(world.user(Role.TOWNSHIP_CLERK, world.other_township))
    assert client.get(f"/roster/{file.pk}/").status_code == 404
    assert client.get(f"/api/rosters/{file.pk}/").status_code == 404
    assert client.post(f"/roster/{file.pk}/commit/").status_code == 404


def test_a_program_uploads_and_reads_the_rows(world: World, clerk: Client) -> None:
    data = SimpleUploadedFile("a.xlsx", roster_workbook([line(), line(census="五经普")]))

    made = clerk.post("/api/rosters/", {"census": "04", "file": data}).json()
    rows = clerk.get(f"/api/rosters/{made['id']}/rows/?kind=error").json()["rows"]

    assert made["counts"]["create"] == 1
    assert [one["code"] for row in rows for one in row["remarks"]] == ["census_wrong"]


def test_all_or_nothing_writes_nothing_while_a_row_is_wrong(world: World, clerk: Client) -> None:
    send(clerk, roster_workbook([line(), line(office_code="341599")]))
    file = RosterFile.objects.get()

    page = clerk.post(f"/roster/{file.pk}/commit/", {"mode": "whole"}, follow=True)

    assert "没有写入" in page.content.decode()
    assert not Staff.objects.exists()


def test_the_template_and_the_page_open(world: World, clerk: Client) -> None:
    assert zipfile.is_zipfile(io.BytesIO(b"".join(clerk.get("/roster/template.xlsx"))))
    assert clerk.get("/roster/").status_code == 200


def test_a_large_file_is_read_by_the_worker_while_the_page_waits(
    world: World, clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "AT_ONCE_BYTES", 0)

    page = send(clerk, roster_workbook([line()]))

    file = RosterFile.objects.get()
    assert clerk.get("/roster/").status_code == 200
    assert file.reading == "waiting" and "正在读取文件" in page.content.decode()
    assert "HX-Refresh" not in clerk.get(f"/roster/{file.pk}/progress/").headers
    roster.read_waiting()
    assert clerk.get(f"/roster/{file.pk}/progress/").headers["HX-Refresh"] == "true"


def test_a_file_refused_later_says_so_on_its_page(world: World, clerk: Client) -> None:
    page = send(clerk, roster_workbook([]))

    assert "名册里没有人员" in page.content.decode()


def test_a_closed_census_takes_no_roster(world: World, clerk: Client) -> None:
    world.census.stage = "closed"
    world.census.save()

    page = send(clerk, roster_workbook([line()]))

    assert "已经结束" in page.content.decode()
    assert not RosterFile.objects.exists()


def test_a_discarded_upload_is_gone(world: World, clerk: Client) -> None:
    send(clerk, roster_workbook([line()]))
    file = RosterFile.objects.get()

    clerk.post(f"/roster/{file.pk}/discard/")

    file.refresh_from_db()
    assert file.stored == ""
    assert clerk.get(f"/roster/{file.pk}/").status_code == 200
    answer = clerk.post(f"/roster/{file.pk}/commit/", {"mode": "good"}, follow=True)
    assert "不能写入" in answer.content.decode() and not Staff.objects.exists()


@pytest.mark.parametrize("hostile", ["_x0000_", "_xD800_", "_x202E_", "&lt;script&gt;", "{{7*7}}"])
def test_hostile_text_is_shown_or_refused_but_breaks_nothing(
    world: World, clerk: Client, hostile: str
) -> None:
    rows = [line(name="汪甲甲甲", employer="乙乙乙乙")]
    data = replaced(
        roster_workbook(rows), {"甲甲甲": hostile, "乙乙乙乙": hostile * 2, "照片文件名": hostile}
    )

    page = send(clerk, data)

    assert page.status_code == 200
    assert RosterFile.objects.get().reading == "read"
    assert "<script>" not in page.content.decode().split("</main>")[0].split("<main")[1]
    assert clerk.post(f"/roster/{RosterFile.objects.get().pk}/errors/").status_code == 200


def replaced(data: bytes, texts: dict[str, str]) -> bytes:
    """Return a workbook with some of its texts exchanged in its XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry).decode()
            for before, after in texts.items():
                content = content.replace(before, after)
            new.writestr(entry.filename, content)
    return out.getvalue()


def test_pages_ask_the_database_a_bounded_number_of_times(
    world: World, clerk: Client, django_assert_max_num_queries: Any
) -> None:
    send(clerk, dirty_workbook(line() for _ in range(60)))
    file = RosterFile.objects.get()

    with django_assert_max_num_queries(20):
        clerk.get(f"/roster/{file.pk}/")
    with django_assert_max_num_queries(20):
        clerk.get("/roster/")
