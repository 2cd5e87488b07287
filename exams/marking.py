"""Marking, without a database: rows of taps in, a mark out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Below this share of its points a category is named as one to study again.
WEAK_BELOW_PERCENT = 80

Picked = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One acknowledged tap: which page of which opening, which tap on it, what stood ticked after it."""

    operation: str
    page: int
    sequence: int
    question: str
    picked: Picked


@dataclass(frozen=True, slots=True)
class Item:
    """One question of one person's paper as it is marked, in the letters that person saw."""

    question: str
    category: str
    kind: str
    points: int
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class CategoryMark:
    """What one category brought."""

    category: str
    earned: int
    possible: int
    right: int
    asked: int

    @property
    def percent(self) -> int:
        """Return the share of this category's points that was earned, rounded down."""
        return self.earned * 100 // self.possible if self.possible else 100


@dataclass(frozen=True, slots=True)
class Mark:
    """The result of one attempt."""

    score: int
    possible: int
    answered: int
    categories: tuple[CategoryMark, ...]
    earned: Mapping[str, int]

    def passes(self, pass_mark: int) -> bool:
        """Return whether the score reaches the pass mark."""
        return self.score >= pass_mark

    def weak(self, *, below_percent: int = WEAK_BELOW_PERCENT) -> tuple[CategoryMark, ...]:
        """Return the categories to study again, the weakest first."""
        poor = [row for row in self.categories if row.earned * 100 < below_percent * row.possible]
        return tuple(sorted(poor, key=lambda row: (row.percent, row.category)))


def fold(rows: Iterable[AnswerRow]) -> dict[str, Picked]:
    """Return what finally stands for each question: the newest page wins, then the highest sequence."""
    last: dict[str, AnswerRow] = {}
    for row in rows:
        held = last.get(row.question)
        if held is None or _rank(row) > _rank(held):
            last[row.question] = row
    return {question: _tidy(row.picked) for question, row in sorted(last.items())}


def earned(item: Item, picked: Iterable[str], *, partial: bool = False) -> int:
    """Return the points of one answer: all or nothing, or half where part of it may count."""
    ticked = frozenset(picked)
    if ticked == item.right:
        return item.points
    is_part = bool(ticked) and ticked < item.right
    return item.points // 2 if partial and item.kind == "multiple" and is_part else 0


def mark(items: Sequence[Item], answers: Mapping[str, Picked], *, partial: bool = False) -> Mark:
    """Return the mark of a paper; an answer to a question that is not in it counts for nothing."""
    points = {
        item.question: earned(item, answers.get(item.question, ()), partial=partial)
        for item in items
    }
    return Mark(
        score=sum(points.values()),
        possible=sum(item.points for item in items),
        answered=sum(1 for item in items if answers.get(item.question)),
        categories=_by_category(items, points),
        earned=points,
    )


def _rank(row: AnswerRow) -> tuple[int, int, str, Picked]:
    # The operation only breaks a tie that no honest phone makes, so that any order gives one answer.
    return row.page, row.sequence, row.operation, _tidy(row.picked)


def _tidy(picked: Picked) -> Picked:
    return tuple(sorted(set(picked)))


def _by_category(items: Sequence[Item], points: Mapping[str, int]) -> tuple[CategoryMark, ...]:
    names = dict.fromkeys(item.category for item in items)
    rows = []
    for name in names:
        asked = [item for item in items if item.category == name]
        rows.append(
            CategoryMark(
                category=name,
                earned=sum(points[item.question] for item in asked),
                possible=sum(item.points for item in asked),
                right=sum(1 for item in asked if points[item.question] == item.points),
                asked=len(asked),
            )
        )
    return tuple(rows)
