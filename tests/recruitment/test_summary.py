"""Above the city a board is a summary: of one snapshot, no older than a minute, the same as counted."""

import os
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from census_staff.accounts.roles import Role
from census_staff.accounts.scope import System
from census_staff.audit.acting import acting
from census_staff.places.models import Office
from credentials import issue
from credentials.models import Card
from exams.models import Attempt, AttemptVoid
from recruitment import board, summary
from recruitment.filters import asked_for, roster
from recruitment.models import Pledge, PledgeText, PledgeVoid, Staff, Tally, TallyMark, TallyTime
from tests.standing import TESTS, World, make_office, pledge, sit, train
from training.models import Completion, CompletionVoid

BOARDS = System("boards")


@pytest.fixture
def nation(world: World) -> Office:
    """Give the standing city a province above it, with a county of its own."""
    province = Office.objects.create(
        code="34", region_code="340000000000", name="安徽省普查办", short_name="安徽",
        level=2, path="34.",
    )  # fmt: skip
    Office.objects.filter(pk=world.city.pk).update(parent=province)
    county = make_office("340181", 6, province, "巢湖市普查办")
    world.far = make_office("340181100", 9, county, "城东镇普查办")  # type: ignore[attr-defined]
    return province


def numbers(lines: list[board.Line], whole: board.Line) -> Any:
    """Return all numbers of a board, comparable."""
    return whole.counts, sorted((line.office.pk, line.is_own, line.counts) for line in lines)


