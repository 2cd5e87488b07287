"""What the person who sits may be told, and when: the key only after everybody has finished."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from census_staff.accounts.service_record import ServiceRecord
from census_staff.lib.errors import Refused

from . import papers, questions
from .bank import CATEGORY_NAMES, KIND_NAMES
from .marking import WEAK_BELOW_PERCENT
from .models import Attempt, Exam
from .services.grade import by_name, final_answers
from .services.sit import GRACE, attempts_left, exam_for, may_not_start, open_page
from .states import AttemptState


def situation(record: ServiceRecord, *, now: datetime) -> dict[str, Any]:
    """Return the exam of a record, its open attempt, what was sat before, and what may follow."""
    exam = exam_for(record, now=now)
    open_one = sitting(record, now=now)
    past = Attempt.objects.of_record(record).filter(state=AttemptState.SUBMITTED)
    refused = may_not_start(record, exam, now=now)
    return {
        "exam": exam,
        "attempt": open_one,
        "past": list(past.select_related("exam", "void").order_by("-number")),
        "left": attempts_left(record, exam) if exam else 0,
        "refused": refused,
    }


def sitting(record: ServiceRecord, *, now: datetime) -> Attempt | None:
    """Return the attempt that still takes answers, or None."""
    rows = Attempt.objects.open_of(record).filter(late_until__gt=now)
    return rows.select_related("exam").first()


def clock(attempt: Attempt, *, now: datetime) -> dict[str, int]:
    """Return the time left and the grace after it, in milliseconds."""
    return {
        "remaining_ms": milliseconds(attempt.deadline_at - now),
        "grace_ms": milliseconds(GRACE),
    }


def milliseconds(span: timedelta) -> int:
    """Return a span as whole milliseconds, never below nothing."""
    return max(0, int(span.total_seconds() * 1000))


def page(attempt: Attempt, *, now: datetime) -> dict[str, Any]:
    """Return a freshly opened page: the paper without its key, and what stands ticked."""
    number = open_page(attempt)
    shown = papers.public_view(attempt.paper, questions.of_paper(attempt.paper))
    for item in shown:
        # The name of a question would lead whoever sat it before to its place in the bank.
        del item["question"]
        item["category"] = str(CATEGORY_NAMES[item["category"]])
        item["kind_name"] = str(KIND_NAMES[item["kind"]])
    return {
        "attempt": attempt.pk,
        "number": attempt.number,
        "page": number,
        "items": shown,
        "answers": {str(at): list(picked) for at, picked in final_answers(attempt).items()},
        **clock(attempt, now=now),
    }


def result(attempt: Attempt, *, now: datetime) -> dict[str, Any]:
    """Return score and weak categories of what was handed in; explanations when they may be."""
    if attempt.state != AttemptState.SUBMITTED:
        raise Refused("attempt_open", _("An attempt is already open."))
    rows = [_category(name, row) for name, row in attempt.by_category.items()]
    rows.sort(key=lambda row: row["percent"])
    may_explain = explained_now(attempt.exam, now=now)
    return {
        "attempt": attempt.pk,
        "number": attempt.number,
        "title": attempt.exam.title,
        "score": attempt.score,
        "pass_mark": attempt.pass_mark,
        "passed": attempt.passed,
        "missing": max(0, attempt.pass_mark - (attempt.score or 0)),
        "answered": attempt.answered,
        "questions": len(attempt.paper.get("items", ())),
        "closed_by": attempt.closed_by,
        "submitted_at": attempt.submitted_at,
        "is_void": hasattr(attempt, "void"),
        "categories": rows,
        "explained_from": attempt.exam.closes_at,
        "explained": _explained(attempt) if may_explain and attempt.paper else [],
    }


def explained_now(exam: Exam | None, *, now: datetime) -> bool:
    """Return whether the key may be told: the window is over and nobody is sitting any more."""
    if exam is None or now <= exam.closes_at:
        return False
    return not Attempt.objects.filter(exam=exam, state=AttemptState.OPEN).exists()


def _category(name: str, row: Mapping[str, int]) -> dict[str, Any]:
    earned, possible = row.get("earned", row["right"]), row.get("possible", row["of"])
    percent = earned * 100 // possible if possible else 100
    return {
        "category": name,
        "name": str(CATEGORY_NAMES[name]) if name in CATEGORY_NAMES else name,
        "earned": earned,
        "possible": possible,
        "percent": percent,
        "is_weak": percent < WEAK_BELOW_PERCENT,
    }


def _explained(attempt: Attempt) -> list[dict[str, Any]]:
    held = questions.of_paper(attempt.paper)
    rows = papers.explained_view(attempt.paper, held, by_name(attempt))
    for row in rows:
        row["category"] = str(CATEGORY_NAMES[row["category"]])
        row["is_right"] = row["picked"] == row["right"]
    return rows
