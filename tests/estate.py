"""A county with one of everything, so that a walk over all routes meets real objects."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.audit.acting import acting
from census_staff.batches.models import Batch, BatchItem
from census_staff.censuses.models import TimeChange
from census_staff.correspondence.models import Notice
from census_staff.people.models import Correction
from census_staff.places.models import Office
from credentials import holding, issue
from credentials.models import Card, Reissue
from exams.models import Exam
from exams.papers import DEFAULT_BLUEPRINT
from recruitment.models import Exemption, RosterFile, Staff
from recruitment.orders import Appeal
from tests.standing import TESTS, World
from training.content_files import read_courses
from training.models import Course, Unit


@dataclass
class Estate:
    """The keys by which a stranger would try to reach a county's objects."""

    world: World
    county: Office
    township: Office
    name: str
    staff: Staff
    card: Card
    keys: dict[str, int]


def build(world: World, county: Office, township: Office, name: str) -> Estate:
    """Return a county whose one person, of this name, has one of everything."""
    staff = world.ready(township, name=name)
    issuer = world.user(Role.CARD_ISSUER, county)
    card = issue.number_one(staff, actor=issuer)
    Card.objects.filter(pk=card.pk).update(
        face={"full_name": name, "area": name}, photo=staff.person.photos.get()
    )
    with acting(TESTS, reason="test"):
        Card.objects.filter(pk=card.pk).update(state="printed", printed_at=timezone.now())
    card.refresh_from_db()
    holding.hand_over_one(card, actor=issuer)
    at = timezone.now()
    clerk, reviewer = (
        world.user(Role.TOWNSHIP_CLERK, township),
        world.user(Role.COORDINATOR, county),
    )
    keys = {"staff": staff.pk, "card": card.pk, "person": staff.person_id, "office": township.pk}
    keys["attempt"] = staff.person.attempts.get().pk
    keys["appeal"] = Appeal.objects.create(staff=staff, text="误判", made_at=at).pk
    keys["reissue"] = Reissue.objects.create(
        card=card, reason="lost", applied_by=reviewer, applied_at=at
    ).pk
    keys["exemption"] = Exemption.objects.create(
        staff=staff, standards=["sat_online"], reason="x", until=at.date(), made_by=reviewer
    ).pk
    keys["correction"] = Correction.objects.create(
        person=staff.person, census=world.census, office=township, field="phone",
        new_value="19900000001", made_by=clerk,
    ).pk  # fmt: skip
    keys |= _bulk(world, county, township, staff, card, clerk)
    keys |= _study(world, county)
    keys["posting"] = reviewer.postings.get().pk
    keys["user"] = reviewer.pk
    keys["notice"] = Notice.objects.create(
        kind="run_done", user=reviewer, census=world.census, office=county, due_at=at, sent_at=at
    ).pk
    return Estate(world, county, township, name, staff, card, keys)


def _bulk(
    world: World, county: Office, township: Office, staff: Staff, card: Card, clerk: Any
) -> dict[str, int]:
    """Return one batch of each kind, with an item."""
    keys, at = {}, timezone.now()
    targets = {"print": card.pk, "number": staff.pk}
    for kind in ("roster", "review", "activate", "number", "print", "disable"):
        office = township if kind == "roster" else county
        maker = clerk if kind == "roster" else world.user(Role.CARD_ISSUER, county)
        with acting(TESTS, reason="test"):
            batch = Batch.objects.create(
                kind=kind, census=world.census, office=office, made_by=maker,
                params={"standards": ["sat_online"], "size": "badge", "decision": "appoint"},
                needs_second=kind == "disable",
            )  # fmt: skip
        BatchItem.objects.create(
            batch=batch,
            position=1,
            target_id=targets.get(kind, staff.pk),
            office=township,
            facts={"able": True, "unmet": ["sat_online"]},
        )
        keys[f"batch:{kind}"] = batch.pk
    roster = RosterFile.objects.create(
        census=world.census, office=township, name="名册.xlsx", sha256="0" * 64, size=1, made_by=clerk,
        delete_on=(at + timedelta(days=30)).date(),
    )  # fmt: skip
    return keys | {"roster": roster.pk}


def _study(world: World, county: Office) -> dict[str, int]:
    """Return a course and an exam of the county's own."""
    officer, at = world.user(Role.TRAINING_OFFICER, county), timezone.now()
    with acting(officer, reason="test"):
        course = Course.objects.create(
            census=world.census, office=county, code=f"own-{county.code}", title=f"课{county.code}",
            made_by=officer,
        )  # fmt: skip
        exam = Exam.objects.create(
            census=world.census, office=county, role="enumerator", title=f"考{county.code}",
            blueprint=DEFAULT_BLUEPRINT.as_json(), minutes=60, pass_mark=80, attempts=3,
            opens_at=at, closes_at=at + timedelta(days=9), made_by=officer,
        )  # fmt: skip
    shipped = read_courses()[0].units[0]
    content = {
        "slug": "own",
        "minutes": 3,
        "blocks": [block.as_json() for block in shipped.blocks],
        "check": {"stem": "对吗？", "options": ["对", "错"], "answer": 0, "explanation": "对。"},
    }
    unit = Unit.objects.create(course=course, position=1, kind="page", title="页", content=content)
    return {"course": course.pk, "unit": unit.pk, "exam": exam.pk}


def time_change(world: World) -> int:
    """Return the key of an open wish to move the census's times."""
    return TimeChange.objects.create(
        census=world.census,
        deadline_at=world.census.deadline_at,
        execute_at=world.census.execute_at,
        reason="x",
        made_by=world.user(Role.CITY_STEWARD),
    ).pk
