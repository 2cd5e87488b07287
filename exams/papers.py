"""Blueprints and papers, without a database: what is asked of whom, in which order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused

from .bank import CATEGORY_NAMES, LETTERS, Category, Kind, Question, Role, by_code
from .marking import Item, Picked

TOTAL_POINTS = 100
# The notice asks that filling in the forms and using the software weigh most.
WEIGHTY = (Category.FORMS, Category.SOFTWARE)
FORMAT = 1


class StoredItem(TypedDict):
    """One question of a stored paper: which, worth how much, its options in which order."""

    question: str
    points: int
    options: list[int]


class StoredPaper(TypedDict):
    """A paper as it is kept beside the attempt: no text and no key."""

    format: int
    seed: str
    items: list[StoredItem]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a blueprint; without a kind it draws from all kinds."""

    category: Category
    count: int
    points: int
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What every paper of an exam is made of."""

    lines: tuple[Line, ...]

    @property
    def questions(self) -> int:
        """Return how many questions a paper has."""
        return sum(line.count for line in self.lines)

    @property
    def points(self) -> int:
        """Return how many points a paper is worth."""
        return sum(line.count * line.points for line in self.lines)

    @property
    def weighty_points(self) -> int:
        """Return how many of the points filling-in and software make."""
        return sum(line.count * line.points for line in self.lines if line.category in WEIGHTY)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the lines as they are kept in the exam's settings."""
        return [
            {
                "category": str(line.category),
                "kind": str(line.kind) if line.kind else "",
                "count": line.count,
                "points": line.points,
            }
            for line in self.lines
        ]

    @classmethod
    def from_json(cls, kept: Iterable[Any]) -> Blueprint:
        """Return the blueprint kept as JSON, a list of lines or category -> numbers, or refuse it."""
        try:
            if isinstance(kept, Mapping):
                kept = [{**numbers, "category": name} for name, numbers in kept.items()]
            return cls(tuple(_line(line) for line in kept))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Refused(
                "blueprint_malformed",
                _("A line of the blueprint is not readable. Check its category, kind and numbers."),
            ) from error


def _mixed(category: Category, single: int, multiple: int, judgement: int) -> tuple[Line, ...]:
    return (
        Line(category, single, 2, Kind.SINGLE),
        Line(category, multiple, 2, Kind.MULTIPLE),
        Line(category, judgement, 2, Kind.JUDGEMENT),
    )


# 50 questions of 2 points: 16 + 16 + 36 + 32, so 68 of the 100 are filling-in and software.
DEFAULT_BLUEPRINT = Blueprint(
    _mixed(Category.LAW, 4, 2, 2)
    + _mixed(Category.BASICS, 4, 2, 2)
    + _mixed(Category.FORMS, 10, 4, 4)
    + _mixed(Category.SOFTWARE, 8, 4, 4)
)


def validate(
    blueprint: Blueprint,
    questions: Sequence[Question],
    *,
    census_kind: str,
    roles: Iterable[str] = tuple(Role),
) -> None:
    """Refuse a blueprint that must not be published: wrong weights, or a bank that cannot fill it."""
    check_weights(blueprint)
    for role in roles:
        check_bank(blueprint, questions, role=role, census_kind=census_kind)


def check_weights(blueprint: Blueprint) -> None:
    """Refuse a blueprint whose numbers break the rules, whatever the bank holds."""
    if any(line.count < 1 or line.points < 1 for line in blueprint.lines) or not blueprint.lines:
        raise Refused(
            "blueprint_empty_line",
            _("Every line of the blueprint needs at least one question and one point."),
        )
    pairs = [(line.category, line.kind) for line in blueprint.lines]
    if len(set(pairs)) != len(pairs):
        raise Refused(
            "blueprint_line_twice",
            _("The blueprint names a category and kind twice. Join the two lines."),
        )
    if blueprint.points != TOTAL_POINTS:
        raise Refused(
            "blueprint_total",
            _("The paper must be worth 100 points. Change the counts or the points."),
            details={"points": blueprint.points},
        )
    if blueprint.weighty_points * 2 <= blueprint.points:
        raise Refused(
            "blueprint_weight",
            _("Form filling and software together must make more than half of the points."),
            details={"points": blueprint.weighty_points},
        )


def check_bank(
    blueprint: Blueprint, questions: Sequence[Question], *, role: str, census_kind: str
) -> None:
    """Refuse a blueprint that the bank cannot fill for this role and census."""
    pool = [one for one in questions if one.suits(role=role, census_kind=census_kind)]
    for line, drawn in _drawn(blueprint, pool, lambda question: question.code):
        if len(drawn) < line.count:
            raise Refused(
                "bank_too_small",
                _("The bank holds too few questions for one line. Ask for fewer, or add some."),
                details={
                    "category": str(line.category),
                    "category_name": CATEGORY_NAMES[line.category],
                    "kind": str(line.kind or ""),
                    "role": str(role),
                    "wanted": line.count,
                    "held": len(drawn),
                },
            )


