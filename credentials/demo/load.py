"""The whole demonstration: two censuses of Lu'an, one over and one ten days before its deadline."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from census_staff.accounts.models import User
from census_staff.accounts.roles import Role
from census_staff.censuses.models import Census
from census_staff.censuses.presets import AGRICULTURE, ECONOMIC, open_census, shifted
from census_staff.lib.cycles import none_looked_for
from census_staff.people.services import propose_correction
from census_staff.places.models import Office, OfficeLevel
from census_staff.places.regions_csv import LU_AN_2023
from census_staff.places.services import load_regions, plant_offices
from exams.models import Exam
from exams.services.load_bank import load_bank
from exams.services.make import create_exam, publish_exam
from recruitment.compliance import steps as runs
from recruitment.models import Staff
from recruitment.pledges import load_pledge_text
from recruitment.review import decide
from recruitment.services import leave_all, remind
from training.courses import load_courses
from training.models import Course

from . import cards, roster, workbooks
from .offices import (
    COUNTY,
    TOWNSHIP,
    Desks,
    in_township,
    open_desks,
    password,
    write_accounts,
)
from .people import people as synthetic_people

GOLDEN = 0.618033988749895
SHANGHAI = ZoneInfo("Asia/Shanghai")
PAST_SHARE = 0.08
# So many cards has every county printed that is not the printed one.
PRINTED_ELSEWHERE = 45
# Of those whose access is open: how many are through each gate, county by county.
PACE = {"341522": 0.80, "341503": 0.90, "341524": 0.93, "341504": 1.0}


@contextmanager
def in_one_go() -> Iterator[None]:
    """Load wholly or not at all: whoever stops a loading begins it anew."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Nobody has counted these rows yet, and a loop within a loop looks cheap to a planner
            # that takes every table for empty.
            cursor.execute("SET LOCAL enable_nestloop = off")
        # Much is made here and nothing thrown away; looking for rubbish costs a fifth of the time.
        with none_looked_for():
            yield


@in_one_go()
def load(state: Path, *, size: int, now: datetime | None = None) -> Desks:
    """Fill an empty installation and write the accounts beside the state."""
    at = now or timezone.now()
    load_regions(LU_AN_2023, edition=2023)
    plant_offices(LU_AN_2023)
    past = open_census(ECONOMIC, min_schooling="junior", min_age=18, max_age=65)
    live = open_census(
        AGRICULTURE,
        min_schooling="junior",
        fieldwork_from=at.astimezone(SHANGHAI).date(),
        **shifted(AGRICULTURE, deadline_in=timedelta(days=10), now=at),
    )
    contact_lines()
    desks = open_desks([past, live])
    exams = {census.pk: prepare_census(census, desks) for census in (past, live)}
    everybody = synthetic_people(size)
    people = roster.enter_people(everybody, desks.of(Role.COUNTY_RECRUITER, COUNTY))
    count = int(size * PAST_SHARE)
    past_rows = roster.enter_staff(
        past, people[:count], everybody[:count], desks, roster.Places(2023, 5)
    )
    cards.close_the_past(past, past_rows, desks, exams[past.pk])
    rows = roster.enter_staff(live, people, everybody, desks, roster.Places(2023, 4))
    live_stages(live, rows, desks, exams[live.pk], at)
    open_phones(live, desks)
    workbooks.write_samples(live, synthetic_people(size + workbooks.LINES)[size:])
    write_accounts(desks, state / "demonstration-accounts.txt")
    return desks


def contact_lines() -> None:
    """Give the offices telephone lines that ring nowhere."""
    for office in Office.objects.filter(level__lte=OfficeLevel.COUNTY):
        Office.objects.filter(pk=office.pk, phone="").update(
            phone="0564-000 0000", hours="工作日 8:00–18:00", address=f"{office.name[:-3]}（演示）"
        )


def prepare_census(census: Census, desks: Desks) -> dict[str, Exam]:
    """Return the published exams of a census by role, with courses and pledge in place."""
    city = Office.objects.get(code="3415")
    officer = desks.of(Role.TRAINING_OFFICER, "3415")
    load_courses(census, office=city, actor=officer)
    load_pledge_text(census, actor=desks.of(Role.CITY_STEWARD, "3415"))
    load_bank()
    exams = {}
    for role, word in (("enumerator", "普查员"), ("supervisor", "普查指导员")):
        at = timezone.now()
        exam = create_exam(
            actor=officer,
            census=census,
            office=city,
            role=role,
            title=f"{census.short_name}{word}上岗考试",
            opens_at=min(census.deadline_at - timedelta(days=20), at - timedelta(days=10)),
            # An exam is not published into the past; that of the census which is over is closed.
            closes_at=max(census.execute_at + timedelta(days=30), at + timedelta(hours=1)),
        )
        exams[role] = publish_exam(exam, actor=officer)
    return exams


