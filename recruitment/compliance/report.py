"""The figures of a run: county by county, reason by reason, and what the freeze could not know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone

from census_staff.batches.models import Batch, BatchItem

from .questions import accounts, by_office, counties, fold, hit, standards_of

# How many keys of people a report keeps beside its counts.
KEPT_KEYS = 5000


@dataclass
class Row:
    """A county of the matrix: who is listed by first reason, who is exempt, what became of them."""

    county: int
    name: str
    reasons: dict[str, int] = field(default_factory=dict)
    exempt: int = 0
    pending: int = 0
    done: int = 0
    spared: int = 0
    undone: int = 0
    kept: int = 0

    @property
    def listed(self) -> int:
        """Return how many the frozen list named for disabling, whatever became of them."""
        return sum(self.reasons.values())


def matrix(batch: Batch, items: "QuerySet[BatchItem]") -> tuple[list[Row], Row]:
    """Return a row for each county, and their sum; a person counts under the first reason."""
    above = counties(batch.office.path)
    first = KeyTextTransform("0", KeyTransform("unmet", "facts"))
    told = KeyTextTransform("was_exempt", "facts")
    counted = items.order_by().values("office_id", "state", "reason", first=first, told=told)
    rows: dict[int, Row] = {}
    whole = Row(0, "")
    for line in counted.annotate(n=Count("pk")):
        county = above[line["office_id"]]
        row = rows.setdefault(county.pk, Row(county.pk, county.short_name or county.name))
        for each in (row, whole):
            _add(each, line)
    codes = standards_of(batch)
    for row in (*rows.values(), whole):
        row.reasons = {code: row.reasons.get(code, 0) for code in codes}
    return sorted(rows.values(), key=lambda row: (-row.listed, row.name)), whole


def _add(row: Row, line: Mapping[str, Any]) -> None:
    n, state = line["n"], line["state"]
    if line["told"]:
        # Exempt before the freeze: shown on the list, never to be disabled.
        row.exempt += n
        return
    row.reasons[line["first"]] = row.reasons.get(line["first"], 0) + n
    setattr(row, state, getattr(row, state) + n)


def spared_by(items: "QuerySet[BatchItem]") -> dict[str, int]:
    """Return how many were spared (and put back, as `sitting`), by reason."""
    told = items.exclude(facts__has_key="was_exempt").filter(state__in=("spared", "pending"))
    rows = told.exclude(reason="").order_by().values_list("reason").annotate(n=Count("pk"))
    return dict(rows)


def final_report(batch: Batch, at: datetime) -> dict[str, Any]:
    """Return what is kept with the batch: figures by county, reasons, lateness, later cases."""
    rows, _whole = matrix(batch, batch.items.all())
    return {
        "counties": [
            {"county": row.county, "name": row.name, "listed": row.listed, "exempt": row.exempt}
            | {"disabled": row.done, "spared": row.spared}
            for row in rows
        ],
        "spared": spared_by(batch.items.all()),
        "late": batch.items.filter(reason="met_late").count(),
        "after_freeze": after_freeze(batch, at),
    }


def after_freeze(batch: Batch, at: datetime) -> dict[str, Any]:
    """Return who would be hit now but is not on the list: added since, or fallen since."""
    items = BatchItem.objects.filter(batch=batch.pk, target_id=OuterRef("pk"))
    # Whoever was exempt at the freeze and is no longer has fallen since.
    items = items.exclude(facts__has_key="was_exempt")
    extra = hit(accounts(batch), batch, timezone.localdate(at)).filter(~Exists(items))
    added = extra.filter(activated_at__gt=batch.frozen_at)
    fallen = extra.exclude(activated_at__gt=batch.frozen_at)
    above = counties(batch.office.path)
    found: dict[str, Any] = {}
    for name, rows in (("added", added), ("fallen", fallen)):
        numbers = fold(by_office(rows), above)
        keys = rows.order_by("pk").values_list("pk", flat=True)[:KEPT_KEYS]
        found[name] = {
            "count": sum(numbers.values()),
            "counties": {str(county): n for county, n in numbers.items()},
            "staff": list(keys),
        }
    return found
