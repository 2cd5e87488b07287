"""The doors of the entrance, of files, of studying and of one's own word, each rightly used."""

import io
import zipfile
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from census_staff.accounts.models import Posting, Reveal, SecondFactor, User
from census_staff.accounts.notice import present_notice
from census_staff.accounts.roles import Role
from census_staff.accounts.services.activation import issue_codes
from census_staff.batches.models import Batch
from census_staff.censuses.models import Census
from census_staff.lib.portraits import draw_portrait
from census_staff.people.models import Person, Photo
from credentials.models import Card, Lookup, Reissue
from exams.models import Answer, Attempt, AttemptVoid
from recruitment import pledges
from recruitment.access_orders import order_disable
from recruitment.models import Appeal, Pledge, RosterFile, Staff
from recruitment.pledges import load_pledge_text
from recruitment.roster_columns.template import roster_workbook
from tests.census_staff.accounts.test_second_step import RIGHT, code_of, enrol, enter
from tests.doors import Deed, Ground, at, just, open_attempt
from tests.recruitment.rosters import team, upload_bytes
from tests.recruitment.test_run_pages import frozen
from tests.standing import operation, sit, train
from training.courses import load_courses
from training.models import Completion, CompletionVoid, Course, Unit, UnitProgress

ACCOUNT = (User, Person)
NEW = "Bright-Meadow-27"


def stranger(g: Ground) -> Client:
    return Client(raise_request_exception=False)


def clerk(g: Ground) -> User:
    return User.objects.get(pk=g.world.user(Role.TOWNSHIP_CLERK).pk)


def half_in(g: Ground) -> Client:
    """Return a browser that gave the right password and is asked for the second step."""
    enrol(clerk(g))
    browser, _answer = enter(clerk(g))
    return browser


def with_phone(g: Ground) -> Client:
    enrol(clerk(g))
    return g.client(Role.TOWNSHIP_CLERK)


def beginner(g: Ground, **missing: Any) -> Client:
    """Return the sitter's browser before this first step was taken."""
    User.objects.filter(pk=g.sitter.person.user.pk).update(**missing)
    g.sitter = Staff.objects.select_related("person__user").get(pk=g.sitter.pk)
    return g.client("sitter")


def slip(g: Ground) -> dict[str, Any]:
    user = g.sitter.person.user
    code = issue_codes([user], actor=g.world.user(Role.COUNTY_REVIEWER))[user.pk]
    return {"name": g.sitter.person.phone, "code": code}


def name_of(g: Ground) -> dict[str, Any]:
    person = g.sitter.person
    return {"full_name": person.name, "id_tail": person.id_number[-6:]}


def portrait(g: Ground) -> dict[str, Any]:
    return {"photo": SimpleUploadedFile("a.jpg", draw_portrait("7"), "image/jpeg")}


def photos(g: Ground) -> dict[str, Any]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        # A member of no time, so that the archive is the same however often it is made.
        archive.writestr(zipfile.ZipInfo(f"{g.waiting.person.id_number}.jpg"), draw_portrait("8"))
    return {"photos": SimpleUploadedFile("p.zip", packed.getvalue(), "application/zip")}


@cache
def filled() -> bytes:
    """Return a roster of two people: the same however often it is asked for."""
    return roster_workbook(team(1))


def workbook(g: Ground) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("名册.xlsx", filled())}


def read_roster(g: Ground) -> Client:
    """Return the browser of whoever sent a roster that was read meanwhile."""
    g.keys["read"] = upload_bytes(g.world, filled(), clerk(g)).pk
    return g.client(Role.TOWNSHIP_CLERK)


def pledge_open(g: Ground) -> Client:
    load_pledge_text(g.world.census, actor=g.world.user(Role.CITY_STEWARD))
    train(g.sitter)
    sit(g.sitter, score=90)
    return g.client("sitter")


def signature(g: Ground) -> dict[str, Any]:
    text = pledges.text_for(g.sitter)
    assert text is not None
    return {"sha256": text.sha256, "typed_name": g.sitter.person.name}