def live_stages(
    census: Census, rows: Sequence[Staff], desks: Desks, exams: dict[str, Exam], at: datetime
) -> None:
    """Carry the people of the live census to every stage there is."""
    choice = Random(2026)
    fate = {row.pk: choice.random() for row in rows}
    # Evenly spread in the printed township, so that it lacks no stage.
    here = [row.pk for row in rows if row.office.code == TOWNSHIP]
    fate |= {pk: (turn * GOLDEN % 1) ** 1.3 for turn, pk in enumerate(here, 1)}
    rows = list(Staff.objects.filter(pk__in=fate).select_related("person", "office"))
    waiting = [row for row in rows if fate[row.pk] < 0.055]
    chosen = [row for row in rows if fate[row.pk] >= 0.055]
    review_some(waiting, desks)
    roster.appoint(chosen, desks)
    opened = [row for row in chosen if fate[row.pk] >= 0.075]
    roster.activate(opened, desks)
    roster.set_back(chosen, 9)

    def reached(share: float, among: Sequence[Staff]) -> list[Staff]:
        return [row for row in among if fate[row.pk] < share * PACE.get(row.office.code[:6], 0.96)]

    courses = list(Course.objects.filter(census=census).prefetch_related("units"))
    trained = reached(0.97, opened)
    roster.study(trained, courses, at)
    sat = reached(0.90, trained)
    passing = {row.pk for row in reached(0.85, sat)}
    roster.sit_exams(sat, passing, exams, at)
    signed = [row for row in reached(0.83, sat) if row.pk in passing]
    roster.sign(signed, at)
    ready = reached(0.72, signed)
    cards.issue_cards(census, ready, desks, handed_share=0.9, choice=choice, most=PRINTED_ELSEWHERE)
    daily_life(census, desks, choice, at)


def review_some(waiting: Sequence[Staff], desks: Desks) -> None:
    """Return, refuse and hold back some of those under review; leave the rest in the queue."""
    for county, keys in roster.by_county(waiting).items():
        reviewer = desks.of(Role.COUNTY_REVIEWER, county)
        at = timezone.now()
        back, out, spare = keys[0::6], keys[1::12], keys[2::8]
        decide(
            back, "return", actor=reviewer, at=at, sentence="请核对文化程度和工作单位。",
            fields={"schooling": "与上报材料不一致", "employer": "请写明单位全称和职务"},
        )  # fmt: skip
        decide(out, "refuse", actor=reviewer, at=at, sentence="本人已明确不参加本次普查。")
        decide([k for k in spare if k not in {*back, *out}], "reserve", actor=reviewer, at=at)


def daily_life(census: Census, desks: Desks, choice: Random, at: datetime) -> None:
    """Reminders, departures, losses, corrections, and a run that waits for its second person."""
    first = in_township("office__code")
    for county, coordinator in [
        (k[1], u) for k, u in desks.users.items() if k[0] == Role.COORDINATOR
    ]:
        here = Staff.objects.filter(census=census, office__code__startswith=county)
        idle = list(here.open_access().missing("trained").order_by(first, "pk")[:4])
        for row in idle:
            remind(
                row, actor=coordinator, reason="untrained", sentence="请尽快完成必修课程。",
                standards=["trained"], until=(at + timedelta(days=5)).date(),
            )  # fmt: skip
        waiting = here.filter(service="appointed").order_by("pk")
        gone = list(waiting.values_list("pk", flat=True)[20:22])
        leave_all(Staff.objects.filter(pk__in=gone), actor=coordinator, reason="个人原因")
        for row in waiting.select_related("person")[30:32]:
            propose_correction(
                row.person,
                field="phone",
                value=f"19911{choice.randrange(1_000_000):06d}",
                actor=desks.of(Role.COUNTY_RECRUITER, county),
                office_id=row.office_id,
                census_id=census.pk,
                reason="本人更换手机号码",
            )
    cards.mishaps(census, desks)
    steward, day = desks.of(Role.CITY_STEWARD, "3415"), timezone.localdate(census.deadline_at)
    batch = runs.prepare(actor=steward, census=census, title=f"{day:%m-%d} 不达标账户")
    runs.freeze(batch, actor=steward)


def open_phones(census: Census, desks: Desks) -> None:
    """Open one phone account for each interesting stage, all in the printed township or county."""
    here = Staff.objects.filter(census=census, office__code__startswith=COUNTY)
    stages = {
        "刚激活，未学习": here.open_access().missing("trained").filter(access="enabled"),
        "学完，待考试": here.open_access().meeting("trained").missing("sat_online"),
        "考试未合格": here.open_access().meeting("sat_online").missing("passed"),
        "合格，待承诺": here.open_access().meeting("passed").missing("pledged"),
        "在岗持证": here.filter(service="on_duty"),
    }
    first = in_township("office__code")
    for word, rows in stages.items():
        person = rows.select_related("person__user").order_by(first, "pk").first()
        if person is None:
            continue
        user: User = person.person.user
        secret = password()
        moment = timezone.now()
        user.set_password(secret)
        user.activated_at = user.notice_read_at = moment
        user.name_confirmed_at = user.password_changed_at = moment
        user.save()
        desks.printed.append((f"手机端 · {word}", person.person.phone, secret))
