"""The question bank: our own questions, kept as JSON beside this file, read once, checked when read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import _StrPromise

Word = TypeVar("Word", bound=StrEnum)

FOLDER = Path(__file__).with_name("bank")
LETTERS = "ABCDEF"
TEXTS = ("stem", "explanation", "source")
FIELDS = frozenset(
    {"code", "category", "kind", "roles", "census_kinds", "options", "answer", *TEXTS}
)


class Category(StrEnum):
    """What a question is about."""

    LAW = "law"
    BASICS = "basics"
    FORMS = "forms"
    SOFTWARE = "software"


class Kind(StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    JUDGEMENT = "judgement"


class Role(StrEnum):
    """Whom a paper is made for."""

    ENUMERATOR = "enumerator"
    SUPERVISOR = "supervisor"


class CensusKind(StrEnum):
    """Which census a paper is made for."""

    AGRICULTURE = "agriculture"
    ECONOMIC = "economic"


BOTH_ROLES = "both"
ANY_CENSUS = "any"

CATEGORY_NAMES: Mapping[str, _StrPromise] = {
    Category.LAW: _("Laws and regulations"),
    Category.BASICS: _("Basic knowledge"),
    Category.FORMS: _("Filling in the census forms"),
    Category.SOFTWARE: _("Using the census software"),
}
KIND_NAMES: Mapping[str, _StrPromise] = {
    Kind.SINGLE: _("One answer"),
    Kind.MULTIPLE: _("Several answers"),
    Kind.JUDGEMENT: _("True or false"),
}


class BadBank(ValueError):
    """The bank on disk breaks its own rules; the text names the question and the rule."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its key; a question that is reworded gets a new code."""

    code: str
    category: Category
    kind: Kind
    roles: frozenset[str]
    census_kinds: frozenset[str]
    stem: str
    options: tuple[str, ...]
    right: frozenset[int]
    explanation: str
    source: str

    def suits(self, *, role: str, census_kind: str) -> bool:
        """Return whether this question may stand in a paper for that role and census."""
        return role in self.roles and census_kind in self.census_kinds


@cache
def load() -> tuple[Question, ...]:
    """Return the whole bank in the order of its codes."""
    rows = [
        row
        for path in sorted(FOLDER.glob("*.json"))
        for row in json.loads(path.read_text(encoding="utf-8"))
    ]
    return parse(rows)


def parse(rows: Iterable[Mapping[str, Any]]) -> tuple[Question, ...]:
    """Return checked questions, or raise BadBank with the first thing that is wrong."""
    return in_order(_question(row) for row in rows)


def in_order(found: Iterable[Question]) -> tuple[Question, ...]:
    """Return questions in the order of their codes, or raise BadBank where two are alike."""
    questions = sorted(found, key=lambda question: question.code)
    for name in ("code", "stem"):
        seen: set[str] = set()
        for question in questions:
            value = str(getattr(question, name))
            if value in seen:
                raise BadBank(f"{question.code}: the {name} is used twice")
            seen.add(value)
    return tuple(questions)


def by_code(questions: Iterable[Question]) -> dict[str, Question]:
    """Return the questions keyed by their code."""
    return {question.code: question for question in questions}


def _question(row: Mapping[str, Any]) -> Question:
    code = str(row.get("code", "?"))
    if set(row) != FIELDS:
        raise BadBank(f"{code}: the fields must be exactly {sorted(FIELDS)}")
    for name in TEXTS:
        if not isinstance(row[name], str) or not row[name].strip():
            raise BadBank(f"{code}: {name} is empty")
    try:
        category, kind = Category(row["category"]), Kind(row["kind"])
        roles = _named(row["roles"], Role, BOTH_ROLES)
        kinds = _named(row["census_kinds"], CensusKind, ANY_CENSUS)
    except ValueError as error:
        raise BadBank(f"{code}: {error}") from error
    options = tuple(row["options"])
    return Question(
        code=code,
        category=category,
        kind=kind,
        roles=roles,
        census_kinds=kinds,
        stem=row["stem"],
        options=options,
        right=_right(code, kind, options, list(row["answer"])),
        explanation=row["explanation"],
        source=row["source"],
    )


def _named(value: str | Iterable[str], words: type[Word], everything: str) -> frozenset[str]:
    if value == everything:
        return frozenset(words)
    # The database keeps a list of words where the file has one.
    names = [value] if isinstance(value, str) else list(value)
    if not names:
        raise ValueError("nobody is named")
    return frozenset(words(name) for name in names)


def _right(code: str, kind: Kind, options: tuple[str, ...], answer: list[str]) -> frozenset[int]:
    if not 2 <= len(options) <= len(LETTERS) or len(set(options)) != len(options):
        raise BadBank(f"{code}: the options must be two to six different texts")
    letters = LETTERS[: len(options)]
    if any(len(letter) != 1 or letter not in letters for letter in answer):
        raise BadBank(f"{code}: the answer names an option that is not there")
    right = frozenset(letters.index(letter) for letter in answer)
    if len(right) != len(answer):
        raise BadBank(f"{code}: the answer names an option twice")
    if kind is Kind.JUDGEMENT and len(options) != 2:
        raise BadBank(f"{code}: a judgement has two options")
    # A multiple question where everything is right teaches people to tick everything.
    enough = 2 <= len(right) < len(options) if kind is Kind.MULTIPLE else len(right) == 1
    if not enough:
        raise BadBank(f"{code}: {len(right)} right answers do not fit {kind}")
    return right
