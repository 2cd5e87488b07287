"""Hostile files and names through the real pages: one sentence, text that stays text, a worker that lives."""

import html
import io
import re
import time
import zipfile
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from census_staff.accounts.roles import Role
from census_staff.batches.models import Batch
from census_staff.people.models import Photo
from recruitment import roster
from recruitment.models import RosterFile, RosterRow, Staff
from recruitment.roster_columns import roster_workbook, template_workbook
from recruitment.roster_commit import confirm
from recruitment.run_export import write_workbook
from recruitment.staff_export import workbook as staff_workbook
from tests.estate import Estate, build, time_change
from tests.hostile.rosters import files  # noqa: F401 - it fills the list
from tests.hostile.rosters.packages import Sheet, package, workbook
from tests.hostile.rosters.people import CASES, SECOND, THIRD, table
from tests.hostile.test_photo_attacks import JPEG, exif
from tests.hostile.test_workbook_attacks import ATTACKS
from tests.hostile.watching import held
from tests.processes import wait_until, worker
from tests.recruitment.rosters import line, upload_bytes
from tests.standing import World
from tests.test_scope import ALL, LISTS, address, body

SCRIPT = "<script>alert(1)</script>"
HOSTILE = f"{SCRIPT}{{{{7*7}}}}\"'><img src=x onerror=alert(2)>&amp;"
PAYLOADS = [
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1",
    '=HYPERLINK("x")',
]


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    client.force_login(world.user(Role.TOWNSHIP_CLERK))
    return client


def send(client: Client, data: bytes, name: str = "名册.xlsx") -> Any:
    return client.post("/roster/upload/", {"file": SimpleUploadedFile(name, data)}, follow=True)


THROUGH_THE_PAGE = [
    "program-wps-inline", "program-prefix-x", "program-dimension-too-small", "program-strict",
    "layout-merged-county-header", "layout-header-on-row-5", "layout-notes-first", "layout-hidden-sheet",
    "layout-wrong-order", "layout-million-empty-rows", "layout-example-row-kept", "thing-picture",
    "layout-repeated-column", "layout-column-missing", "layout-header-only", "layout-16384-columns",
    "no-roster-xls", "no-roster-csv-gb18030", "no-roster-tsv-utf16", "no-roster-html-named-xls",
    "no-roster-encrypted", "no-roster-truncated", "no-roster-empty", "thing-macros",
]  # fmt: skip


@pytest.mark.parametrize("name", THROUGH_THE_PAGE)
def test_what_arrives_is_shown_or_refused_by_the_page(
    world: World, clerk: Client, name: str
) -> None:
    case = CASES[name]

    page = send(clerk, case.build(), f"名册{case.suffix}")

    text = page.content.decode()
    file = RosterFile.objects.first()
    if file is not None and file.reading == "waiting":  # large ones are the worker's
        roster.read_waiting()
        file.refresh_from_db()
        text = clerk.get(f"/roster/{file.pk}/?kind=all").content.decode()
    if case.rows:
        assert file is not None and file.reading == "read"
        assert file.counts["create"] == 3 and "汪德胜" in text
        return
    # Refused at the door, with nothing kept, or after reading, with the sentence kept.
    if file is None:
        assert page.status_code == 422 and text.count("field-error") == 1
    else:
        assert file.reading == "unreadable" and file.refusal.endswith("。")
        assert html.escape(file.refusal, quote=False) in html.unescape(text)
    assert not RosterRow.objects.exists()