def make_paper(
    questions: Sequence[Question],
    blueprint: Blueprint,
    seed: int | str,
    *,
    role: str,
    census_kind: str,
) -> StoredPaper:
    """Return the paper this seed makes: the same for the same seed and bank, on any machine."""
    check_bank(blueprint, questions, role=role, census_kind=census_kind)
    pool = [one for one in questions if one.suits(role=role, census_kind=census_kind)]
    chance = _chance(str(seed))
    items = [
        StoredItem(question=question.code, points=line.points, options=_shuffled(question, chance))
        for line, drawn in _drawn(blueprint, pool, lambda one: chance("draw", one.code))
        for question in drawn
    ]
    items.sort(key=lambda item: chance("place", item["question"]))
    return StoredPaper(format=FORMAT, seed=str(seed), items=items)


def public_view(paper: StoredPaper, questions: Iterable[Question]) -> list[dict[str, Any]]:
    """Return what the person sitting the exam may see: everything but the key and its reasons."""
    held = by_code(questions)
    return [
        _shown(number, item, held[item["question"]])
        for number, item in enumerate(paper["items"], start=1)
    ]


def marking_sheet(paper: StoredPaper, questions: Iterable[Question]) -> tuple[Item, ...]:
    """Return the paper with its key, in the letters the person saw, for `marking.mark`."""
    held = by_code(questions)
    return tuple(_item(item, held[item["question"]]) for item in paper["items"])


def explained_view(
    paper: StoredPaper, questions: Iterable[Question], answers: Mapping[str, Picked]
) -> list[dict[str, Any]]:
    """Return the paper with answers, key and reasons; only for after the window has closed."""
    held = by_code(questions)
    rows = []
    for number, item in enumerate(paper["items"], start=1):
        question = held[item["question"]]
        row = _shown(number, item, question)
        row["picked"] = list(answers.get(question.code, ()))
        row["right"] = sorted(_item(item, question).right)
        row["explanation"] = question.explanation
        row["source"] = question.source
        rows.append(row)
    return rows


def check_picked(
    paper: StoredPaper, questions: Mapping[str, Question], code: str, picked: Sequence[str]
) -> Picked:
    """Return a tidy answer, or refuse one that this paper does not offer; none ticked clears it."""
    item = next((one for one in paper["items"] if one["question"] == code), None)
    letters = LETTERS[: len(item["options"])] if item else ""
    tidy = tuple(sorted(set(picked)))
    is_offered = item is not None and all(len(one) == 1 and one in letters for one in tidy)
    if not is_offered or (questions[code].kind is not Kind.MULTIPLE and len(tidy) > 1):
        raise Refused(
            "answer_not_offered",
            _("This answer does not belong to your paper. Load the page again and answer anew."),
        )
    return tidy


def _drawn(
    blueprint: Blueprint, pool: Sequence[Question], order: Callable[[Question], str]
) -> list[tuple[Line, list[Question]]]:
    left = {question.code: question for question in sorted(pool, key=order)}
    drawn: list[tuple[Line, list[Question]]] = []
    # Lines that name a kind draw first, so that a line open to all kinds takes what is over.
    for line in sorted(blueprint.lines, key=lambda one: one.kind is None):
        fitting = [
            one
            for one in left.values()
            if one.category is line.category and line.kind in (None, one.kind)
        ][: line.count]
        for question in fitting:
            del left[question.code]
        drawn.append((line, fitting))
    return drawn


def _chance(seed: str) -> Callable[..., str]:
    # Hashing instead of `random`: no version of Python may ever deal another paper for a seed.
    def place(*parts: str) -> str:
        return hashlib.sha256("\n".join((seed, *parts)).encode()).hexdigest()

    return place


def _shuffled(question: Question, chance: Callable[..., str]) -> list[int]:
    order = list(range(len(question.options)))
    if question.kind is Kind.JUDGEMENT:
        return order
    return sorted(order, key=lambda index: chance("option", question.code, str(index)))


def _shown(number: int, item: StoredItem, question: Question) -> dict[str, Any]:
    return {
        "number": number,
        "question": question.code,
        "category": str(question.category),
        "kind": str(question.kind),
        "points": item["points"],
        "stem": question.stem,
        "options": [
            {"letter": LETTERS[place], "text": question.options[index]}
            for place, index in enumerate(item["options"])
        ],
    }


def _item(item: StoredItem, question: Question) -> Item:
    return Item(
        question=question.code,
        category=str(question.category),
        kind=str(question.kind),
        points=item["points"],
        right=frozenset(
            LETTERS[place] for place, index in enumerate(item["options"]) if index in question.right
        ),
    )


def _line(line: Mapping[str, Any]) -> Line:
    kind = line.get("kind") or ""
    return Line(
        category=Category(line["category"]),
        count=int(line["count"]),
        points=int(line["points"]),
        kind=Kind(kind) if kind else None,
    )
