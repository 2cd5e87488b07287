"""Sitting an exam: start, open a page, save every tap."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error, connection
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from census_staff.accounts.service_record import ServiceRecord
from census_staff.audit.acting import acting
from census_staff.lib.database_errors import refusal
from census_staff.lib.errors import Refused
from census_staff.people.models import Person
from exams import papers, questions
from exams.models import Answer, Attempt, Exam
from exams.states import AttemptState, ExamState, Mode

# Answers that left the phone in time may arrive so much later.
GRACE = timedelta(seconds=30)
# Who has a part in exams. Being disabled is no reason against it: passing mends it.
PART_IN_EXAMS = ("appointed", "on_duty")
SHUT_OUT = ("not_activated",)
SEED_BITS = 62


@dataclass(frozen=True, slots=True)
class Tap:
    """What stood ticked in a question after one touch, as the phone tells it."""

    op: UUID
    question: int
    page: int
    sequence: int
    choice: tuple[str, ...]
    client_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """Which taps are kept for good, and why the others are not."""

    operations: tuple[UUID, ...]
    refused: Refused | None
    remaining: timedelta
    # The newest page of the attempt: what an older one still sends no longer decides.
    page: int = 0


def exam_for(record: ServiceRecord, *, now: datetime) -> Exam | None:
    """Return the published exam this record sits: open before shut, the nearest office first."""
    rows = Exam.objects.for_record(record).filter(state=ExamState.PUBLISHED)
    found = list(rows.select_related("census", "office").order_by("-office__level", "-pk"))
    current = [exam for exam in found if exam.opens_at <= now < exam.closes_at]
    return next(iter(current or found), None)


def attempts_left(record: ServiceRecord, exam: Exam) -> int:
    """Return how often the person may still start: those of the exam, one more a retraining."""
    rounds: int = import_string(settings.RETRAINED_ROUNDS)(
        person_id=record.person_id, census_id=record.census_id, role=record.role
    )
    made = Attempt.objects.of_record(record).filter(void=None).count()
    return max(0, exam.attempts + rounds - made)


def may_not_start(record: ServiceRecord, exam: Exam | None, *, now: datetime) -> Refused | None:
    """Return why the person cannot start an attempt now, or None."""
    if shut := may_not_sit(record):
        return shut
    if exam is None:
        return Refused("no_exam", _("No exam has been published for you yet."))
    if now < exam.opens_at:
        return Refused("exam_not_open", _("The exam has not opened yet."))
    if now >= exam.closes_at:
        return Refused("exam_over", _("The exam is over."))
    if sitting := Attempt.objects.open_of(record).first():
        if sitting.late_until > now:
            return Refused("attempt_open", _("An attempt is already open."))
        return Refused(
            "attempt_closing",
            _("Time is over; the last attempt is being handed in. Look again in a minute."),
        )
    # A pass in a room is no bar: the standard asks for an online attempt besides.
    passes = Attempt.objects.of_record(record).filter(passed=True, void=None)
    if passes.filter(mode=Mode.ONLINE).exists():
        return Refused("already_passed", _("You have passed. There is nothing left to sit."))
    if attempts_left(record, exam) < 1:
        return Refused(
            "no_attempts_left",
            _("All attempts are used. Complete the retraining courses to get another one."),
        )
    return None


def may_not_sit(record: ServiceRecord) -> Refused | None:
    """Return why this record has no part in exams, or None."""
    if record.service not in PART_IN_EXAMS:
        return Refused("not_appointed", _("Only people who serve in this census sit its exam."))
    if record.access in SHUT_OUT:
        return Refused("not_activated", _("Your office has not activated your access yet."))
    return None


def start(record: ServiceRecord, *, actor: Any, now: datetime) -> Attempt:
    """Return a new attempt with its own paper, or refuse with the reason."""
    with acting(actor, reason="start"):
        Person.objects.filter(pk=record.person_id).lock()
        exam = exam_for(record, now=now)
        refused = may_not_start(record, exam, now=now)
        if exam is None or refused:
            raise refused or Refused("no_exam", _("No exam has been published for you yet."))
        seed = secrets.randbits(SEED_BITS)
        deadline = now + timedelta(minutes=exam.minutes)
        return Attempt.objects.create(
            exam=exam,
            person_id=record.person_id,
            census_id=record.census_id,
            role=record.role,
            office_id=record.office_id,
            number=Attempt.objects.of_record(record).count() + 1,
            seed=seed,
            paper=papers.make_paper(
                questions.in_use(),
                papers.Blueprint.from_json(exam.blueprint),
                seed,
                role=record.role,
                census_kind=exam.census.kind,
            ),
            pass_mark=exam.pass_mark,
            started_at=now,
            deadline_at=deadline,
            late_until=deadline + GRACE,
        )


def open_page(attempt: Attempt) -> int:
    """Return the number of a fresh page of this attempt; its answers win over older pages'."""
    rows = Attempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN)
    if not rows.filter(late_until__gt=timezone.now()).update(page=F("page") + 1):
        raise Refused("attempt_closed", _("The attempt is closed."))
    attempt.refresh_from_db(fields=["page"])
    return attempt.page


