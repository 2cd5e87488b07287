"""A full disk: a plain sentence, nothing half done, and all goes on once there is room."""

import io
import os
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from census_staff.accounts.models import User
from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.batches import tries
from census_staff.batches.models import Batch
from census_staff.lib.portraits import draw_portrait
from credentials import batches, issue
from credentials.models import Card, PrintFile
from exams.models import Answer
from recruitment.compliance import steps
from recruitment.models import RosterFile, Staff
from recruitment.roster_columns import roster_workbook
from tests.exams.standing import publish
from tests.faults.browsers import Browser, Phone, words_of
from tests.faults.duties import hands, is_done, quick_clock
from tests.faults.servers import own_postgres
from tests.faults.volumes import Volume, volume
from tests.processes import wait_until, website
from tests.recruitment.rosters import line
from tests.standing import World

FULL = "服务器存储空间已满"
# Above what is kept in memory while it arrives, so that it goes by way of the disk.
LARGE = 3 * 2**20


@dataclass
class Site:
    """An installation whose files, also those that pass through, lie on a small disk."""

    address: str
    disk: Volume


@pytest.fixture(scope="module")
def site(django_db_setup: None) -> Iterator[Site]:
    with volume(Path(os.environ["CENSUS_STATE_DIR"], "private"), 48) as disk:
        passing = disk.path / "passing"
        passing.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TMPDIR", str(passing))
            with website() as address:
                yield Site(address, disk)


def padded(book: bytes) -> bytes:
    """Return the workbook with much in it that is not read."""
    out = io.BytesIO(book)
    with zipfile.ZipFile(out, "a") as made:
        made.writestr("docProps/thumbnail.jpeg", random.Random(3).randbytes(LARGE))
    return out.getvalue()


def photos() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("1.jpg", draw_portrait("1"))
    return out.getvalue()


def portrait(staff: Staff) -> tuple[str, str, str, bytes]:
    """Return how a portrait of this person is sent."""
    where = reverse("staff_photo", args=[staff.pk])
    return where, "photo", "1.jpg", draw_portrait("another")


@pytest.mark.django_db(transaction=True)
def test_uploads_onto_a_full_disk_are_refused_in_words_and_leave_nothing(site):
    site.disk.clear()
    world = World()
    publish(world)
    staff = world.ready()
    clerk = Browser(site.address, world.user(Role.TOWNSHIP_CLERK))
    phone = Phone(site.address, world.enabled().person.user)
    phone.begin()
    book = roster_workbook([line(), line()])
    sent = {
        "roster": (reverse("roster_upload"), "file", "名册.xlsx", book),
        "large": (reverse("roster_upload"), "file", "名册.xlsx", padded(book)),
        "photos": (reverse("photo_zip"), "photos", "照片.zip", photos()),
        "photo": portrait(staff),
    }
    run = steps.prepare(actor=world.user(Role.CITY_STEWARD), census=world.census)
    steward, export = Browser(site.address, world.user(Role.CITY_STEWARD)), [run.pk]
    # Python chooses where to lay passing files when the first of them comes.
    assert steward.form(reverse("run_export", args=export)).status == 200
    before = site.disk.files()

    site.disk.fill()
    for name, deed in sent.items():
        answer = clerk.upload(*deed)
        assert (answer.status, FULL in words_of(answer.text)) == (503, True), (name, answer)
    assert site.disk.files() == before and not RosterFile.objects.exists()
    assert staff.person.photos.count() == 1
    # Whoever stores no file goes on.
    assert phone.send(phone.touch(1, "A")).status == 200
    assert Browser(site.address).sign_in(
        world.user(Role.TOWNSHIP_CLERK).login, "Correct-Horse-9"
    ).status == 302  # fmt: skip
    assert steward.form(reverse("staff_export")).status == 200
    answer = steward.form(reverse("run_export", args=export))
    assert (answer.status, FULL in words_of(answer.text)) == (503, True)
    assert Entry.objects.filter(subject_id=run.pk, event="export").count() == 1

    site.disk.clear()
    assert steward.form(reverse("run_export", args=export)).status == 200
    for name, deed in sent.items():
        assert clerk.upload(*deed).status == 302, name
    assert RosterFile.objects.filter(kind="roster").count() == 2
    assert RosterFile.objects.filter(kind="photos").count() == 1
    assert staff.person.photos.count() == 2


