"""The people of the demonstration, from the roster to the pledge, in every stage."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from census_staff.accounts.models import User
from census_staff.accounts.roles import Role
from census_staff.accounts.services import create_field_accounts
from census_staff.audit.acting import acting
from census_staff.censuses.models import Census
from census_staff.lib.crypto import digest
from census_staff.lib.names import pinyin_key
from census_staff.lib.portraits import draw_portrait
from census_staff.people.models import Person, Photo
from census_staff.places.models import Office, OfficeLevel, Region
from exams import papers
from exams.lifecycle import graded
from exams.models import Attempt, Exam
from exams.states import ClosedBy
from recruitment.lifecycle import ACCESS, SERVICE
from recruitment.models import Pledge, PledgeText, Staff
from recruitment.states import Service
from training.models import Completion, Course

from .offices import TOWNSHIP, Desks
from .people import SyntheticPerson

PORTRAITS = 24
# The printed township is larger than life, so that every stage is seen in it.
ENLARGED = 4
CHUNK = 1000


def enter_people(everybody: Sequence[SyntheticPerson], adder: User) -> list[Person]:
    """Return the people, with a drawn portrait each."""
    people = Person.objects.bulk_create(
        (
            Person(
                id_number=each.id_number,
                id_digest=digest("id", each.id_number),
                name=each.name,
                name_key=pinyin_key(each.name),
                phone=each.phone,
                phone_digest=digest("phone", each.phone),
            )
            for each in everybody
        ),
        batch_size=CHUNK,
    )
    faces = {
        female: [draw_portrait(f"{female}-{i}", female=female) for i in range(PORTRAITS // 2)]
        for female in (False, True)
    }
    choice = Random(1900)
    photos = []
    for person, each in zip(people, everybody, strict=True):
        jpeg = choice.choice(faces[each.sex == "female"])
        sha = hashlib.sha256(jpeg).hexdigest()
        photos.append(Photo(person=person, jpeg=jpeg, sha256=sha, added_by=adder))
    Photo.objects.bulk_create(photos, batch_size=CHUNK)
    return people


class Places:
    """The townships of the city with their villages, and a hand that spreads people over them."""

    def __init__(self, edition: int, seed: int) -> None:
        self.choice = Random(seed)
        self.villages: dict[str, list[str]] = {}
        villages = Region.objects.filter(edition=edition, level="village").order_by("code")
        for code, parent in villages.values_list("code", "parent_code"):
            self.villages.setdefault(parent[:9], []).append(code)
        townships = Office.objects.filter(level=OfficeLevel.TOWNSHIP).select_related("parent")
        self.townships = [t for t in townships.order_by("path") if t.code in self.villages]
        self.weights = [
            len(self.villages[t.code]) * (ENLARGED if t.code == TOWNSHIP else 1)
            for t in self.townships
        ]

    def township(self) -> Office:
        """Return a township, the larger the likelier."""
        return self.choice.choices(self.townships, self.weights)[0]

    def areas(self, township: Office, role: str) -> list[str]:
        """Return the areas of one person there."""
        known = self.villages[township.code]
        size = min(len(known), 4 if role == "supervisor" else self.choice.choice((1, 1, 1, 2)))
        return self.choice.sample(known, size)


def enter_staff(
    census: Census,
    people: Sequence[Person],
    everybody: Sequence[SyntheticPerson],
    desks: Desks,
    places: Places,
) -> list[Staff]:
    """Return their records, entered by each county's recruiter, supervisors linked."""
    rows, at = [], timezone.now()
    for person, each in zip(people, everybody, strict=True):
        township = places.township()
        clerk = desks.of(Role.COUNTY_RECRUITER, township.code[:6])
        rows.append(
            Staff(
                person=person,
                census=census,
                office=township,
                role=each.role,
                service=Service.UNDER_REVIEW,
                recruited_by=township,
                entered_by=clerk,
                submitted_at=at - timedelta(hours=places.choice.randrange(2, 150)),
                schooling=each.schooling,
                hiring=each.hiring,
                source=each.source,
                employer=each.employer,
                experience=places.choice.choice(([], [], ["七人普"], ["三农普", "七人普"])),
                areas=places.areas(township, each.role),
                supplementary=places.choice.random() < 0.04,
            )
        )
    with acting(desks.of(Role.CITY_STEWARD, "3415"), reason="demonstration"):
        made = Staff.objects.bulk_create(rows, batch_size=CHUNK)
    link_supervisors(made)
    return made


LED = """
UPDATE recruitment_staff s SET supervisor_id = v.leader
  FROM unnest(%s::bigint[], %s::bigint[]) AS v (id, leader) WHERE s.id = v.id
"""


def link_supervisors(rows: Sequence[Staff]) -> None:
    """Give every enumerator a supervisor of the same township, in turn."""
    heads: dict[int, list[Staff]] = {}
    for row in rows:
        if row.role == "supervisor":
            heads.setdefault(row.office_id, []).append(row)
    followers: list[int] = []
    leaders: list[int] = []
    for turn, row in enumerate(rows):
        team = heads.get(row.office_id)
        if row.role == "enumerator" and team:
            followers.append(row.pk)
            leaders.append(team[turn % len(team)].pk)
    with connection.cursor() as cursor:
        cursor.execute(LED, [followers, leaders])


def by_county(rows: Iterable[Staff]) -> dict[str, list[int]]:
    """Return the keys of the records by the code of their county."""
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row.office.code[:6], []).append(row.pk)
    return found