def test_hostile_cells_are_shown_as_text_in_preview_and_everywhere(
    world: World, clerk: Client
) -> None:
    rows = table({(SECOND, "name"): HOSTILE, (THIRD, "employer"): HOSTILE, (0, "experience"): "{{7*7}}"})  # fmt: skip
    rows[0].append(SCRIPT)
    page = send(clerk, workbook(Sheet(SCRIPT[:31].replace("/", ""), rows)), f"{SCRIPT}\u202e.xlsx")
    file = RosterFile.objects.get()
    text = page.content.decode() + clerk.get(f"/roster/{file.pk}/?kind=all").content.decode()
    text += clerk.get("/roster/").content.decode()
    text += clerk.get(f"/roster/{file.pk}/?kind=all&q={SCRIPT}").content.decode()

    harmless(text)
    assert "&lt;script&gt;" in text and "\u202e" not in file.name


class _Tags(HTMLParser):
    """Notes the attributes of all tags and what scripts say, as a browser would."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: set[str] = set()
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes |= {name for name, _value in attrs}

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":  # type: ignore[attr-defined]
            self.scripts.append(data)


def harmless(text: str) -> None:
    """Hold that nothing of the hostile name became a part of the page."""
    assert SCRIPT not in text and "<img src=x" not in text
    seen = _Tags()
    seen.feed(text)
    assert not any(name.startswith("on") for name in seen.attributes)
    assert not any("alert(" in script for script in seen.scripts)


@pytest.fixture
def estate(world: World) -> Estate:
    """Give a county whose one person, offices and files have hostile names."""
    made = build(world, world.county, world.township, HOSTILE[:50])
    made.keys["times"] = time_change(world)
    RosterFile.objects.update(name=HOSTILE)
    Staff.objects.update(employer=HOSTILE)
    Batch.objects.update(title=HOSTILE[:60])
    return made


def test_no_page_of_any_role_takes_a_name_for_markup(estate: Estate, client: Client) -> None:
    client.raise_request_exception = False
    named = 0
    personal = [r.replace("<str:census_code>", "04") for r, _p in ALL if r.startswith("my/")]
    own = [f"/{route}" for route in personal if "<" not in route] + [f"/v/{estate.card.token}"]
    for user, where in [
        *((estate.staff.person.user, own) for _once in (1,)),
        *(
            (estate.world.user(role), [
                *(f"/{route}" for route in LISTS),
                *(address(route, estate) for route, _p in ALL
                  if "<" in route and not route.startswith(("my/", "api/", "v/", "V/"))),
            ])
            for role in (Role.TOWNSHIP_CLERK, Role.COUNTY_REVIEWER, Role.CARD_ISSUER, Role.CITY_STEWARD)
        ),
    ]:  # fmt: skip
        client.force_login(user)
        for one in where:
            answer = client.get(one)
            assert answer.status_code < 500, one
            if not answer.headers.get("Content-Type", "").startswith("text/html"):
                continue
            text = body(answer).decode()
            harmless(text)
            named += "&lt;script&gt;alert(1)" in text
    assert named >= 8


# --- exports -----------------------------------------------------------------------------------


def all_text(data: bytes) -> list[str]:
    """Return the texts of a workbook in which no cell computes."""
    found = []
    for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n"), (cell.coordinate, cell.value)
                assert cell.data_type == "s" or cell.value is None or isinstance(cell.value, int)
                assert cell.hyperlink is None
                found += [cell.value] if isinstance(cell.value, str) else []
    # Not only as one library understands it: no formula stands in the parts themselves.
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            assert not name.startswith("xl/externalLinks") and "vba" not in name.lower()
            if name.startswith("xl/worksheets/sheet"):
                assert not re.search(rb"<f[ >/]", parts.read(name))
    return found


def test_the_staff_export_holds_text(world: World) -> None:
    for payload in PAYLOADS:
        world.staff(name=payload, employer=payload)

    made = staff_workbook(
        Staff.objects.all(), actor=world.user(Role.TOWNSHIP_CLERK), census=world.census
    )

    found = all_text(made)
    # A carriage return is written by its number, which openpyxl does not read back.
    assert all(found.count(one) >= 2 for one in PAYLOADS if "\r" not in one)


def test_the_export_of_a_run_holds_text(estate: Estate) -> None:
    Batch.objects.filter(kind="disable").update(title=PAYLOADS[0])
    type(estate.staff.person).objects.update(name=PAYLOADS[1])
    batch = Batch.objects.get(kind="disable")

    with write_workbook(
        batch, batch.items.all(), actor=estate.world.user(Role.CITY_STEWARD)
    ) as out:
        found = all_text(out.read())

    assert PAYLOADS[0] in found and PAYLOADS[1] in found


def test_the_marked_workbook_the_template_and_our_rosters_hold_text(world: World) -> None:
    rows = [table()[0], *(table({(SECOND, "employer"): one})[2] for one in PAYLOADS)]
    file = upload_bytes(world, workbook(Sheet("名册", rows)), world.user(Role.TOWNSHIP_CLERK))

    assert set(PAYLOADS) - {"\r=1"} <= set(all_text(roster.marked_workbook(file)))
    all_text(template_workbook())
    assert PAYLOADS[0] in all_text(roster_workbook([line(employer=PAYLOADS[0])]))


# --- photos ------------------------------------------------------------------------------------


def test_what_is_stored_of_a_photo_tells_no_place(world: World, clerk: Client) -> None:
    staff = world.staff()
    out = io.BytesIO()
    from PIL import Image

    Image.open(io.BytesIO(JPEG)).save(out, "JPEG", exif=exif(), comment=b"GEHEIM")
    zipped = package({f"{staff.person.id_number}.jpg": out.getvalue(), f"{SCRIPT[:8]}.jpg": b"x"})

    page = clerk.post("/roster/photos/", {"photos": SimpleUploadedFile("照片.zip", zipped)}, follow=True)  # fmt: skip

    stored = bytes(Photo.objects.get().jpeg)
    assert b"GEHEIM" in out.getvalue() and b"GEHEIM" not in stored and b"Exif" not in stored
    harmless(page.content.decode())


def test_a_hostile_zip_of_photos_gets_one_sentence(world: World, clerk: Client) -> None:
    data = package({"../../a.jpg": JPEG})
    page = clerk.post("/roster/photos/", {"photos": SimpleUploadedFile("a.zip", data)}, follow=True)
    assert page.status_code == 422 and page.content.decode().count("field-error") == 1
    assert not RosterFile.objects.exists()


# --- the worker --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_bombs_end_their_child_and_the_worker_reads_the_next_upload(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    clerk = Client()
    clerk.force_login(world.user(Role.TOWNSHIP_CLERK))
    monkeypatch.setattr(roster, "AT_ONCE_BYTES", 0)
    names = ("far-corner", "far-below", "string-of-30-mb", "half-million-merged", "many-attributes")
    with worker() as process:
        assert process.process is not None
        pid = process.process.pid
        before = children(pid)
        for name in names:
            send(clerk, ATTACKS[name][0]())
        send(clerk, roster_workbook([line(), line()]))
        wait_until(
            lambda: not RosterFile.objects.filter(reading="waiting").exists(), 120, log=process.log
        )
        after = children(pid)
        heaviest = max(held(one, "VmHWM") for one in [pid, *after])

    assert before and before == after, "The worker's own processes are those of the beginning."
    assert heaviest < 256
    found = list(RosterFile.objects.order_by("pk").values_list("reading", flat=True))
    assert found[0] == found[1] == "unreadable" and found[-1] == "read"
    good = RosterFile.objects.latest("pk")
    assert good.counts["create"] == 2 and confirm(good, actor=good.made_by)


def children(pid: int) -> list[int]:
    """Return the processes a worker keeps; those of a file come and go."""
    from pathlib import Path

    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sorted(int(one) for one in found)


def test_time_is_kept(world: World, clerk: Client) -> None:
    began = time.process_time()
    send(clerk, ATTACKS["60000-entries"][0]())
    assert time.process_time() - began < 2 and not RosterFile.objects.exists()
