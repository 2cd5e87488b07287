"""The doors through which forms and programs write, each with what it is rightly sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models
from django.test import Client
from django.utils import timezone

from census_staff.accounts.models import ApiToken, Posting, User
from census_staff.accounts.roles import Role
from census_staff.batches.models import Batch
from census_staff.censuses.models import Census, TimeChange
from census_staff.people.models import Correction, Person
from census_staff.places.models import Office
from credentials.models import Card, CardNumber, Confiscation, Loss, Reissue
from exams.models import Answer, Attempt, Exam
from recruitment.census_forms import SETTINGS, CensusForm
from recruitment.models import AccessOrder, Appeal, Exemption, PledgeText, Staff
from tests.estate import Estate
from tests.exams.test_exam_pages import fields
from tests.recruitment.test_staff_pages import record_of
from tests.standing import operation
from training.models import Course

Payload = Callable[["Ground"], dict[str, Any]]


@dataclass(frozen=True)
class Deed:
    """One door: who sends what to it, and of which models it is sent every field."""

    # Somebody of the county, or what opens the browser of somebody who comes another way.
    who: "str | Callable[[Ground], Client]"
    where: Callable[["Ground"], str]
    sends: Payload
    models: tuple[type[models.Model], ...]
    # Fields that the door takes, though the payload leaves them out.
    takes: tuple[str, ...] = ()
    is_json: bool = False
    # Whether it leaves anything behind: some doors only look.
    writes: bool = True


class Ground(Estate):
    """A county with one of everything, and what its doors ask for."""

    waiting: Staff
    sitter: Staff
    spare: Staff

    def page(self, where: str, who: str) -> dict[str, Any]:
        """Return what this page's form would send."""
        return fields(self.client(who).get(where).content.decode())

    def client(self, who: str) -> Client:
        """Return a browser of the holder, of the sitter, or of a role of the office."""
        people = {"holder": self.staff, "sitter": self.sitter}
        known = people[who].person.user if who in people else self.world.user(who)
        return self.client_of(known)

    def client_of(self, user: User) -> Client:
        """Return a browser in which this user is signed in."""
        client = Client(raise_request_exception=False)
        # As the database knows them: a deed that was taken back may have changed the object.
        client.force_login(User.objects.get(pk=user.pk))
        return client


def settings_of(g: Ground) -> dict[str, Any]:
    form = CensusForm(instance=g.world.census)
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: value for name, value in values.items() if value not in (None, "")} | {
        "pass_mark": 85
    }


def new_exam(g: Ground) -> dict[str, Any]:
    role, office = "supervisor", g.world.county.pk
    return g.page("/exams/new/", Role.TRAINING_OFFICER) | {"role": role, "office": office}


