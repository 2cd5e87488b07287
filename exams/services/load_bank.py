"""Bringing the bank on disk into the database."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from exams import bank
from exams.models import Question

CONTENT = (
    "category",
    "kind",
    "roles",
    "census_kinds",
    "stem",
    "options",
    "answer",
    "explanation",
    "source",
)


def load_bank(questions: Iterable[bank.Question] | None = None) -> dict[str, int]:
    """Return how many questions were added, reworded, retired and left as they are.

    A reworded question becomes a new version and the old one retires: papers made before keep
    the words that were seen.
    """
    at = timezone.now()
    done = {"added": 0, "reworded": 0, "retired": 0, "unchanged": 0}
    with transaction.atomic():
        newest = _newest()
        wanted = {one.code: _content(one) for one in questions or bank.load()}
        fresh: list[Question] = []
        for code, content in wanted.items():
            held = newest.get(code)
            if held and held.retired_at is None and _same(held, content):
                done["unchanged"] += 1
                continue
            if held and held.retired_at is None:
                _retire(held, at)
            done["reworded" if held else "added"] += 1
            fresh.append(Question(code=code, version=held.version + 1 if held else 1, **content))
        for code, held in newest.items():
            if code not in wanted and held.retired_at is None:
                _retire(held, at)
                done["retired"] += 1
        Question.objects.bulk_create(fresh)
    return done


def _newest() -> dict[str, Question]:
    # Ordered, so that of each code the highest version stays; locked against a second loader.
    rows = Question.objects.select_for_update().order_by("code", "version")
    return {question.code: question for question in rows}


def _content(question: bank.Question) -> dict[str, Any]:
    return {
        "category": str(question.category),
        "kind": str(question.kind),
        "roles": sorted(map(str, question.roles)),
        "census_kinds": sorted(map(str, question.census_kinds)),
        "stem": question.stem,
        "options": list(question.options),
        "answer": [bank.LETTERS[index] for index in sorted(question.right)],
        "explanation": question.explanation,
        "source": question.source,
    }


def _same(held: Question, content: Mapping[str, Any]) -> bool:
    return all(getattr(held, field) == content[field] for field in CONTENT)


def _retire(question: Question, at: datetime) -> None:
    Question.objects.filter(pk=question.pk).update(retired_at=at)