def tapped(g: Ground) -> dict[str, Any]:
    attempt = open_attempt(g)
    g.client("sitter").post(
        "/api/my/04/exam/page/", {"attempt": attempt.pk}, content_type="application/json"
    )
    tap = {"op": str(operation()), "question": 1, "page": 1, "sequence": 1, "choice": ["A"]}
    return {"attempt": attempt.pk, "answers": [tap]}


def tapped_elsewhere(g: Ground) -> dict[str, Any]:
    """Return taps with a time that only the long way reads."""
    sent = tapped(g)
    sent["answers"][0]["client_at"] = "2026-11-22T10:00:00+08:00"
    return sent


def studying(g: Ground) -> Client:
    officer = g.world.user(Role.TRAINING_OFFICER, g.world.city)
    load_courses(g.world.census, office=g.world.city, actor=officer)
    shipped = Unit.objects.filter(kind="page", course__office=g.world.city).order_by("pk").first()
    assert shipped is not None
    g.keys["shipped"] = shipped.pk
    return g.client("sitter")


def shut_out(g: Ground) -> Client:
    """Return the sitter's browser after their access was disabled."""
    order_disable(
        [g.sitter.pk], actor=g.world.user(Role.CITY_STEWARD), reason="other", at=timezone.now()
    )
    return g.client("sitter")


def frozen_run(g: Ground) -> Client:
    """Return the approver's browser, with a run that waits for it."""
    Census.objects.update(run_cap_percent=100)
    g.world.census.refresh_from_db()
    g.keys["frozen"] = frozen(g.world).pk
    return g.client(Role.CITY_APPROVER)


def typed(g: Ground) -> dict[str, Any]:
    return {"typed": Batch.objects.get(pk=g.keys["frozen"]).items.count()}


def successor(g: Ground) -> dict[str, Any]:
    return {"login": g.world.user(Role.COUNTY_REVIEWER).login}