# One round trip: whose attempt it is, what time is left, and the rows. A page that was never
# opened cannot outrank one that was. The trigger refuses what comes after the end.
SAVE = """
WITH mine AS (
  SELECT id, page, deadline_at FROM exams_attempt
  WHERE id = %s AND person_id = %s AND census_id = %s
), kept AS (
  INSERT INTO exams_answer (attempt_id, op, question, page, sequence, choice, saved_at, client_at)
  SELECT mine.id, tap.op, tap.question, least(tap.page, mine.page), tap.sequence, tap.choice,
         clock_timestamp(), tap.client_at
  FROM mine CROSS JOIN (VALUES {rows})
    AS tap (op, question, page, sequence, choice, client_at)
  ON CONFLICT (attempt_id, op) DO NOTHING
)
SELECT deadline_at - clock_timestamp(), page FROM mine
"""
# Without taps only the clock is asked.
ASK = """
SELECT deadline_at - clock_timestamp(), page FROM exams_attempt
WHERE id = %s AND person_id = %s AND census_id = %s
"""
ROW = "(%s::uuid, %s::int, %s::int, %s::int, %s::jsonb, %s::timestamptz)"


def save(record: ServiceRecord, attempt_id: int, taps: Sequence[Tap]) -> Saved:
    """Return which taps are kept once they are committed; `Attempt.DoesNotExist` if not theirs.

    Runs outside any transaction, so that the statement's end is the commit.
    """
    if shut := may_not_sit(record):
        raise shut
    values: list[Any] = [attempt_id, record.person_id, record.census_id]
    for tap in taps:
        letters = "[" + ", ".join(f'"{letter}"' for letter in tap.choice) + "]"
        values += [str(tap.op), tap.question, tap.page, tap.sequence, letters, tap.client_at]
    try:
        with connection.cursor() as cursor:
            text = SAVE.format(rows=", ".join([ROW] * len(taps))) if taps else ASK
            cursor.execute(text, values)
            found = cursor.fetchone()
    except Error as error:
        refused = refusal(error)
        if refused is None or refused.code != "attempt_closed":
            raise
        return _kept_before(attempt_id, taps, refused)
    if found is None:
        raise Attempt.DoesNotExist
    return Saved(tuple(tap.op for tap in taps), None, found[0], found[1])


def _kept_before(attempt_id: int, taps: Sequence[Tap], refused: Refused) -> Saved:
    # The acknowledgement may have been lost on the way: what is kept is said to be kept.
    sent = [tap.op for tap in taps]
    kept = set(Answer.objects.filter(attempt=attempt_id, op__in=sent).values_list("op", flat=True))
    missing = None if kept.issuperset(sent) else refused
    return Saved(tuple(op for op in sent if op in kept), missing, timedelta())
