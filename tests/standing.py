"""The standing people of the tests, and the shortest true way to make each stage of a staff record.

Rows are made through the same constraints and triggers as in life; evidence is real evidence.
"""

import hashlib
import itertools
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from census_staff.accounts.models import Posting, User
from census_staff.accounts.roles import ROLES, Role
from census_staff.accounts.scope import System
from census_staff.audit.acting import acting
from census_staff.censuses.models import Census, TimeChange
from census_staff.lib.crypto import digest
from census_staff.lib.idcard import make_checked
from census_staff.people.models import Person, Photo
from census_staff.places.models import Office
from exams.models import Attempt, Exam
from recruitment.lifecycle import ACCESS, SERVICE
from recruitment.models import Pledge, PledgeText, Staff
from training.models import Completion

TESTS = System("tests")
_serial = itertools.count(1)


def make_office(code: str, level: int, parent: Office | None, name: str) -> Office:
    """Return an office of the tree."""
    return Office.objects.create(
        code=code,
        region_code=code.ljust(12, "0"),
        name=name,
        short_name=name,
        level=level,
        parent=parent,
        path=(parent.path if parent else "34.") + f"{code}.",
        phone="0564-000 0000",
    )


def make_census(code: str = "04", **more: Any) -> Census:
    """Return a live census whose deadline is ten days away."""
    at = timezone.now()
    values: dict[str, Any] = {
        "kind": "agriculture",
        "name": "第四次全国农业普查",
        "short_name": "四农普",
        "deadline_at": at + timedelta(days=10),
        "execute_at": at + timedelta(days=11),
        "fieldwork_from": timezone.localdate() - timedelta(days=1),
        "fieldwork_until": timezone.localdate() + timedelta(days=120),
        "card_standards": ["trained", "passed", "pledged"],
        "legal_basis": "《全国农业普查条例》",
        "legal_checked_on": date(2026, 11, 1),
    }
    return Census.objects.create(code=code, **(values | more))


def move_times(*, deadline_at: Any, execute_at: Any) -> None:
    """Move the times of every census, as one person wished and another agreed."""
    asks, agrees = (User.objects.create(login=f"times-{next(_serial)}") for _n in range(2))
    for census in Census.objects.all():
        change = TimeChange.objects.create(
            census=census, deadline_at=deadline_at, execute_at=execute_at, reason="x", made_by=asks
        )
        TimeChange.objects.filter(pk=change.pk).update(
            approved_by=agrees, approved_at=timezone.now()
        )
    Census.objects.update(deadline_at=deadline_at, execute_at=execute_at)


def make_user(role: str, office: Office, *, census: Census | None = None) -> User:
    """Return an office user with an open account and one posting."""
    number = next(_serial)
    user = User(
        login=f"{role}-{number}",
        display_name=f"{ROLES[role].duty} {number}",
        activated_at=timezone.now(),
        notice_read_at=timezone.now(),
        name_confirmed_at=timezone.now(),
        password_changed_at=timezone.now(),
    )
    user.set_password("Correct-Horse-9")
    user.save()
    Posting.objects.create(
        user=user,
        role=role,
        duty=ROLES[role].duty,
        office=office,
        census=census if role == Role.COORDINATOR else None,
    )
    return user


def make_person(name: str = "张三", **more: Any) -> Person:
    """Return a person of 1900 with a valid, unused ID number and phone."""
    number = next(_serial)
    id_number = make_checked(
        f"3415241900{1 + number // 28 % 12:02}{1 + number % 28:02}{number % 1000:03}"
    )
    phone = f"199{number:08}"
    values = {
        "id_number": id_number,
        "id_digest": digest("id", id_number),
        "name": name,
        "name_key": "zhang san",
        "phone": phone,
        "phone_digest": digest("phone", phone),
    }
    return Person.objects.create(**(values | more))


