"""Questions as the database holds them, ready for papers: one name per code and version."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from . import bank
from .models import Question

# The database keeps the words of a version (exams/migrations/0003_moves.py), so that what was read
# once need not be read again; which versions are in use is asked every time.
_read: dict[tuple[int, str, int], bank.Question] = {}


def name(code: str, version: int) -> str:
    """Return how papers name a version; the wording behind a name never changes."""
    return f"{code}.v{version}"


def in_use() -> tuple[bank.Question, ...]:
    """Return the questions that new papers may draw from."""
    return _parsed(Question.objects.filter(retired_at=None))


def of_paper(paper: Any) -> tuple[bank.Question, ...]:
    """Return the questions of a stored paper, as they were worded when it was made."""
    wanted = Q(pk__in=[])
    for version, codes in _by_version(item["question"] for item in paper["items"]).items():
        wanted |= Q(version=version, code__in=codes)
    return _parsed(Question.objects.filter(wanted))


def _parsed(rows: "QuerySet[Question]") -> tuple[bank.Question, ...]:
    wanted = list(rows.values_list("pk", "code", "version"))
    missing = [key[0] for key in wanted if key not in _read]
    for question in Question.objects.filter(pk__in=missing) if missing else ():
        key = (question.pk, question.code, question.version)
        _read[key] = bank.parse([_row(question)])[0]
    return bank.in_order(_read[key] for key in wanted)


def _by_version(names: Iterable[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for each in names:
        code, _dot, version = each.rpartition(".v")
        found.setdefault(int(version), []).append(code)
    return found


def _row(question: Question) -> dict[str, Any]:
    return {
        "code": name(question.code, question.version),
        "category": question.category,
        "kind": question.kind,
        "roles": question.roles,
        "census_kinds": question.census_kinds,
        "stem": question.stem,
        "options": question.options,
        "answer": question.answer,
        "explanation": question.explanation,
        "source": question.source,
    }
