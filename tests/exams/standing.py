"""What the tests of exams share: the bank in the database, a published exam, a key to cheat with."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from census_staff.accounts.service_record import ServiceRecord, record_of
from exams import papers, questions
from exams.models import Attempt, Exam
from exams.services.load_bank import load_bank
from exams.services.make import create_exam, publish_exam
from exams.services.sit import Tap
from tests.standing import Staff, World


def publish(world: World, *, role: str = "enumerator", office: Any = None, **more: Any) -> Exam:
    """Return a published exam of the county, open since two days."""
    load_bank()
    office = office or world.county
    officer = world.user("training_officer", office)
    now = timezone.now()
    values = {"opens_at": now - timedelta(days=2), "closes_at": now + timedelta(days=5)} | more
    exam = create_exam(
        actor=officer, census=world.census, office=office, role=role, title="登记阶段考试", **values
    )
    return publish_exam(exam, actor=officer)


def record(staff: Staff) -> ServiceRecord:
    """Return the record through which this person acts."""
    found = record_of(staff.person_id, staff.census.code)
    assert found is not None
    return found


def key(attempt: Attempt) -> dict[int, tuple[str, ...]]:
    """Return the right letters of each question of this paper."""
    sheet = papers.marking_sheet(attempt.paper, questions.of_paper(attempt.paper))
    return {number: tuple(sorted(item.right)) for number, item in enumerate(sheet, start=1)}


def tap(question: int, choice: Any, *, page: int = 1, sequence: int = 1) -> Tap:
    """Return one touch."""
    return Tap(uuid.uuid4(), question, page, sequence, tuple(choice))


def answered(attempt: Attempt, *, right: int) -> list[Tap]:
    """Return taps that answer the whole paper, the first `right` questions correctly."""
    page = attempt.page or 1
    return [
        tap(number, letters if number <= right else ("F",), page=page, sequence=number)
        for number, letters in key(attempt).items()
    ]