def soon(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def taps(g: Ground) -> dict[str, Any]:
    attempt = open_attempt(g)
    return {"attempt": attempt.pk, "submit_op": str(operation())}


def open_attempt(g: Ground) -> Attempt:
    g.client("sitter").post("/api/my/04/exam/start/", "{}", content_type="application/json")
    found: Attempt = Attempt.objects.get(person=g.sitter.person_id)
    return found


def at(where: str) -> Callable[[Ground], str]:
    """Return an address in which {names} stand for keys of the county's objects."""
    return lambda g: where.format(
        **{name.replace(":", "_"): key for name, key in g.keys.items()}, waiting=g.waiting.pk
    )


def just(**values: Any) -> Payload:
    return lambda g: dict(values)


DEEDS = {
    "a record entered": Deed(
        Role.TOWNSHIP_CLERK, at("/staff/add/"), lambda g: record_of(g.world), (Staff, Person),
        ("backup_phone", "experience", "supervisor", "reserve", "starts_on", "ends_on"),
    ),
    "a record changed": Deed(
        Role.TOWNSHIP_CLERK, at("/staff/{waiting}/edit/"),
        lambda g: record_of(g.world, name=g.waiting.person.name, id_number="", phone=""),
        (Staff, Person),
        ("backup_phone", "experience", "supervisor", "reserve", "starts_on", "ends_on"),
    ),
    "a decision": Deed(
        Role.COUNTY_REVIEWER, at("/review/{waiting}/decide/"), just(decision="appoint"),
        (Staff,), ("sentence",),
    ),
    "access disabled": Deed(
        Role.COORDINATOR, at("/staff/{staff}/steps/access/disable/"),
        just(reason="other", sentence="不适合", standards=["sat_online"], until=soon(5)),
        (Staff, AccessOrder), ("is_urgent",),
    ),
    "an exemption asked": Deed(
        Role.COORDINATOR, at("/staff/{staff}/exempt/"),
        just(standards=["sat_online"], reason="生病", until=soon(5)), (Exemption,),
    ),
    "a correction asked": Deed(
        Role.TOWNSHIP_CLERK, at("/staff/{waiting}/correct/name/"),
        just(value="李四光", reason="写错"), (Correction, Person),
    ),
    "an appeal answered": Deed(
        Role.COORDINATOR, at("/appeals/{appeal}/"), just(answer="已核实。"), (Appeal,),
    ),
    "a pledge text": Deed(
        Role.CITY_STEWARD, at("/pledge-texts/new/"),
        just(role="enumerator", title="保密承诺书", body="我承诺。"), (PledgeText,), ("ask_again",),
    ),
    "a run": Deed(
        Role.CITY_STEWARD, at("/runs/new/"), just(standards=["sat_online"], title="试"), (Batch,),
    ),
    "a census's settings": Deed(
        Role.CITY_STEWARD, at("/census/"), settings_of, (Census,), SETTINGS,
    ),
    "other times": Deed(
        Role.CITY_STEWARD, at("/census/times/"),
        just(deadline_at=soon(20) + "T00:00", execute_at=soon(21) + "T00:00", reason="雨"),
        (TimeChange, Census),
    ),
    "an office's line": Deed(
        Role.SYSTEM_ADMIN, at("/offices/{office}/"),
        just(name="流波䃥镇普查办", short_name="流波䃥", phone="0564-111 1111"), (Office,),
        ("address", "hours"),
    ),
    "a course": Deed(
        Role.TRAINING_OFFICER, at("/courses/new/"), just(title="新课", summary="x"), (Course,),
    ),
    "an exam": Deed(Role.TRAINING_OFFICER, at("/exams/new/"), new_exam, (Exam,)),
    "an exam's draft": Deed(
        Role.TRAINING_OFFICER, at("/exams/{exam}/"),
        lambda g: g.page(f"/exams/{g.keys['exam']}/", Role.TRAINING_OFFICER) | {"title": "改"},
        (Exam,),
    ),
    "a post given": Deed(
        Role.SECURITY_ADMIN, at("/postings/grant/"),
        lambda g: {"login": g.world.user(Role.CARD_ISSUER).login, "role": "county_reviewer",
                   "office": g.world.county.pk},
        (Posting, User), ("census",),
    ),
    "an account": Deed(
        Role.SECURITY_ADMIN, at("/users/add/"),
        lambda g: {"login": "new.clerk", "display_name": "新人", "role": "township_clerk",
                   "office": g.world.township.pk},
        (Posting, User), ("census",),
    ),
    "an account locked": Deed(
        Role.SECURITY_ADMIN, at("/users/{user}/lock/"), just(reason="phone lost"), (User,),
    ),
    "a token": Deed(
        Role.COORDINATOR, at("/account/tokens/add/"),
        lambda g: {"label": "x", "days": 9,
                   "binding": f"posting:{g.world.user(Role.COORDINATOR).postings.get().pk}"},
        (ApiToken,),
    ),
    "a loss recorded": Deed(
        Role.CARD_ISSUER, at("/cards/{card}/steps/record_lost/"), just(sentence="路上"),
        (Card, Loss), ("kind",),
    ),
    "a confiscation": Deed(
        Role.CARD_ISSUER, at("/cards/{card}/steps/confiscate/"),
        just(article="第五条", act="lent", evidence="照片"), (Card, Confiscation),
    ),
    "a batch of cards": Deed(
        Role.CARD_ISSUER, at("/cards/batches/new/"), just(deed="number"), (Batch, CardNumber),
        ("size", "office", "role"),
    ),
    "one's own card lost": Deed(
        "holder", at("/my/04/card/loss/"), just(kind="lost"), (Card, Loss), ("sentence",),
    ),
    "one's own number corrected": Deed(
        "holder", at("/my/04/me/correct/"), just(field="name", value="李四光", reason="写错"),
        (Correction, Person),
    ),
    "an attempt begun (API)": Deed(
        "sitter", at("/api/my/04/exam/start/"), just(), (Attempt,), is_json=True,
    ),
    "an attempt handed in (API)": Deed(
        "sitter", at("/api/my/04/exam/submit/"), taps, (Attempt, Answer), ("answers", "page"),
        is_json=True,
    ),
    "a step of a record (API)": Deed(
        Role.COORDINATOR, at("/api/staff/{staff}/steps/access/disable/"),
        just(reason="other", sentence="不适合", standards=["sat_online"], until=soon(5)),
        (Staff, AccessOrder), ("is_urgent",), is_json=True,
    ),
    "a run (API)": Deed(
        Role.CITY_STEWARD, at("/api/runs/"), just(census="04", standards=["sat_online"]), (Batch,),
        ("title",), is_json=True,
    ),
    "a number (API)": Deed(
        Role.CARD_ISSUER, at("/api/cards/number/"), lambda g: {"staff": [g.spare.pk]},
        (Card, CardNumber), is_json=True,
    ),
    "a loss recorded (API)": Deed(
        Role.CARD_ISSUER, at("/api/cards/{card}/steps/record_lost/"), just(sentence="路上"),
        (Card, Reissue), is_json=True,
    ),
    "one's own card stolen (API)": Deed(
        "holder", at("/api/my/04/card/"), just(kind="stolen"), (Card,), ("sentence",), is_json=True,
    ),
}  # fmt: skip
