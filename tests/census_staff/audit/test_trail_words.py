"""Whoever reads the trail reads words: no code of ours is left without one."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from census_staff.accounts.roles import Role
from census_staff.audit import words
from census_staff.audit.models import Entry
from census_staff.audit.vocabulary import EVENTS, REASONS, SUBJECTS
from census_staff.batches.lifecycle import BATCH
from credentials.lifecycle import CARD
from exams.lifecycle import ATTEMPT, EXAM
from recruitment.lifecycle import ACCESS, SERVICE
from recruitment.orders import AccessOrder
from tests.standing import World
from training.lifecycle import COURSE

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("census_staff", "training", "exams", "recruitment", "credentials")
CYCLES = (SERVICE, ACCESS, CARD, COURSE, EXAM, ATTEMPT, BATCH)
NOTED = re.compile(
    r"\b(?:record|record_many|_log|_note|_opened|_entry|trail\.note|trail\.note_posting)\("
    r"\s*\"([a-z_.]+)\""
)
ACTING = re.compile(r"\bacting\([^()]*?reason=\"([a-z_]+)\"", re.S)


def _found(pattern: re.Pattern[str]) -> set[str]:
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return {code for path in files for code in pattern.findall(path.read_text("utf-8"))}


def test_every_deed_written_to_the_trail_has_a_word() -> None:
    deeds = _found(NOTED)

    assert "staff.left" in deeds
    assert deeds <= set(EVENTS)


def test_every_reason_has_a_word() -> None:
    steps = {name for cycle in CYCLES for name in cycle.steps}
    given = _found(ACTING) | steps | set(AccessOrder.Reason.values)

    assert "roster" in given
    assert given <= set(REASONS)


@pytest.mark.parametrize("cycle", CYCLES, ids=lambda cycle: f"{cycle.subject}.{cycle.field}")
def test_every_state_is_read_as_its_name(cycle) -> None:
    assert cycle.subject in SUBJECTS
    codes = {state for move in cycle.moves() for state in move if state}
    for code in codes:
        assert words.state_word(cycle.subject, cycle.field, code) != code


def test_a_line_of_the_trail_is_words(settings) -> None:
    entry = Entry(
        actor="system:run",
        subject="recruitment_staff",
        subject_id=1,
        event="access",
        old="enabled",
        new="disabled",
        reason="run",
    )

    line = words.spoken(entry, {})

    assert line.who == "系统 · 批量禁用"
    assert (line.event, line.old, line.new) == ("账户", "已启用", "已禁用")
    assert line.reason == "执行日未达标"


def test_an_auditor_filters_by_subject_and_by_who_acted(world: World) -> None:
    staff = world.enabled()
    client = Client()
    client.force_login(world.user(Role.AUDITOR))

    every = client.get(reverse("audit_list"), {"subject": "recruitment_staff"})
    nobody = client.get(reverse("audit_list"), {"who": "nobody of that name"})

    assert reverse("staff_page", args=[staff.pk]) in every.content.decode()
    assert every.context["entries"]
    assert not nobody.context["entries"]