class World:
    """One city with two counties and their townships, a census, and users of every role."""

    def __init__(self) -> None:
        self.city = make_office("3415", 4, None, "六安市普查办")
        self.county = make_office("341524", 6, self.city, "金寨县普查办")
        self.other_county = make_office("341522", 6, self.city, "霍邱县普查办")
        self.township = make_office("341524112", 9, self.county, "流波䃥镇普查办")
        self.other_township = make_office("341522100", 9, self.other_county, "城关镇普查办")
        self.census = make_census()
        self.users: dict[tuple[str, int], User] = {}

    def user(self, role: str, office: Office | None = None) -> User:
        """Return the standing holder of `role` (at the county or city that the role is held at)."""
        if office is None:
            levels = ROLES[role].levels
            office = next(o for o in (self.township, self.county, self.city) if o.level in levels)
        key = (role, office.pk)
        if key not in self.users:
            self.users[key] = make_user(role, office, census=self.census)
        return self.users[key]

    def staff(self, office: Office | None = None, role: str = "enumerator", **more: Any) -> Staff:
        """Return a record under review."""
        office = office or self.township
        clerk = self.user(Role.TOWNSHIP_CLERK, office)
        person = more.pop("person", None) or make_person(more.pop("name", "张三"))
        with acting(clerk, reason="test"):
            return Staff.objects.create(
                **{
                    "person": person,
                    "census": self.census,
                    "office": office,
                    "role": role,
                    "service": "under_review",
                    "recruited_by": office,
                    "entered_by": clerk,
                    "submitted_at": timezone.now(),
                    "schooling": "college",
                    "areas": ["341524112205"],
                }
                | more
            )

    def appointed(self, *arguments: Any, **more: Any) -> Staff:
        """Return a record that its county appointed."""
        staff = self.staff(*arguments, **more)
        county = Office.objects.get(pk=staff.office.parent_id)
        SERVICE.advance_one(staff, "appoint", actor=self.user(Role.COUNTY_REVIEWER, county))
        return staff

    def enabled(self, *arguments: Any, **more: Any) -> Staff:
        """Return a record whose access is open, with an account for the person."""
        staff = self.appointed(*arguments, **more)
        county = Office.objects.get(pk=staff.office.parent_id)
        ACCESS.advance_one(staff, "activate", actor=self.user(Role.COUNTY_REVIEWER, county))
        if not User.objects.filter(person=staff.person).exists():
            at = timezone.now()
            user = User(
                login=f"field-{next(_serial)}",
                phone_digest=staff.person.phone_digest,
                person=staff.person,
                activated_at=at,
                notice_read_at=at,
                name_confirmed_at=at,
                password_changed_at=at,
            )
            user.set_password("census2026")
            user.save()
        return staff

    def ready(self, *arguments: Any, **more: Any) -> Staff:
        """Return an enabled record with all three facts and a photo."""
        staff = self.enabled(*arguments, **more)
        train(staff)
        sit(staff, score=92)
        pledge(staff)
        give_photo(staff.person)
        return staff


def train(staff: Staff) -> Completion:
    """Return the evidence that the person completed the required courses."""
    return Completion.objects.create(
        person=staff.person, census=staff.census, role=staff.role, completed_at=timezone.now()
    )


def sit(staff: Staff, *, score: int | None, answered: int = 50, mode: str = "online") -> Attempt:
    """Return an attempt: open without a score, else submitted and graded."""
    at, exam = timezone.now(), sat_exam(staff)
    earlier = Attempt.objects.filter(person=staff.person, census=staff.census, role=staff.role)
    with acting(TESTS, reason="test"):
        attempt = Attempt.objects.create(
            exam=exam,
            person=staff.person,
            census=staff.census,
            role=staff.role,
            office=staff.office,
            number=earlier.count() + 1,
            mode=mode,
            pass_mark=exam.pass_mark,
            started_at=at,
            deadline_at=at + timedelta(minutes=60),
            late_until=at + timedelta(minutes=60, seconds=30),
        )
        if score is not None:
            Attempt.objects.filter(pk=attempt.pk).update(
                state="submitted",
                submitted_at=at,
                closed_by="hand",
                score=score,
                passed=score >= exam.pass_mark,
                answered=answered,
            )
            attempt.refresh_from_db()
    return attempt


def sat_exam(staff: Staff) -> Exam:
    """Return the exam that people of this census and role sat, or a draft nobody else sees."""
    found = Exam.objects.filter(census=staff.census, role=staff.role).first()
    if found is not None:
        return found
    at = timezone.now()
    with acting(TESTS, reason="test"):
        return Exam.objects.create(
            census=staff.census,
            office=Office.objects.get(level=4),
            role=staff.role,
            title="旧卷",
            blueprint={},
            minutes=60,
            pass_mark=staff.census.pass_mark,
            attempts=3,
            opens_at=at - timedelta(days=9),
            closes_at=at + timedelta(days=9),
        )


def pledge(staff: Staff) -> Pledge:
    """Return the evidence that the person signed the pledge."""
    body = "我承诺保守普查秘密。"
    text, _made = PledgeText.objects.get_or_create(
        census=staff.census,
        role=staff.role,
        version=1,
        defaults={
            "title": "保密承诺书",
            "body": body,
            "sha256": hashlib.sha256(body.encode()).hexdigest(),
            "published_at": timezone.now(),
        },
    )
    return Pledge.objects.create(
        person=staff.person,
        census=staff.census,
        role=staff.role,
        office=staff.office,
        text=text,
        text_sha256=text.sha256,
        signature_kind="typed",
        typed_name=staff.person.name,
        signed_at=timezone.now(),
    )


def give_photo(person: Person) -> Photo:
    """Return a drawn portrait of the person."""
    from census_staff.lib.portraits import draw_portrait

    jpeg = draw_portrait(str(person.pk))
    return Photo.objects.create(person=person, jpeg=jpeg, sha256=hashlib.sha256(jpeg).hexdigest())


def operation() -> uuid.UUID:
    """Return a fresh operation id, as a phone makes one per tap."""
    return uuid.uuid4()


@pytest.fixture
def world(db: None) -> World:
    """Give the standing city."""
    return World()
