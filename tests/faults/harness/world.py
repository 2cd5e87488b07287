"""The world of the campaigns: a county with an exam, people to be disabled, numbered and brought in."""

import os
import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.faults.harness import ground


@dataclass(frozen=True)
class Size:
    """How many of each there are."""

    plain: int
    ready: int
    rows: int
    sitters: int


SHORT = Size(plain=160, ready=40, rows=160, sitters=10)
LONG = Size(plain=1200, ready=260, rows=1200, sitters=40)
COMPLIANT = 20


@dataclass
class World:
    """What a campaign must know of the copy it works on."""

    size: Size
    census: int = 0
    roster: int = 0
    # Field staff with an open browser: (staff, person, cookies).
    sitters: list[tuple[int, int, str]] = field(default_factory=list)
    compliant: list[int] = field(default_factory=list)
    users: dict[str, int] = field(default_factory=dict)
    last_person: int = 0
    last_staff: int = 0


WITNESS = """
CREATE TABLE faults_answer (attempt_id bigint, op uuid, question int, page int, sequence int,
  choice jsonb, at timestamptz);
CREATE TABLE faults_result (attempt_id bigint, staff_id bigint, score int, at timestamptz);
"""


def make(size: Size) -> World:
    """Build the world in the working database, put it aside, and return what is known of it."""
    from django.db import connections

    ground.migrated()
    with connections["owner"].cursor() as cursor:
        cursor.execute(WITNESS)
    found = _filled(size)
    connections.close_all()
    ground.keep_as_world()
    return found


def _filled(size: Size) -> World:
    from django.contrib.auth.hashers import make_password

    from census_staff.accounts.models import User
    from census_staff.accounts.roles import Role
    from census_staff.censuses.models import Census
    from census_staff.people.models import Person
    from recruitment.lifecycle import ACCESS, SERVICE
    from recruitment.models import Staff
    from tests import standing
    from tests.exams.standing import publish
    from tests.recruitment.rosters import team, upload

    city = standing.World()
    Census.objects.update(run_cap_percent=100, region_edition=city.census.region_edition)
    publish(city, minutes=600)
    everybody = [city.staff() for _n in range(size.plain + size.ready + size.sitters + COMPLIANT)]
    county = city.user(Role.COUNTY_REVIEWER)
    SERVICE.advance(Staff.objects.all(), "appoint", actor=county)
    ACCESS.advance(Staff.objects.all(), "activate", actor=county)
    # Chance, but the same for a seed: who sits is spread over the run's list.
    random.shuffle(everybody)
    ready, rest = everybody[: size.ready], everybody[size.ready :]
    sitters, compliant = rest[: size.sitters], rest[size.sitters : size.sitters + COMPLIANT]
    for one in ready:
        standing.train(one)
        standing.sit(one, score=92)
        standing.pledge(one)
    _portraits([one.person for one in ready])
    password = make_password("census2026")
    users = [_user(one.person, password, User) for one in sitters]
    roles = (Role.CARD_ISSUER, Role.CITY_STEWARD, Role.CITY_APPROVER, Role.TOWNSHIP_CLERK)
    clerk = city.user(Role.TOWNSHIP_CLERK)
    roster = upload(city, [row for _n in range(size.rows // 10) for row in team(9)], clerk)
    assert roster.counts["create"] == size.rows // 10 * 10, roster.counts
    return World(
        size=size,
        census=city.census.pk,
        roster=roster.pk,
        sitters=[
            (one.pk, one.person_id, cookies)
            for one, cookies in zip(sitters, _cookies(users), strict=True)
        ],
        compliant=[one.pk for one in compliant],
        users={str(role): city.user(role).pk for role in roles},
        last_person=Person.objects.order_by("-pk").values_list("pk", flat=True)[0],
        last_staff=Staff.objects.order_by("-pk").values_list("pk", flat=True)[0],
    )


def _user(person: Any, password: str, kind: Any) -> Any:
    from django.utils import timezone

    at = timezone.now()
    return kind.objects.create(
        login=f"sitter-{person.pk}",
        phone_digest=person.phone_digest,
        person=person,
        password=password,
        activated_at=at,
        notice_read_at=at,
        name_confirmed_at=at,
        password_changed_at=at,
    )


def _cookies(users: list[Any]) -> list[str]:
    from tests.bench.site import cookies_of

    return cookies_of(users)


def _portraits(people: list[Any]) -> None:
    """Give everybody a photo; drawing a few is enough."""
    import hashlib

    from census_staff.lib.portraits import draw_portrait
    from census_staff.people.models import Photo

    drawn = [draw_portrait(str(n)) for n in range(8)]
    Photo.objects.bulk_create(
        Photo(person=person, jpeg=jpeg, sha256=hashlib.sha256(jpeg).hexdigest())
        for n, person in enumerate(people)
        for jpeg in [drawn[n % len(drawn)]]
    )


def approved_run(world: World) -> int:
    """Freeze and approve a run that is due now, let some mend it after the freeze; return its key."""
    from django.utils import timezone

    from census_staff.accounts.models import User
    from census_staff.batches.models import Batch
    from census_staff.censuses.models import Census
    from recruitment.compliance import steps
    from recruitment.models import Staff
    from tests import standing

    steward = User.objects.get(pk=world.users["city_steward"])
    batch = steps.prepare(actor=steward, census=Census.objects.get(pk=world.census))
    steps.freeze(batch, actor=steward)
    approver = User.objects.get(pk=world.users["city_approver"])
    steps.approve(batch, actor=approver, typed=batch.items.filter(state="pending").count())
    for staff in Staff.objects.filter(pk__in=world.compliant):
        standing.sit(staff, score=85)
    at = timezone.now() - timedelta(seconds=1)
    standing.move_times(deadline_at=at, execute_at=at)
    Batch.objects.filter(pk=batch.pk).update(due_at=at)
    return int(batch.pk)


def confirmed_roster(world: World) -> int:
    """Order the roster to be written and return the batch's key."""
    from census_staff.accounts.models import User
    from recruitment.models import RosterFile
    from recruitment.roster_commit import confirm

    clerk = User.objects.get(pk=world.users["township_clerk"])
    return int(confirm(RosterFile.objects.get(pk=world.roster), actor=clerk).pk)


def numbering(world: World) -> int:
    """Order numbers for everybody who is ready and return the batch's key."""
    from recruitment.models import Staff

    return _started(world, "prepare_numbers", Staff.objects.all())


def printing(world: World) -> int:
    """Order all numbered cards to be printed and return the batch's key."""
    from credentials.models import Card

    return _started(world, "prepare_print", Card.objects.all(), size="badge")


def _started(world: World, prepare: str, rows: Any, **more: Any) -> int:
    from census_staff.accounts.models import User
    from census_staff.censuses.models import Census
    from census_staff.places.models import Office
    from credentials import batches

    issuer = User.objects.get(pk=world.users["card_issuer"])
    census, office = Census.objects.get(pk=world.census), Office.objects.get(code="341524")
    batch = getattr(batches, prepare)(rows, actor=issuer, census=census, office=office, **more)
    batches.start(batch, actor=issuer)
    return int(batch.pk)


def open_private() -> None:
    """Empty the private files: a fresh copy of the world has no finished ones."""
    import shutil

    shutil.rmtree(f"{os.environ['CENSUS_STATE_DIR']}/private/cards", ignore_errors=True)