def both(world: World, top: Office) -> tuple[Any, Any]:
    """Return the summary's numbers and those counted live, read in one snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        found = summary._summary(world.census, top)
        assert found is not None
        live = board.board(BOARDS, world.census, top, found.at)
        return numbers(found.lines, found.whole), numbers(*live)


def chosen(rows: Any, dice: random.Random) -> Any:
    found = list(rows.order_by("pk"))
    return dice.choice(found) if found else None


def deeds(world: World, dice: random.Random) -> list[Callable[[], Any]]:
    """Return everything that moves a number."""
    townships = [world.township, world.other_township, world.far]  # type: ignore[attr-defined]
    maker = world.user(Role.CITY_STEWARD)

    def someone(**asked: Any) -> Staff:
        found = chosen(Staff.objects.filter(census=world.census, **asked), dice)
        return found or world.enabled(dice.choice(townships))

    def move() -> None:
        Staff.objects.filter(pk=someone().pk).update(office=dice.choice(townships))

    def shut() -> None:
        with acting(TESTS, reason="test"):
            Staff.objects.filter(access="enabled", pk=someone(access="enabled").pk).update(
                access="disabled"
            )

    def wait() -> None:
        staff = world.staff(dice.choice(townships))
        Staff.objects.filter(pk=staff.pk).update(submitted_at=timezone.now() - board.WAITED)

    def void(evidence: Any, made: Any, name: str) -> None:
        if one := chosen(evidence.objects.filter(void=None), dice):
            made.objects.create(**{name: one}, reason="test", made_by=maker)

    def card() -> None:
        staff = world.ready(dice.choice(townships))
        made = issue.number_one(staff, actor=world.user(Role.CARD_ISSUER, staff.office.parent))
        with acting(TESTS, reason="test"):
            Card.objects.filter(pk=made.pk).update(state="printed", face={}, face_sha256="0" * 64)

    def ask_again() -> None:
        PledgeText.objects.filter(superseded_at=None).update(superseded_at=timezone.now())
        PledgeText.objects.all().update(superseded_at=None)

    return [
        lambda: world.staff(dice.choice(townships)),
        lambda: world.enabled(dice.choice(townships), role="supervisor"),
        lambda: world.ready(dice.choice(townships)),
        lambda: train(someone(person__completions=None)),
        lambda: sit(someone(), score=dice.choice((30, 92))),
        lambda: sit(someone(), score=92, mode="offline"),
        lambda: pledge(someone(person__pledges=None)),
        lambda: void(Attempt, AttemptVoid, "attempt"),
        lambda: void(Completion, CompletionVoid, "completion"),
        lambda: void(Pledge, PledgeVoid, "pledge"),
        lambda: Staff.objects.filter(pk=someone().pk).update(experience=["agriculture_2016"]),
        move, shut, wait, card, ask_again,
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_summary_is_the_live_count_whatever_was_done_since(
    world: World, nation: Office
) -> None:
    dice = random.Random(4)
    able = deeds(world, dice)
    summary.refresh(world.census)

    for _round in range(2):
        for deed in dice.sample(able, len(able)):
            deed()
            summary.refresh(world.census)
            for top in (nation, world.city):
                kept, live = both(world, top)
                assert kept == live, deed
    assert all(kept[0][code] for code in ("trained", "passed", "pledged", "carded", "slow", "due"))
    assert not TallyMark.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_only_the_offices_of_what_changed_are_counted_again(
    world: World, nation: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = world.enabled(), world.enabled(world.other_township)
    summary.refresh(world.census)
    counted: list[Any] = []
    monkeypatch.setattr(summary, "_count", lambda census, offices, at: counted.append(offices))

    summary.refresh(world.census)
    train(here)
    summary.refresh(world.census)

    assert counted == [{here.office_id}]
    assert there.office_id not in counted[0]


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_counted_without_a_write(world: World, nation: Office) -> None:
    staff = world.staff()
    summary.refresh(world.census)
    assert Tally.objects.get().slow == 0
    TallyTime.objects.update(at=timezone.now() - timedelta(seconds=30))
    # As if the three days had passed meanwhile.
    Staff.objects.filter(pk=staff.pk).update(
        submitted_at=timezone.now() - board.WAITED - timedelta(seconds=1)
    )
    TallyMark.objects.all().delete()

    summary.refresh(world.census)

    assert Tally.objects.get().slow == 1


@pytest.mark.django_db(transaction=True)
def test_two_do_not_count_at_once_and_the_lock_is_given_back(world: World, nation: Office) -> None:
    world.enabled()
    other = psycopg2.connect(os.environ["DATABASE_URL"])
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [summary.LOCK, world.census.pk])
        assert summary.refresh(world.census) is None
        assert not TallyTime.objects.exists()
    other.close()

    while summary.refresh(world.census) is None:
        pass
    assert Tally.objects.get().entered == 1
    assert summary.refresh(world.census) is not None


@pytest.mark.django_db(transaction=True)
def test_a_count_that_dies_leaves_the_one_before_and_its_marks(
    world: World, nation: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.enabled()
    first = summary.refresh(world.census)
    world.enabled()

    def die(**_more: Any) -> None:
        connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as broken:
        broken.setattr(TallyTime.objects, "update_or_create", die)
        with pytest.raises(Exception, match=r"terminat|closed"):
            summary.refresh(world.census)
    connection.close()

    found = summary._summary(world.census, nation)
    assert found is not None and found.at == first and found.whole.entered == 1
    assert TallyMark.objects.exists()
    assert summary.refresh(world.census) is not None
    assert both(world, nation)[0] == both(world, nation)[1]


@pytest.mark.django_db(transaction=True)
def test_a_wide_board_shows_the_summary_and_its_time(
    world: World, nation: Office, client: Any
) -> None:
    world.ready()
    client.force_login(world.user(Role.CITY_STEWARD, nation))
    summary.refresh(world.census)
    world.enabled()

    shown = client.get("/board/").context["shown"]

    assert shown.is_summary and not shown.is_late
    assert shown.at == TallyTime.objects.get().at
    assert shown.whole.entered == 1


@pytest.mark.django_db(transaction=True)
def test_no_page_shows_a_summary_older_than_a_minute_without_saying_so(
    world: World, nation: Office, client: Any
) -> None:
    world.ready()
    client.force_login(world.user(Role.CITY_STEWARD, nation))
    summary.refresh(world.census)
    world.enabled()
    TallyTime.objects.update(at=timezone.now() - summary.FRESH - timedelta(seconds=1))

    shown = client.get("/board/").context["shown"]
    assert not shown.is_summary and shown.whole.entered == 2

    other = psycopg2.connect(os.environ["DATABASE_URL"])
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [summary.LOCK, world.census.pk])
        page = client.get("/board/")
    other.close()
    assert page.context["shown"].is_late and page.context["shown"].whole.entered == 1
    assert gettext("These numbers are older than a minute.") in page.content.decode()


def test_every_number_of_the_summary_is_a_column_and_the_question_of_its_list(
    world: World,
) -> None:
    world.ready()
    world.enabled()
    columns = {field.name for field in Tally._meta.fields} - {"id", "census", "office"}

    _lines, whole = board.board(BOARDS, world.census, world.city, timezone.now())
    rows = roster(BOARDS, census_id=world.census.pk)

    assert columns == set(board.NUMBERS) == set(whole.counts)
    for code, asked in board.ASKED.items():
        assert asked_for(rows, asked).count() == whole.counts[code], code


def test_the_clock_counts_often_enough_for_a_minute() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["recruitment.tasks.count_boards"]
    assert entry["schedule"] == summary.PERIOD
    assert 2 * entry["schedule"] < summary.FRESH.total_seconds()