def appoint(rows: Sequence[Staff], desks: Desks) -> None:
    """Let each county's reviewer appoint these people."""
    for county, keys in by_county(rows).items():
        reviewer = desks.of(Role.COUNTY_REVIEWER, county)
        SERVICE.advance(Staff.objects.filter(pk__in=keys), "appoint", actor=reviewer)


def activate(rows: Sequence[Staff], desks: Desks) -> None:
    """Open the access of these people, with an account each."""
    for county, keys in by_county(rows).items():
        reviewer = desks.of(Role.COUNTY_REVIEWER, county)
        chosen = Staff.objects.filter(pk__in=keys)
        create_field_accounts([s.person for s in chosen.select_related("person")], actor=reviewer)
        ACCESS.advance(chosen, "activate", actor=reviewer)


def set_back(rows: Sequence[Staff], days: int) -> None:
    """Let these people have been entered and reviewed before they studied, not just now."""
    entered = F("submitted_at") - timedelta(days=days)
    here = Staff.objects.filter(pk__in=[row.pk for row in rows])
    here.update(
        entered_at=entered - timedelta(hours=2),
        submitted_at=entered,
        reviewed_at=entered + timedelta(hours=20),
    )
    here.filter(activated_at__isnull=False).update(
        activated_at=F("reviewed_at") + timedelta(hours=5)
    )


STUDIED = """
INSERT INTO training_unitprogress
       (person_id, census_id, unit_id, round, evidence,
        reached_end_at, answered_at, completed_at, updated_at)
SELECT c.person_id, c.census_id, u.id, 0, '{}', c.completed_at, c.completed_at, c.completed_at,
       c.completed_at
  FROM training_completion c CROSS JOIN training_unit u
 WHERE c.id = ANY(%s) AND u.course_id = ANY(%s)
"""


def study(rows: Sequence[Staff], courses: Sequence[Course], at: datetime) -> None:
    """Complete the required courses of these people, unit by unit, before any of them sat."""
    told = [{"course": c.pk, "code": c.code, "version": c.version} for c in courses]
    choice = Random(7)
    done = Completion.objects.bulk_create(
        (
            Completion(
                person_id=row.person_id,
                census_id=row.census_id,
                role=row.role,
                completed_at=at - timedelta(minutes=choice.randrange(52 * 60, 120 * 60)),
                courses=told,
            )
            for row in rows
        ),
        batch_size=CHUNK,
    )
    # A row for every person and unit: too many to send one by one.
    with connection.cursor() as cursor:
        cursor.execute(STUDIED, [[one.pk for one in done], [course.pk for course in courses]])


def sit_exams(
    rows: Sequence[Staff], passing: set[int], exams: dict[str, Exam], at: datetime
) -> None:
    """Let each of these people sit once; those in `passing` passed."""
    choice, attempts = Random(11), []
    results: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in rows:
        exam = exams[row.role]
        started = at - timedelta(minutes=choice.randrange(145, 3055))
        score = choice.randrange(80, 100, 2) if row.pk in passing else choice.randrange(44, 80, 2)
        results[row.role, score].append(row.person_id)
        attempts.append(
            Attempt(
                exam=exam,
                person_id=row.person_id,
                census_id=row.census_id,
                role=row.role,
                office_id=row.office_id,
                number=1,
                pass_mark=exam.pass_mark,
                started_at=started,
                deadline_at=started + timedelta(minutes=exam.minutes),
                late_until=started + timedelta(minutes=exam.minutes, seconds=30),
            )
        )
    with acting(exams["enumerator"].made_by, reason="demonstration"):
        Attempt.objects.bulk_create(attempts, batch_size=CHUNK)
        for (role, score), people in results.items():
            _hand_in(exams[role], people, score, choice)


def _hand_in(exam: Exam, people: Sequence[int], score: int, choice: Random) -> None:
    """Hand in what these people sat, within the hour, with this score."""
    minutes: Any = (F("pk") % 38 + 18) * timedelta(minutes=1)
    result = {
        "submitted_at": F("started_at") + minutes,
        "closed_by": ClosedBy.HAND,
        "answered": 50,
        "score": score,
        "passed": score >= exam.pass_mark,
        "by_category": _spread(score, exam, choice),
    }
    rows = Attempt.objects.filter(exam=exam, person__in=people)
    graded(result).advance(rows, "time_over", actor=exam.made_by, reason="demonstration")


def _spread(score: int, exam: Exam, choice: Random) -> dict[str, dict[str, int]]:
    """Return right answers by category that add up to the score (two points each)."""
    asked: dict[str, int] = {}
    for line in papers.Blueprint.from_json(exam.blueprint).lines:
        asked[line.category] = asked.get(line.category, 0) + line.count
    wrong = sum(asked.values()) - score // 2
    right = dict(asked)
    for _ in range(wrong):
        category = choice.choice([c for c in ("software", "forms", "law", "basics") if right[c]])
        right[category] -= 1
    return {category: {"right": right[category], "of": asked[category]} for category in asked}


def sign(rows: Sequence[Staff], at: datetime) -> None:
    """Let these people sign the pledge with their typed names."""
    texts = {
        (text.census_id, text.role): text
        for text in PledgeText.objects.filter(superseded_at=None).order_by("version")
    }
    choice = Random(13)
    Pledge.objects.bulk_create(
        (
            Pledge(
                person_id=row.person_id,
                census_id=row.census_id,
                role=row.role,
                office_id=row.office_id,
                text=texts[row.census_id, row.role],
                text_sha256=texts[row.census_id, row.role].sha256,
                signature_kind="typed",
                typed_name=row.person.name,
                device="Android · WeChat",
                signed_at=at - timedelta(minutes=choice.randrange(5, 80)),
            )
            for row in rows
        ),
        batch_size=CHUNK,
    )