MORE = {
    "signing in": Deed(
        stranger, at("/sign-in/"), lambda g: {"name": clerk(g).login, "password": RIGHT},
        ACCOUNT, ("next",),
    ),
    "an account opened with its slip": Deed(stranger, at("/activate/"), slip, ACCOUNT),
    "the notice read": Deed(
        lambda g: beginner(g, notice_read_at=None), at("/welcome/notice/"),
        just(version=present_notice().version, has_read="on"), ACCOUNT,
    ),
    "one's name confirmed": Deed(
        lambda g: beginner(g, name_confirmed_at=None), at("/welcome/name/"), name_of, ACCOUNT,
    ),
    "the first password": Deed(
        lambda g: beginner(g, password_changed_at=None), at("/welcome/password/"),
        just(password=NEW, again=NEW), ACCOUNT,
    ),
    "another password": Deed(
        Role.TOWNSHIP_CLERK, at("/account/password/"), just(old=RIGHT, password=NEW, again=NEW),
        ACCOUNT,
    ),
    "the second step": Deed(
        half_in, at("/sign-in/second/"), lambda g: {"code": code_of(clerk(g))},
        (SecondFactor, User),
    ),
    "a phone set up": Deed(
        Role.TOWNSHIP_CLERK, at("/account/second/"), lambda g: {"code": code_of(clerk(g))},
        (SecondFactor, User),
    ),
    "who needs a second step": Deed(
        lambda g: g.client_of(g.world.user(Role.SECURITY_ADMIN, g.world.city)),
        at("/users/second/"), just(roles=["coordinator"]), (SecondFactor, User),
    ),
    "a post handed over": Deed(
        Role.SECURITY_ADMIN, at("/postings/{posting}/hand-over/"), successor, (Posting, User),
    ),
    "an account looked for": Deed(
        Role.SECURITY_ADMIN, at("/users/find/"), lambda g: {"name": clerk(g).login}, ACCOUNT,
        writes=False,
    ),
    "a value shown": Deed(
        Role.COUNTY_REVIEWER, at("/staff/{waiting}/show/phone/"), just(reason="核对号码"),
        (Reveal, Person),
    ),
    "a photo added": Deed(
        Role.TOWNSHIP_CLERK, at("/staff/{waiting}/photo/"), portrait, (Photo, Staff),
    ),
    "one's own photo": Deed("sitter", at("/my/04/me/photo/add/"), portrait, (Photo, Person)),
    "photos in a zip": Deed(
        Role.TOWNSHIP_CLERK, at("/roster/photos/"), photos, (RosterFile, Photo),
    ),
    "a roster": Deed(Role.TOWNSHIP_CLERK, at("/roster/upload/"), workbook, (RosterFile, Staff)),
    "a roster (API)": Deed(
        Role.TOWNSHIP_CLERK, at("/api/rosters/"), lambda g: workbook(g) | {"census": "04"},
        (RosterFile, Staff),
    ),
    "a roster written": Deed(
        read_roster, at("/roster/{read}/commit/"), just(mode="good"), (Batch, RosterFile),
    ),
    "a roster written (API)": Deed(
        read_roster, at("/api/rosters/{read}/commit/"), just(only_whole=False),
        (Batch, RosterFile), is_json=True,
    ),
    "a page of a course": Deed(
        Role.TRAINING_OFFICER, at("/courses/{course}/units/new/"),
        just(title="新页", minutes=3, text="正文。", stem="对吗？", options="*对\n错",
             explanation="对。"),
        (Unit, Course), ("file",),
    ),
    "a step of studying": Deed(
        studying, at("/my/04/units/{shipped}/progress/"), just(op="end"),
        (UnitProgress, Completion), ("page", "next", "view", "start", "end", "choice"),
    ),
    "a step of studying (API)": Deed(
        studying, at("/api/my/04/units/{shipped}/progress/"), just(op="end"),
        (UnitProgress, Completion), ("page", "view", "start", "end", "choice"), is_json=True,
    ),
    "taps (API)": Deed(
        "sitter", at("/api/my/04/exam/answers/"), tapped, (Answer, Attempt), ("client_at",),
        is_json=True,
    ),
    "taps, the long way (API)": Deed(
        "sitter", at("/api/my/04/exam/answers/"), tapped_elsewhere, (Answer, Attempt),
        is_json=True,
    ),
    "a page of the exam (API)": Deed(
        "sitter", at("/api/my/04/exam/page/"), lambda g: {"attempt": open_attempt(g).pk},
        (Attempt, Answer), is_json=True,
    ),
    "an attempt voided": Deed(
        Role.COORDINATOR, at("/exams/attempts/{attempt}/void/"), just(reason="停电"),
        (AttemptVoid, Attempt),
    ),
    "training voided": Deed(
        Role.COORDINATOR, at("/staff/{staff}/void-training/"), just(reason="代学"),
        (CompletionVoid, Completion),
    ),
    "a pledge signed": Deed(
        pledge_open, at("/my/04/pledge/"), lambda g: signature(g) | {"agreed": "on"},
        (Pledge, Staff), ("drawing",),
    ),
    "a pledge signed (API)": Deed(
        pledge_open, at("/api/my/04/pledge/"), signature, (Pledge, Staff), ("drawing",),
        is_json=True,
    ),
    "an appeal": Deed(
        shut_out, at("/my/04/remedy/appeal/"), just(text="我在考场里考过了。"), (Appeal, Staff),
    ),
    "an appeal (API)": Deed(
        shut_out, at("/api/my/04/remedy/appeal/"), just(text="我在考场里考过了。"),
        (Appeal, Staff), is_json=True,
    ),
    "a run approved": Deed(frozen_run, at("/runs/{frozen}/steps/approve/"), typed, (Batch,)),
    "a run sent back": Deed(
        frozen_run, at("/runs/{frozen}/steps/thaw/"), just(sentence="名单不对"), (Batch,),
    ),
    "a run approved (API)": Deed(
        frozen_run, at("/api/runs/{frozen}/steps/approve/"), typed, (Batch,), ("sentence",),
        is_json=True,
    ),
    "a reissue refused": Deed(
        Role.CARD_ISSUER, at("/cards/reissues/{reissue}/refuse/"), just(sentence="照片不清"),
        (Reissue, Card),
    ),
    "a card looked up": Deed(
        stranger, at("/v/"),
        lambda g: {"number": g.card.number_id, "full_name": g.staff.person.name}, (Lookup, Card),
    ),
}  # fmt: skip
