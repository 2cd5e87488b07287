"""Questions as the database holds them, ready for papers: one name per code and version."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from . import bank
from .models import Question


def name(code: str, version: int) -> str:
    """Return how papers name a version; the wording behind a name never changes."""
    return f"{code}.v{version}"


def in_use() -> tuple[bank.Question, ...]:
    """Return the questions that new papers may draw from."""
    return bank.parse(_row(question) for question in Question.objects.filter(retired_at=None))


def of_paper(paper: Any) -> tuple[bank.Question, ...]:
    """Return the questions of a stored paper, as they were worded when it was made."""
    wanted = Q(pk__in=[])
    for version, codes in _by_version(item["question"] for item in paper["items"]).items():
        wanted |= Q(version=version, code__in=codes)
    return bank.parse(_row(question) for question in Question.objects.filter(wanted))


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