@pytest.mark.django_db(transaction=True)
def test_cards_stop_on_a_full_disk_with_the_reason_and_go_on_from_the_page(site):
    site.disk.clear()
    world = World()
    for _turn in range(3):
        world.ready()
    issuer = world.user(Role.CARD_ISSUER)
    issue.number(Staff.objects.all(), actor=issuer)
    batch = batches.prepare_print(
        Card.objects.all(), actor=issuer, census=world.census, office=world.county, size="badge"
    )
    browser = Browser(site.address, issuer)
    clerk = world.user(Role.TOWNSHIP_CLERK)
    waiting = waiting_roster(site, clerk)
    before = site.disk.files()

    site.disk.fill()
    with hands("hand") as worker, quick_clock("beat"):
        assert browser.form(reverse("batch_deed", args=[batch.pk, "start"])).status == 302
        wait_until(lambda: Batch.objects.get(pk=batch.pk).state == "stopped", log=worker.log)
        hold_nothing_was_printed(batch, browser)
        assert site.disk.files() == before
        # The roster is not given up for a fault that is not its own.
        waiting.refresh_from_db()
        assert (waiting.reading, waiting.counts.get("tries", 0)) == ("waiting", 0)

        site.disk.clear()
        assert browser.form(reverse("batch_deed", args=[batch.pk, "resume"])).status == 302
        wait_until(lambda: is_done(batch), log=worker.log)
        wait_until(lambda: RosterFile.objects.get(pk=waiting.pk).reading == "read", log=worker.log)

    assert Card.objects.filter(state="printed").count() == 3
    assert PrintFile.objects.get(batch=batch).cards == 3


def waiting_roster(site: Site, clerk: User) -> RosterFile:
    """Return a roster that came while nobody read."""
    page = Browser(site.address, clerk)
    book = padded(roster_workbook([line()]))
    assert page.upload(reverse("roster_upload"), "file", "名册.xlsx", book).status == 302
    return RosterFile.objects.latest("pk")


def hold_nothing_was_printed(batch: Batch, browser: Browser) -> None:
    """Hold that the page says why, and that neither cards nor files are half done."""
    batch.refresh_from_db()
    assert batch.stop_code == tries.NO_ROOM
    for name in ("card_batch", "batch_detail"):
        page = browser.get(reverse(name, args=[batch.pk]))
        assert page.status == 200 and FULL in words_of(page.text), name
    assert not PrintFile.objects.filter(batch=batch).exists()
    assert set(Card.objects.values_list("state", flat=True)) == {"numbered"}
    assert set(batch.items.values_list("state", flat=True)) == {"pending"}


def test_a_full_disk_of_the_database_is_told_and_no_acknowledged_answer_is_lost(
    django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    place = Path(os.environ["CENSUS_STATE_DIR"], "small-disk")
    with volume(place, 200) as disk, own_postgres(django_db_blocker, volume=disk.path) as postgres:
        world = World()
        publish(world)
        phone_of, staff = world.enabled().person.user, world.ready()
        token = issue.number_one(staff, actor=world.user(Role.CARD_ISSUER)).token
        with website() as address:
            phone = Phone(address, phone_of)
            phone.begin()
            assert phone.send(phone.touch(1, "A")).status == 200

            disk.fill()
            said = set()
            for turn in range(60):
                answer = phone.send(*(phone.touch(1 + turn % 50, "AB") for _tap in range(300)))
                said.add(answer.status)
                if answer.status != 200:
                    break
            assert said <= {200, 503} and answer.status == 503, "The disk was not full."
            assert (answer.told["code"], FULL in answer.told["sentence"]) == ("no_room", True)
            clerk, photos = Browser(address, world.user(Role.TOWNSHIP_CLERK)), staff.person.photos
            answer = clerk.upload(*portrait(staff))
            assert (answer.status, FULL in words_of(answer.text)) == (503, True)
            assert photos.count() == 1
            # Who only reads is served.
            assert Browser(address).get(f"/v/{token}").status == 200

            disk.clear()
            wait_until(lambda: phone.send(phone.touch(1, "A")).status == 200)
            assert clerk.upload(*portrait(staff)).status == 302 and photos.count() == 2
            kept = Answer.objects.filter(attempt=phone.attempt).values_list("op", flat=True)
            assert phone.acknowledged <= {str(op) for op in kept}
            assert phone.hand_in().status == 200
            assert postgres.pid() is not None
