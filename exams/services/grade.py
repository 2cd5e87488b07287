"""Handing in: fold the taps, mark the paper, write the result once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models.functions import Now
from django.utils import timezone

from census_staff.accounts.scope import System
from census_staff.audit.acting import acting
from census_staff.people.models import Person
from exams import marking, papers, questions
from exams.lifecycle import HAND_IN, graded
from exams.models import Answer, Attempt
from exams.states import AttemptState, ClosedBy

CLOCK = System("exams")


def submit(attempt: Attempt, *, actor: Any, submit_op: UUID | None = None) -> Attempt:
    """Return the attempt with its result; once handed in, the same result however often asked."""
    _hand_in(attempt.pk, attempt.person_id, actor=actor, by=ClosedBy.HAND, submit_op=submit_op)
    attempt.refresh_from_db()
    return attempt


def close_overdue(*, limit: int = 500) -> int:
    """Return how many attempts the clock handed in; each one in its own transaction."""
    # The database's clock, because it is the one that refuses late answers.
    rows = Attempt.objects.filter(
        state=AttemptState.OPEN, deadline_at__lt=Now(), late_until__lt=Now()
    )
    found = list(rows.order_by("deadline_at", "pk").values_list("pk", "person_id")[:limit])
    return sum(_hand_in(pk, person, actor=CLOCK, by=ClosedBy.CLOCK) for pk, person in found)


def final_answers(attempt: Attempt) -> dict[int, marking.Picked]:
    """Return what stands for each question of the paper, by its number."""
    folded = marking.fold(_rows(attempt.pk))
    return {int(number): picked for number, picked in folded.items()}


def by_name(attempt: Attempt) -> dict[str, marking.Picked]:
    """Return what stands for each question of the paper, by the name of the question."""
    items = attempt.paper["items"]
    return {
        items[number - 1]["question"]: picked
        for number, picked in final_answers(attempt).items()
        if 1 <= number <= len(items)
    }


def _hand_in(
    pk: int, person: int, *, actor: Any, by: ClosedBy, submit_op: UUID | None = None
) -> bool:
    with acting(actor, reason="hand_in"):
        Person.objects.filter(pk=person).lock()
        # Waits for taps under way (they hold the row), and makes later ones wait for us.
        rows = Attempt.objects.filter(pk=pk, state=AttemptState.OPEN)
        attempt = rows.select_for_update(of=("self",)).first()
        if attempt is None:
            return False
        by = ClosedBy.CLOCK if _is_over(attempt, timezone.now()) else by
        result = _result(attempt) | {"closed_by": by, "submit_op": submit_op}
        # A hand that comes after the end does what the clock was about to do.
        step, who = HAND_IN[by], actor if by == ClosedBy.HAND else CLOCK
        return bool(
            graded(result).advance(Attempt.objects.filter(pk=pk), step, actor=who, reason=step)
        )


def _is_over(attempt: Attempt, now: datetime) -> bool:
    return now > attempt.late_until


def _result(attempt: Attempt) -> dict[str, Any]:
    sheet = papers.marking_sheet(attempt.paper, questions.of_paper(attempt.paper))
    answers = by_name(attempt)
    mark = marking.mark(sheet, answers)
    return {
        "score": mark.score,
        "passed": mark.passes(attempt.pass_mark),
        # Acknowledged at least once, even if cleared again: having sat is a fact of its own.
        "answered": len(answers),
        "by_category": {
            row.category: {
                "right": row.right,
                "of": row.asked,
                "earned": row.earned,
                "possible": row.possible,
            }
            for row in mark.categories
        },
    }


def _rows(attempt_id: int) -> Iterable[marking.AnswerRow]:
    kept = Answer.objects.filter(attempt=attempt_id).order_by("page", "sequence", "pk")
    for op, page, sequence, question, choice in kept.values_list(
        "op", "page", "sequence", "question", "choice"
    ):
        yield marking.AnswerRow(str(op), page, sequence, str(question), tuple(choice))
