"""The blueprint as the office sees it: lines by category, what the bank holds, the weights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import bank
from .papers import WEIGHTY, Blueprint, Line

# How wide the picture of the weights is drawn, and the gap between two of its bars.
WIDTH, GAP = 676, 2
SHADES = {"law": "fill-2", "basics": "fill-3", "forms": "fill", "software": "fill"}
ANY = "any"


@dataclass(frozen=True)
class Row:
    """A line of the table, whether or not the blueprint draws from it."""

    key: str
    category: str
    kind: str
    label: str | Promise
    count: int
    points: int
    held: int

    @property
    def total(self) -> int:
        """Return what the line is worth."""
        return self.count * self.points

    @property
    def is_short(self) -> bool:
        """Return whether the bank holds too few questions."""
        return self.count > self.held


@dataclass(frozen=True)
class Group:
    """The lines of one category."""

    category: str
    label: str | Promise
    rows: list[Row]

    @property
    def total(self) -> int:
        """Return what the category is worth."""
        return sum(row.total for row in self.rows)


@dataclass(frozen=True)
class Bar:
    """One bar of the picture of the weights."""

    label: str | Promise
    points: int
    x: float
    width: float
    shade: str
    is_dark: bool

    @property
    def middle(self) -> float:
        """Return where the words of the bar are centred."""
        return self.x + self.width / 2


def groups(
    blueprint: Blueprint, questions: Iterable[bank.Question], *, role: str, census_kind: str
) -> list[Group]:
    """Return the table: every category and kind with count, points and what the bank holds."""
    pool = [one for one in questions if one.suits(role=role, census_kind=census_kind)]
    drawn = {(line.category, line.kind): line for line in blueprint.lines}
    found = []
    for category in bank.Category:
        kinds: list[bank.Kind | None] = list(bank.Kind)
        # A line open to all kinds is shown where somebody made one.
        kinds += [None] if (category, None) in drawn else []
        rows = [_row(category, kind, drawn.get((category, kind)), pool) for kind in kinds]
        found.append(Group(str(category), bank.CATEGORY_NAMES[category], rows))
    return found


def weights(found: Iterable[Group]) -> dict[str, Any]:
    """Return the bars of the picture and the share of what must weigh most."""
    found = list(found)
    total = sum(group.total for group in found)
    bars, x = [], 0.0
    for group in found:
        width = WIDTH * group.total / total if total else 0
        bar = Bar(
            group.label, group.total, x, max(0.0, width - GAP), SHADES[group.category],
            group.category in WEIGHTY,
        )  # fmt: skip
        bars += [bar] if group.total else []
        x += width
    heavy = [bar for bar in bars if bar.is_dark]
    weighty = sum(bar.points for bar in heavy)
    return {
        "bars": bars,
        "total": total,
        "weighty": weighty,
        "percent": weighty * 100 // total if total else 0,
        "from": heavy[0].x if heavy else 0,
        "until": heavy[-1].x + heavy[-1].width if heavy else 0,
        "middle": (heavy[0].x + heavy[-1].x + heavy[-1].width) / 2 if heavy else 0,
        "is_enough": weighty * 2 > total,
    }


def lines_from(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the blueprint that a form's cells describe; a line without questions is left out."""
    kept = []
    for category in bank.Category:
        for kind in (*bank.Kind, ANY):
            key = f"{category}_{kind}"
            count = values.get(f"count_{key}") or 0
            if count:
                kept.append(
                    {
                        "category": str(category),
                        "kind": "" if kind == ANY else str(kind),
                        "count": count,
                        "points": values.get(f"points_{key}") or 0,
                    }
                )
    return kept


def _row(
    category: bank.Category,
    kind: bank.Kind | None,
    line: Line | None,
    pool: Iterable[bank.Question],
) -> Row:
    held = sum(1 for one in pool if one.category is category and kind in (None, one.kind))
    label = bank.KIND_NAMES[kind] if kind else _("Any kind")
    return Row(
        key=f"{category}_{kind or ANY}",
        category=str(category),
        kind=str(kind or ""),
        label=label,
        count=line.count if line else 0,
        points=line.points if line else 2,
        held=held,
    )
